"""Governance: the policy of a workspace or a proposal beside it, opened, tried on its cases, compared and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import format_moment, from_micros, zone
from salesworthy.domain.names import nearest
from salesworthy.features.catalogue import Catalogue
from salesworthy.policy.approvals import FILE, TITLES, approve, status_line
from salesworthy.policy.differences import Difference, differences
from salesworthy.policy.document import Policy
from salesworthy.policy.handbook import handbook
from salesworthy.policy.handbook_page import handbook_page
from salesworthy.policy.loading import load_policy
from salesworthy.policy.parts import Day
from salesworthy.rules.checking import load_checked_policy
from salesworthy.rules.columns import RuleColumns
from salesworthy.runs.check import checked_tables
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.run_policy import policy_folder, what_rules_read
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.runs.policy_cases import CaseResult


@dataclass(frozen=True)
class OpenPolicy:
    """A policy that was checked against a workspace, with what it was checked against.

    Attributes:
        folder: Where its files are.
        policy: The document.
        checked: The workspace's tables.
        catalogue: Its features.
        columns: What rules may read.
    """

    folder: Path
    policy: Policy
    checked: CheckedTables
    catalogue: Catalogue
    columns: RuleColumns


def open_policy(workspace: Workspace, folder: Path | None = None, *, progress: Progress = silent) -> OpenPolicy:
    """A policy, checked against the tables and features of a workspace.

    Args:
        workspace: Whose tables and features.
        folder: Where the policy is; the workspace's own by default.
        progress: Told about the steps.

    Raises:
        UserError: When the workspace has no policy.
        ConfigurationMistakes: With every mistake of the policy, each with file and line.
    """
    place = folder_of(workspace, folder)
    checked = checked_tables(workspace, progress=progress)
    catalogue, columns = what_rules_read(workspace, checked)
    return OpenPolicy(place, load_checked_policy(place, columns), checked, catalogue, columns)


def folder_of(workspace: Workspace, folder: Path | None = None) -> Path:
    """Where a policy is: the folder that is named, or the workspace's own.

    Raises:
        UserError: When none is named and the workspace has none.
    """
    found = policy_folder(workspace) if folder is None else folder
    if found is None:
        raise UserError(
            "this workspace has no policy",
            where=str(workspace.folder),
            todo="write one in policy/, see docs/policy.md; `salesworthy init DIR --example` writes a complete one",
        )
    return found


def named(policy: Policy, folder: Path) -> dict[str, Any]:
    """Which policy something is about, as JSON writes it."""
    return {
        "folder": str(folder),
        "version": policy.version,
        "title": policy.policy.title,
        "content_sha256": policy.content_hash,
        "status": status_line(policy),
        "approved": policy.is_approved,
    }


def try_cases(
    workspace: Workspace, codes: Sequence[str] = (), *, folder: Path | None = None, progress: Progress = silent
) -> tuple[OpenPolicy, tuple[CaseResult, ...]]:
    """The worked cases of a policy, end to end.

    Args:
        workspace: Whose tables and features.
        codes: Only these cases; all by default.
        folder: Where the policy is; the workspace's own by default.
        progress: Told about the steps.

    Raises:
        WrongUsage: When there is no such case.
        ConfigurationMistakes: When the policy has mistakes, or a case states a fact that the workspace does not know.
    """
    from salesworthy.runs.policy_cases import run_cases

    found = open_policy(workspace, folder, progress=progress)
    by_code = {case.code: case for case in found.policy.cases}
    for code in codes:
        if code not in by_code:
            raise WrongUsage(f"there is no worked case {code!r}", where="CASE", todo=nearest(code, by_code))
    chosen = [by_code[code] for code in dict.fromkeys(codes)] if codes else list(found.policy.cases)
    progress("worked cases", 0.0)
    with workspace.open_engine() as engine:
        results = run_cases(
            engine,
            found.policy,
            chosen,
            catalogue=found.catalogue,
            columns=found.columns,
            schema=found.checked.schema,
        )
    progress("worked cases", 1.0)
    return found, results


@dataclass(frozen=True)
class Compared:
    """Two policies and what differs between them."""

    old: Policy
    new: Policy
    differences: tuple[Difference, ...]


def compare(old: Path, new: Path) -> Compared:
    """What differs between the policies in two folders.

    Raises:
        ConfigurationMistakes: When one of them has mistakes.
    """
    before, after = load_policy(old), load_policy(new)
    return Compared(before, after, differences(before, after))


@dataclass(frozen=True)
class Signed:
    """A signature: the policy with it, who signed, and whether it stood there before."""

    folder: Path
    policy: Policy
    role: str
    by: str
    on: Day
    stood_already: bool

    def as_dict(self) -> dict[str, Any]:
        """The signature as ``policy approve --json`` prints it."""
        return {
            "role": self.role,
            "by": self.by,
            "on": self.on.isoformat(),
            "stood_already": self.stood_already,
            "file": str(self.folder / FILE),
            "missing": [TITLES[role] for role in self.policy.unsigned_roles],
            **named(self.policy, self.folder),
        }


def sign(
    workspace: Workspace, *, role: str, by: str, now: int, folder: Path | None = None, progress: Progress = silent
) -> Signed:
    """Sign the present content of a policy; nobody signs what does not fit the workspace.

    A signature that stands already is left as it is. The ledger records every signature.

    Args:
        workspace: Whose policy.
        role: In which role.
        by: Who signs.
        now: When this happens, in microseconds; the day is that of the workspace's time zone.
        folder: Where the policy is; the workspace's own by default.
        progress: Told about the steps.

    Raises:
        WrongUsage: When there is no such role, or nobody is named.
        ConfigurationMistakes: When the policy has mistakes.
        GateRefused: When the same person signed in another role.
    """
    on = day_of(workspace, now)
    found = open_policy(workspace, folder, progress=progress)
    before = found.policy.signed_by.get(role)
    if before is not None and before.by == by.strip():
        signed = Signed(found.folder, found.policy, role, before.by, before.on, stood_already=True)
    else:
        policy = approve(found.folder, role=role, by=by, on=on)
        signed = Signed(found.folder, policy, role, by.strip(), on, stood_already=False)
    _note(workspace, signed, now=now)
    return signed


def _note(workspace: Workspace, signed: Signed, *, now: int) -> None:
    """The ledger hears of a signature that stood already too: whoever wrote it may have died before it was recorded."""
    from salesworthy.ledger.approvals import SignedPolicy

    policy, day = signed.policy, signed.on.isoformat()
    workspace.ledger.approvals.record(
        SignedPolicy(policy.version, policy.content_hash, signed.role, signed.by, day, now)
    )


def day_of(workspace: Workspace, moment: int) -> Day:
    """The day of a moment where the workspace is."""
    return from_micros(moment).astimezone(zone(workspace.settings.workspace.timezone)).date()


def handbook_text(policy: Policy, *, as_of: int, page: bool) -> str:
    """The handbook of a policy: Markdown, or a page that needs nothing else.

    Args:
        policy: The policy.
        as_of: Values of that moment are shown; days are UTC, as in decisions.
        page: Whether an HTML page is wanted.
    """
    text = handbook(policy, from_micros(as_of).date())
    return handbook_page(text) if page else text


def write_text(path: Path, text: str) -> None:
    """Write a file, complete or not at all.

    Raises:
        UserError: When it cannot be written there.
    """
    stage = path.with_name(f".{path.name}.stage")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stage.write_text(text, encoding="utf-8")
        stage.replace(path)
    except OSError as error:
        todo = "name another place, or mend permissions"
        raise UserError(f"this cannot be written: {error.strerror or error}", where=str(path), todo=todo) from error
    finally:
        stage.unlink(missing_ok=True)


def shown_day(as_of: int) -> str:
    """The day of a moment, as documents write it."""
    return format_moment(as_of)[:10]
