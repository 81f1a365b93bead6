"""What the ledger records, as its readers see it; nothing here needs a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from salesworthy.domain.errors import DataLimitExceeded, GateRefused, WrongUsage


class Expected(Enum):
    """What a promotion may assume of the champion it replaces, besides its version (None: there is none)."""

    ANY = "any"


ANY_CHAMPION: Final = Expected.ANY
"""Pass as ``expected`` to replace whichever champion stands."""


class Action(StrEnum):
    """What an audit event says was done. The values are public."""

    REGISTER_MODEL = "register_model"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RECORD_RUN = "record_run"
    RECORD_LEADS = "record_leads"
    RECORD_DECISIONS = "record_decisions"
    RECORD_FEEDBACK = "record_feedback"
    RECORD_OVERRIDE = "record_override"
    APPROVE_POLICY = "approve_policy"
    OPEN_REVIEW = "open_review"
    PROPOSE = "propose"
    VOTE = "vote"
    ADOPT = "adopt"
    REVERT = "revert"
    ERASE = "erase"
    SET_USER = "set_user"
    ISSUE_TOKEN = "issue_token"  # noqa: S105  # an act, not a secret
    REVOKE_TOKEN = "revoke_token"  # noqa: S105


@dataclass(frozen=True)
class ModelVersion:
    """A registered model: grain one per version, never changed.

    ``bundle_sha256`` is the hash of the bundle's ``bundle.json``; ``figures`` are those it was judged by; times are in
    microseconds UTC; ``mlflow_run_id`` is None when MLflow could not be reached.
    """

    version: str
    bundle_sha256: str
    trained_as_of: int
    data_fingerprint: str
    figures: Mapping[str, Any]
    mlflow_run_id: str | None
    registered_at: int


@dataclass(frozen=True)
class Promotion:
    """One change of champion, forwards (``promote``) or back (``rollback``), by a named person."""

    sequence: int
    version: str
    previous_version: str | None
    by: str
    at: int
    action: str
    note: str

    def as_dict(self) -> dict[str, Any]:
        """The promotion as JSON prints it."""
        return asdict(self)


@dataclass(frozen=True)
class RunRecord:
    """A published run: grain one per run id."""

    run_id: str
    kind: str
    as_of: int
    model_version: str
    policy_version: str | None
    data_fingerprint: str
    manifest_sha256: str
    counts: Mapping[str, int]
    recorded_at: int


@dataclass(frozen=True)
class AuditEvent:
    """Who did what to which subject; ``details`` is the row that was written with it, as JSON."""

    sequence: int
    at: int
    actor: str
    action: str
    subject: str
    details: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class AuditCheck:
    """An audit trail that holds: how many events, and the hash of the last.

    Keep the hash elsewhere to notice later that the end of the trail was cut off together with the rows it speaks of:
    no chain can show that by itself.
    """

    events: int
    head: str


class ChampionChanged(GateRefused):
    """Somebody else changed the champion between looking and promoting; look again."""


class LedgerDamaged(DataLimitExceeded):
    """The audit trail and the recorded rows no longer agree; the message names the first bad row."""

    def __init__(self, what: str, *, where: str) -> None:
        todo = "restore the ledger from a backup, and find out who wrote to it"
        super().__init__(what, where=f"ledger, {where}", todo=todo)


def named(by: str) -> str:
    """The name of who does something.

    Raises:
        WrongUsage: When nobody is named.
    """
    if not by.strip():
        raise WrongUsage("nobody is named", where="--by", todo='say who decides: --by "J. Doe"')
    return by.strip()
