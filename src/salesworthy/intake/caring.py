"""Taking care of checked tables: what scores nothing and acts of machines are told apart, duplicates are joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from salesworthy.domain.errors import InternalError
from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.tables import Kind
from salesworthy.intake.care import Care
from salesworthy.intake.checked import ColumnFacts
from salesworthy.intake.duplicates_columns import identity_columns
from salesworthy.intake.duplicates_groups import Groups
from salesworthy.intake.limited import limited_database
from salesworthy.intake.machine_clicks_settings import MachineClickSettings
from salesworthy.intake.table_check import CheckedTable
from salesworthy.intake.table_reading import Desk

FOLLOWING = ("engagements", "handoffs", "outcomes")
"""Tables whose rows follow a lead; consents do so with care."""


@dataclass
class Cared:
    """Tables under care, and what was said about them."""

    tables: dict[str, CheckedTable]
    desk: Desk
    merged: dict[str, Path] = field(default_factory=dict)
    uncertain: dict[str, Path] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def paths(self) -> dict[str, Path]:
        """The files of kept rows."""
        return {name: self.desk.kept(name) for name in self.tables}

    def away(self, table: str) -> Path:
        """The file of the rows merged away from a table."""
        return self.desk.folder / "merged" / f"{table}.parquet"

    def count_merged(self, table: str, rows: int) -> None:
        """So many more rows of a table were merged away."""
        report = self.tables[table].report
        report = replace(report, kept=report.kept - rows, merged=report.merged + rows)
        kept = pl.scan_parquet(self.desk.kept(table)).select(pl.len()).collect().item()
        if report.kept != kept:
            raise InternalError(f"{table}: {report.kept} rows should be left after merging, and {kept} are")
        self.tables[table] = replace(self.tables[table], report=report)
        if rows:
            self.merged[table] = self.away(table)


def take_care(tables: Mapping[str, CheckedTable], desk: Desk, care: Care) -> Cared:
    """Judge acts, join duplicates; files of kept rows are replaced.

    Args:
        tables: Checked tables.
        desk: Where they lie, and the time zone of the workspace.
        care: What to do.

    Raises:
        UserError: When the settings name a column that is not there.
    """
    cared = Cared(dict(tables), desk)
    with limited_database(desk.folder) as connection:
        if care.unscored:
            _mark_unscored(cared)
        _judge_acts(connection, cared, care.machine_clicks)
        _join_duplicates(connection, cared, care)
    return cared


def _mark_unscored(cared: Cared) -> None:
    """Before machines are told: what scores nothing is no evidence about other acts either."""
    from salesworthy.intake.unscored_acts import ACTS, COLUMN, mark_unscored
    from salesworthy.intake.unscored_findings import unscored_findings

    if ACTS not in cared.tables:
        return
    campaigns = cared.tables.get("campaigns")
    approvals = campaigns is not None and campaigns.columns["approved_at"].present
    found = mark_unscored(cared.paths, approvals=approvals)
    if found.by_why:
        columns = cared.tables[ACTS].columns | {COLUMN: ColumnFacts(Kind.TEXT, present=True, carried=False)}
        cared.tables[ACTS] = replace(cared.tables[ACTS], columns=columns)
    cared.findings += unscored_findings(found)


def _judge_acts(connection: Any, cared: Cared, settings: MachineClickSettings) -> None:
    from salesworthy.intake.machine_clicks import ACTS, mark_machine_clicks
    from salesworthy.intake.machine_clicks_findings import machine_click_findings

    if not settings.on or ACTS not in cared.tables:
        return
    judged = mark_machine_clicks(connection, cared.paths, settings, cared.desk.timezone)
    columns = cared.tables[ACTS].columns | {"machine": ColumnFacts(Kind.YES_NO, present=True, carried=False)}
    cared.tables[ACTS] = replace(cared.tables[ACTS], columns=columns)
    cared.findings += machine_click_findings(connection, cared.paths, judged, settings)


def _join_duplicates(connection: Any, cared: Cared, care: Care) -> None:
    columns = identity_columns({name: each.columns for name, each in cared.tables.items()}, care.duplicates)
    if columns is None:
        return
    from salesworthy.intake.duplicates_finding import find_people, find_sites

    if "accounts" in cared.tables:
        found = find_sites(connection, cared.paths["accounts"], columns.sites, care.duplicates, care.decisions)
        _settle(cared, "accounts", "account_id", found)
        if len(found.merges):
            _follow(cared, {"leads": "account_id", "accounts": "parent_account_id"}, found.merges)
    found = find_people(connection, cared.paths["leads"], columns.people, care.duplicates, care.decisions)
    _settle(cared, "leads", "lead_id", found)
    if len(found.merges):
        _follow(cared, {name: "lead_id" for name in FOLLOWING if name in cared.tables}, found.merges)
        _join_consents(cared, found.merges, care.duplicates.objections)


def _settle(cared: Cared, table: str, key: str, found: Groups) -> None:
    """Take the vanished keys out of their table, write down what is uncertain, and say both."""
    from salesworthy.intake.duplicates_merging import drop_merged

    merges, uncertain = found.merges, found.uncertain
    if len(merges):
        cared.count_merged(table, drop_merged(cared.paths[table], cared.away(table), key, merges))
    if len(uncertain):
        cared.uncertain[table] = cared.desk.folder / "uncertain" / f"{table}.parquet"
        cared.uncertain[table].parent.mkdir(exist_ok=True)
        uncertain.write_parquet(cared.uncertain[table])
    cared.findings += _findings(table, merges, len(uncertain), found.kept_apart)


def _findings(table: str, merges: pl.DataFrame, uncertain: int, kept_apart: int) -> Iterator[Finding]:
    who = "people" if table == "leads" else "sites"
    if len(merges):
        survivors, said = merges["survivor"].n_unique(), int((merges["because"] != "probability").sum())
        by_people = f", {said:,} by the word of people" if said else ""
        says = f"{table}: {len(merges):,} row(s) were further entries of {survivors:,} {who} and follow the first"
        todo = "salesworthy duplicates list --merged shows them; reject takes one back"
        yield Finding("DUPLICATES_MERGED", Severity.INFO, says + by_people, table, "", len(merges), todo)
    if uncertain:
        says = f"{table}: {uncertain:,} pair(s) may be one; they stay apart until somebody says so"
        todo = "look at them: salesworthy duplicates list"
        yield Finding("DUPLICATES_UNCERTAIN", Severity.WARN, says, table, "", uncertain, todo)
    if kept_apart:
        says = f"{table}: {kept_apart:,} likely pair(s) stay apart because somebody rejected them or one in their group"
        yield Finding("DUPLICATES_KEPT_APART", Severity.INFO, says, table, "", kept_apart)


def _follow(cared: Cared, columns: Mapping[str, str], merges: pl.DataFrame) -> None:
    from salesworthy.intake.duplicates_merging import follow

    for table, column in columns.items():
        follow(cared.paths[table], table, column, merges)


def _join_consents(cared: Cared, merges: pl.DataFrame, objections: tuple[str, ...]) -> None:
    from salesworthy.intake.duplicates_merging import join_consents

    if "consents" not in cared.tables:
        return
    moved = join_consents(cared.paths["consents"], cared.away("consents"), merges, objections)
    cared.count_merged("consents", moved.merged)
    if moved.merged:
        says = (
            f"consents: {moved.merged:,} row(s) would have lifted what another entry of the same person objects to; "
            "the objection holds for all of them"
        )
        cared.findings.append(Finding("OBJECTIONS_HOLD", Severity.INFO, says, "consents", "state", moved.merged))
