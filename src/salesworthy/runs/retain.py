"""Retention: what is held longer than the policy allows, table by table, and its purge.

A row is as old as its own moment; a lead is as old as the last thing that happened with it: it came, acted, was handed
over, or was judged. Whoever is past the limit goes from everything that the product wrote, as by an erasure, and stays
out of later exports. States of consent are needed for as long as their lead is held, and after that until their limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import GateRefused
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.intake.rejected_rows import RejectedRows
from salesworthy.intake.suppression import CONSENTS, DATED_BY, Suppression, Why, read_suppression
from salesworthy.policy.in_force import policy_at_moment
from salesworthy.runs.check import checked_tables
from salesworthy.runs.erase_find import people_of, twins_of
from salesworthy.runs.erase_held import ids_held
from salesworthy.runs.erase_places import all_locked, places_of
from salesworthy.runs.erase_published import heal
from salesworthy.runs.erase_receipt import pending
from salesworthy.runs.erase_rejected import purge_rejected, take_suppressed_away, without_rejected
from salesworthy.runs.erase_removal import remove, write_suppression
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.run_policy import policy_folder
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from salesworthy.intake.checked import CheckedTables
    from salesworthy.policy.document import Policy

BY = "retain"
"""Who purges, as the audit trail has it; the schedule behind it is signed in the policy."""
LEADS = "leads"
SOURCE = (
    "The source system and the raw exports still hold these rows: they belong to you, and are not changed. "
    "Purged rows stay out of intake from now on, and are counted as suppressed."
)


@dataclass(frozen=True)
class TableAge:
    """A table against its limit.

    Attributes:
        table: Its name.
        keep_days: How long rows are kept; None where the policy does not say.
        before: Rows from before this day or moment are past it.
        rows: Rows that are held.
        past: Of these, those past the limit.
        note: What must be said besides.
    """

    table: str
    keep_days: float | None
    before: str | None
    rows: int
    past: int
    note: str = ""


@dataclass(frozen=True)
class Retention:
    """What retention found, and whether it was purged.

    Attributes:
        policy_version: Whose limits; None where there is no policy.
        as_of: The moment that ages are counted to.
        applied: Whether what is past its limit was purged.
        tables: Table by table.
        leads_purged: Leads that went, or would go, from everything that was written.
        pending_erasures: Erasures that were begun and not finished: give their command again.
    """

    policy_version: str | None
    as_of: str
    applied: bool
    tables: tuple[TableAge, ...]
    leads_purged: int
    pending_erasures: int

    def as_dict(self) -> dict[str, Any]:
        """The report as ``retain --json`` prints it."""
        return {**asdict(self), "tables": [asdict(each) for each in self.tables], "notes": [SOURCE]}


def retain(
    workspace: Workspace, *, now: int, apply: bool = False, more: tuple[Path, ...] = (), progress: Progress = silent
) -> Retention:
    """Compare what is held with the limits of the policy, and purge it where asked to.

    Args:
        workspace: Whose tables and policy.
        now: This moment, in microseconds.
        apply: Whether to purge; an interrupted purge is finished by the next.
        more: Places where runs were published, beside those that the workspace remembers.
        progress: Told about the steps.

    Raises:
        GateRefused: When a purge is asked for under a policy that is not approved.
        RunLocked: When somebody publishes, erases or purges at this moment.
    """
    policy = _policy(workspace, approved=apply)
    limits = {} if policy is None else dict(policy_at_moment(policy, now).retention_days())
    progress("looking", 0.0)
    checked = checked_tables(workspace, progress=progress)
    before = {table: now - int(days * MICROSECONDS_PER_DAY) for table, days in limits.items() if table in DATED_BY}
    old = frozenset(_old_leads(checked, before[LEADS])) if LEADS in before else frozenset()
    tables = tuple(_age(checked, name, limits.get(name), before, old) for name in checked.paths)
    tables += tuple(_rejected_ages(workspace, limits, before))
    if apply:
        _purge(workspace, old, before, places_of(workspace, more), now=now, progress=progress)
    version = None if policy is None else policy.version
    return Retention(version, format_moment(now), apply, tables, len(old), pending(workspace))


def _policy(workspace: Workspace, *, approved: bool) -> Policy | None:
    from salesworthy.policy.approvals import check_can_decide
    from salesworthy.policy.loading import load_policy

    folder = policy_folder(workspace)
    if folder is None:
        if approved:
            raise GateRefused(
                "there is no policy, and so no limit that anybody approved",
                where="policy",
                todo="write a policy with a retention section: see docs/retention.md",
            )
        return None
    found = load_policy(folder)
    if approved:
        check_can_decide(found)
    return found


def _purge(
    workspace: Workspace,
    old: frozenset[str],
    before: Mapping[str, int],
    places: tuple[Path, ...],
    *,
    now: int,
    progress: Progress,
) -> None:
    with all_locked(workspace, places):
        for place in places:
            heal(place)
        old |= twins_of(workspace, old)
        found = read_suppression(workspace.folder).adding(old, why=Why.RETENTION, at=now)
        found = found.with_limits({table: at for table, at in before.items() if table != LEADS})
        found = without_rejected(found, workspace, people_of(workspace, old), at=now)
        found = purge_rejected(found, workspace, before, at=now)
        write_suppression(workspace, found)
        progress("purging", 0.0)
        gone = frozenset(old | _held_still(workspace, places, found))
        note = {"why": str(Why.RETENTION), "at": format_moment(now), "leads": len(gone)}
        remove(workspace, places, people_of(workspace, gone), note=note, by=BY, now=now)
        take_suppressed_away(workspace, found)


def _held_still(workspace: Workspace, places: tuple[Path, ...], found: Suppression) -> frozenset[str]:
    """Leads on the list that something written still names: a purge that died left them."""
    return frozenset(lead for lead in ids_held(workspace, places) if found.holds(lead))


def _old_leads(checked: CheckedTables, before: int) -> list[str]:
    """Leads with whom nothing happened since."""
    import polars as pl

    moments = [
        pl.scan_parquet(checked.paths[table]).select("lead_id", pl.col(column).alias("at"))
        for table, column in DATED_BY.items()
        if table in checked.paths and table != CONSENTS
    ]
    last = pl.concat(moments).group_by("lead_id").agg(pl.col("at").max())
    known = pl.scan_parquet(checked.paths[LEADS]).select("lead_id")
    old = last.filter(pl.col("at") < before).join(known, on="lead_id", how="semi")
    return old.select("lead_id").collect()["lead_id"].sort().to_list()


def _age(
    checked: CheckedTables, table: str, keep: float | None, before: Mapping[str, int], old: frozenset[str]
) -> TableAge:
    import polars as pl

    rows = pl.scan_parquet(checked.paths[table])
    total = int(rows.select(pl.len()).collect().item())
    if table not in DATED_BY:
        note = "" if keep is None else "it holds no persons: nothing of it is purged"
        return TableAge(table, keep, None, total, 0, note)
    past = rows.filter(_past(table, before.get(table), old)).select(pl.len()).collect().item()
    limit = before.get(table)
    return TableAge(table, keep, None if limit is None else format_moment(limit), total, int(past), _note(table))


def _rejected_ages(workspace: Workspace, limits: Mapping[str, float], before: Mapping[str, int]) -> Iterator[TableAge]:
    """Rows that were set aside, against the limit of the table that they were meant for."""
    record = RejectedRows(workspace.folder)
    held, past = (each.unique("id")["table"].to_list() for each in (record.rows(), record.past(before)))
    for table in sorted(set(held)):
        limit = None if table not in before else format_moment(before[table])
        name, rows, old = f"{table}: rows set aside", held.count(table), past.count(table)
        yield TableAge(name, limits.get(table), limit, rows, old, "as old as the check that met them first")


def _past(table: str, before: int | None, old: frozenset[str]) -> pl.Expr:
    import polars as pl

    gone = pl.col("lead_id").is_in(sorted(old))
    dated = pl.lit(value=False) if before is None else (pl.col(DATED_BY[table]) < before).fill_null(value=False)
    if table == LEADS:
        return gone
    return gone & dated if table == CONSENTS else gone | dated


def _note(table: str) -> str:
    says = {
        LEADS: "a lead is as old as the last thing that happened with it",
        CONSENTS: "states of leads that are held stay, whatever their age: they say whether contact is lawful",
    }
    return says.get(table, "")
