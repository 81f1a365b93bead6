"""Decisions handed to people: what was decided about whom, by what, on which evidence; never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading
from salesworthy.ledger.people import known_or_new
from salesworthy.ledger.records import Action
from salesworthy.ledger.tables import DECISIONS, LEAD_IDS, OVERRIDES

_SOME = 5_000


@dataclass(frozen=True)
class HandedDecision:
    """A decision that was handed to sales; grain one per run and lead.

    Attributes:
        run_id: The published run.
        lead_id: Whom it is about; None once the person was erased.
        as_of: The moment it was asked for, in microseconds.
        decision: MQL, or what it was when the lead was drawn for exploration.
        decided_by: The rule, ``propensity``, ``points``, an override, ...
        path: Which way it went to sales.
        criteria: The criteria set that applied.
        trigger: The high-intent action behind it.
        region: Of the site.
        propensity: The chance that was issued; None where points decided.
        probability: With which a lead like this was sent; 1 unless drawn at random.
        reasons: Codes of what spoke for it, the heaviest first.
        fit_grade: A to D.
        interest_grade: 1 to 4.
        owner: The team or person that it was routed to.
        respond_by: When sales was to have made contact, in microseconds.
        model_version: Behind the propensity.
        policy_version: Behind the decision.
        packet_file: Where in the run the packet is.
        packet_line: On which line, from 1.
        packet_sha256: Hash of that line.
    """

    run_id: str
    lead_id: str | None
    as_of: int
    decision: str
    decided_by: str
    path: str
    criteria: str | None = None
    trigger: str | None = None
    region: str | None = None
    propensity: float | None = None
    probability: float | None = None
    reasons: tuple[str, ...] = ()
    fit_grade: str | None = None
    interest_grade: str | None = None
    owner: str | None = None
    respond_by: int | None = None
    model_version: str | None = None
    policy_version: str | None = None
    packet_file: str | None = None
    packet_line: int | None = None
    packet_sha256: str | None = None


@dataclass(frozen=True)
class OverrideSeen:
    """An override that stood in the policy of a run; ``content_sha256`` names it, whom it is about and why."""

    code: str
    content_sha256: str
    decision: str
    owner: str
    starts: str
    expires: str


def record_decisions(
    connection: Connection, decisions: Sequence[HandedDecision], *, run_id: str, now: int, actor: str
) -> None:
    """Record the decisions of a run that is recorded in the same transaction."""
    if not decisions:
        return
    leads = [each.lead_id for each in decisions if each.lead_id is not None]
    keys = known_or_new(connection, leads, at=now, actor=actor)
    rows = [_as_row(each, keys) for each in decisions]
    audit.record_batch(connection, rows, at=now, actor=actor, action=Action.RECORD_DECISIONS, subject=run_id)


def record_overrides(
    connection: Connection, overrides: Sequence[OverrideSeen], *, policy_version: str, run_id: str, now: int, actor: str
) -> None:
    """Record the overrides of a run's policy that were not seen before, in the caller's transaction."""
    seen = set(connection.execute(select(OVERRIDES.c.content_sha256)).scalars())
    for each in overrides:
        if each.content_sha256 not in seen:
            row = {**vars(each), "policy_version": policy_version, "run_id": run_id, "at": now}
            audit.record(connection, row, at=now, actor=actor, action=Action.RECORD_OVERRIDE, subject=each.code)


class Decisions:
    """Decisions that were handed to people."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_run(self, run_id: str) -> tuple[HandedDecision, ...]:
        """Those of a run, in its order."""
        with reading(self._engine) as connection:
            return tuple(_decisions(connection, DECISIONS.c.run_id == run_id))

    def of_lead(self, lead_id: str) -> tuple[HandedDecision, ...]:
        """Those about a lead, oldest first."""
        with reading(self._engine) as connection:
            return tuple(_decisions(connection, LEAD_IDS.c.lead_id == lead_id))

    def of_leads(self, lead_ids: Sequence[str]) -> tuple[HandedDecision, ...]:
        """Those about some leads, in the order of recording."""
        with reading(self._engine) as connection:
            parts = [lead_ids[start : start + _SOME] for start in range(0, len(lead_ids), _SOME)]
            return tuple(each for some in parts for each in _decisions(connection, LEAD_IDS.c.lead_id.in_(some)))

    def until(self, moment: int) -> tuple[HandedDecision, ...]:
        """Every decision as of a moment up to that one, in the order of recording; microseconds."""
        with reading(self._engine) as connection:
            return tuple(_decisions(connection, DECISIONS.c.as_of <= moment))

    def overrides(self) -> tuple[OverrideSeen, ...]:
        """Every override that ever decided, in the order in which they were seen."""
        names = [each.name for each in fields(OverrideSeen)]
        with reading(self._engine) as connection:
            rows = connection.execute(select(OVERRIDES).order_by(OVERRIDES.c.sequence)).mappings()
            return tuple(OverrideSeen(**{name: row[name] for name in names}) for row in rows)


def _as_row(decision: HandedDecision, keys: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    row = {name: value for name, value in vars(decision).items() if name != "lead_id"}
    for name in ("propensity", "probability"):
        row[name] = None if row[name] is None else float(row[name])
    return {**row, "lead_key": keys[str(decision.lead_id)][0], "reasons": list(decision.reasons)}


def _decisions(connection: Connection, where: Any) -> Iterator[HandedDecision]:
    joined = DECISIONS.outerjoin(LEAD_IDS, DECISIONS.c.lead_key == LEAD_IDS.c.lead_key)
    found = select(DECISIONS, LEAD_IDS.c.lead_id).select_from(joined).where(where).order_by(DECISIONS.c.sequence)
    for row in connection.execute(found):
        yield _decision(row)


def _decision(row: Row[Any]) -> HandedDecision:
    given = {name: value for name, value in row._mapping.items() if name in _FIELDS}
    return HandedDecision(**{**given, "reasons": tuple(given["reasons"])})


_FIELDS = {each.name for each in fields(HandedDecision)}
