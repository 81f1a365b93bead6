"""The label rule of a workspace as its data need it: handoffs from before outcomes were recorded are no labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import format_moment
from salesworthy.outcomes.labels import LabelRule
from salesworthy.outcomes.recording import first_outcomes, recorded_since

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.workspace import Workspace

Moments = npt.NDArray[np.int64]


def rule_as_recorded(data: OpenTables, *, as_of: int) -> LabelRule:
    """The workspace's label rule; where it leaves open since when outcomes are recorded, that is found in the data.

    Features keep to what the workspace says: what later data show must not change an earlier feature.

    Args:
        data: Checked tables.
        as_of: Outcomes recorded by then are seen (microseconds).
    """
    rule = data.workspace.label_rule
    if data.workspace.settings.label.recorded_since != "found" or not _dated(data.checked):
        return rule
    return dataclasses.replace(rule, recorded_since=recorded_since(*_first_outcomes(data, rule, as_of)))


def start_findings(workspace: Workspace, checked: CheckedTables, *, now: int) -> tuple[Finding, ...]:
    """A finding where outcomes are recorded since a day that lies after the first handoffs."""
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.workspace import open_tables

    if not _dated(checked):
        return ()
    with workspace.open_engine() as engine:
        data = OpenTables(workspace, checked, engine, open_tables(engine, checked))
        handed_at, first_at = _first_outcomes(data, workspace.label_rule, now)
    since = recorded_since(handed_at, first_at)
    if since is None:
        return ()
    todo = f'say since when: label.recorded_since = "{format_moment(since)[:10]}"'
    says, earlier = late_start(since, handed_at), int((handed_at < since).sum())
    return (Finding("OUTCOMES_START_LATE", Severity.WARN, f"outcomes: {says}", "outcomes", "at", earlier, todo),)


def _first_outcomes(data: OpenTables, rule: LabelRule, as_of: int) -> tuple[Moments, npt.NDArray[np.float64]]:
    rows = data.engine.to_arrow(first_outcomes(data.tables, rule, until=as_of))
    first_at = rows["first_at"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return rows["handed_at"].to_numpy(), np.asarray(first_at, dtype=np.float64)


def _dated(checked: CheckedTables) -> bool:
    facts = checked.schema.get("outcomes", {}).get("at")
    ordered = {each.table for each in checked.findings if each.code == "ORDER_NOT_DATES"}
    return facts is not None and facts.present and not ordered & {"leads", "handoffs", "outcomes"}


def label_notes(checked: CheckedTables, rule: LabelRule, handed_at: Moments, *, as_of: int) -> tuple[str, ...]:
    """What must be said about labels made by a rule: a record that begins late, or an export that ends early."""
    from salesworthy.runs.data_dates import OUTCOMES_END_EARLY, date_findings

    notes = [] if rule.recorded_since is None else [late_start(rule.recorded_since, handed_at)]
    found = date_findings(checked, rule, now=as_of)
    return (*notes, *(f"{each.says}; {each.todo}" for each in found if each.code == OUTCOMES_END_EARLY))


def late_start(since: int, handed_at: Moments) -> str:
    """What a reader is told about a record of outcomes that begins after the first handoffs."""
    earlier = int((handed_at < since).sum())
    return (
        f"outcomes are recorded since {format_moment(since)[:10]}: {earlier:,} earlier handoff(s) have none because "
        "nobody wrote one down, and are no labels"
    )
