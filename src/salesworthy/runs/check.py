"""Check: raw tables in, checked tables and a report out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.runs.check_memory import key_of, read_memory
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.domain.findings import Finding
    from salesworthy.features.loading import LoadedCatalogue
    from salesworthy.intake.checked import CheckedTables, TableReport
    from salesworthy.intake.feed_quality import Share
    from salesworthy.intake.feeds import Feed
    from salesworthy.intake.mending import Mending


def checked_tables(workspace: Workspace, *, progress: Progress = silent, hashed: bool = False) -> CheckedTables:
    """The workspace's tables, read, mapped and checked; reused while their files and settings are unchanged.

    Args:
        workspace: Whose tables.
        progress: Told about the steps.
        hashed: Whether tables that are reused are held against their hashes, not only against their time stamps.

    Raises:
        UserError: When a file cannot be read, or outcomes have no dates and nobody said that they are final.
        DataLimitExceeded: When more rows were rejected than the settings allow.
    """
    from salesworthy.intake.rejected_rows import RejectedRows

    limit = workspace.settings.limits.max_rejected_share
    return read_tables(
        workspace, RejectedRows(workspace.folder).mending(), limit=limit, progress=progress, hashed=hashed
    )


def read_tables(
    workspace: Workspace, mending: Mending, *, limit: float, progress: Progress = silent, hashed: bool = False
) -> CheckedTables:
    """The workspace's tables, as ``checked_tables`` gives them, with given rows put right.

    Args:
        workspace: Whose tables.
        mending: What people made of rows that were set aside.
        limit: The largest share of a table's rows that may be set aside.
        progress: Told about the steps.
        hashed: As for ``checked_tables``.

    Raises:
        UserError: When a file cannot be read, or outcomes have no dates and nobody said that they are final.
        DataLimitExceeded: When more rows were rejected than allowed.
    """
    from salesworthy.domain.moments import zone
    from salesworthy.intake.care import Care
    from salesworthy.intake.check import check_tables
    from salesworthy.intake.duplicates_decisions import read_decisions
    from salesworthy.intake.suppression import read_suppression
    from salesworthy.runs.feedback_outcomes import with_feedback

    settings = workspace.settings
    checked = check_tables(
        with_feedback(workspace),
        root=workspace.folder,
        timezone=zone(settings.workspace.timezone),
        folder=workspace.cache / "checked",
        max_rejected_share=limit,
        progress=progress,
        refuse_undated=settings.label.undated == "refuse",
        suppression=read_suppression(workspace.folder),
        care=Care(
            machine_clicks=settings.machine_clicks,
            duplicates=settings.duplicates,
            decisions=read_decisions(workspace.folder),
        ),
        mending=mending,
        hashed=hashed,
    )
    if settings.label.undated == "refuse":
        _refuse_undated(checked)
    return checked


def default_moment(workspace: Workspace, now: int) -> int:
    """The moment that a question is asked for when nobody names one: now.

    Where leads have an order instead of dates, their steps may lie beyond the clock: the day after the last step then.
    """
    return _moment(checked_tables(workspace), now)


def _moment(checked: CheckedTables, now: int) -> int:
    if not any(finding.code == "ORDER_NOT_DATES" and finding.table == "leads" for finding in checked.findings):
        return now
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    steps = pq.read_table(checked.paths["leads"], columns=["created_at"])["created_at"]
    return max(now, int(pc.max(steps).as_py()) + MICROSECONDS_PER_DAY)


def _refuse_undated(checked: CheckedTables) -> None:
    at = checked.schema.get("outcomes", {}).get("at")
    if at is not None and not at.present:
        raise UserError(
            "outcomes have no dates, so nobody can say when they became known",
            where="salesworthy.toml: tables.outcomes",
            todo='name the column that dates them: columns.at = "..."; '
            'or take them as settled at the handoff: undated = "final" under [label]',
        )


@dataclass(frozen=True)
class CheckReport:
    """What ``check`` found: what became of every row, findings, feeds, and the features that the tables allow.

    Attributes:
        checked: The tables.
        loaded: The features that they allow.
        dates: What the dates, and earlier checks, say about today, and what nobody looked for.
        feeds: Every feed, and how it does against its own rhythm.
        shares: Which key fields each feed fills in, and whether its keys lead anywhere.
        since: Key of a finding -> since when it stands, in microseconds; empty where nothing is remembered.
        record: The record of rows that were set aside, in figures.
        capture: Which facts are missing; None where there is no policy, or nobody asked.
        tagging: Content without tags and campaigns without approval, the most used first.
    """

    checked: CheckedTables
    loaded: LoadedCatalogue
    dates: tuple[Finding, ...] = ()
    feeds: tuple[Feed, ...] = ()
    shares: tuple[Share, ...] = ()
    since: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    capture: Mapping[str, Any] | None = None
    tagging: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was noticed."""
        return (*self.checked.findings, *self.dates)

    def as_dict(self) -> dict[str, Any]:
        """The report as ``check --json`` prints it."""
        return {
            "tables": {report.table: self._table(report) for report in self.checked.reports},
            "rejected_rows": dict(self.record),
            "findings": [self._finding(each) for each in self.findings],
            "feeds": [each.as_dict() for each in self.feeds],
            "coverage": [each.as_dict() for each in self.shares],
            "form_capture": self.capture,
            "tagging": dict(self.tagging),
            "features": {
                "usable": list(self.loaded.catalogue.names),
                "left_out": [{"feature": name, "why": why} for name, why in self.loaded.left_out],
            },
            "fingerprint": self.checked.fingerprint,
        }

    def _table(self, report: TableReport) -> dict[str, Any]:
        return {
            "rows_in": report.rows_in,
            "kept": report.kept,
            "rejected": sum(report.rejected.values()),
            "suppressed": report.suppressed,
            "merged": report.merged,
            "passed_over": report.passed_over,
            "unaccounted": report.unaccounted,
            "mended": report.mended,
            "codes": dict(sorted(report.rejected.items())),
            "rejected_file": _text(self.checked.rejected.get(report.table)),
            "merged_file": _text(self.checked.merged.get(report.table)),
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        since = self.since.get(key_of(finding))
        return {**finding.as_dict(), "first_seen": None if since is None else format_moment(since)}


def check(workspace: Workspace, *, now: int | None = None, progress: Progress = silent) -> CheckReport:
    """Check a workspace's tables and its feature catalogue.

    Args:
        workspace: Whose tables.
        now: This moment in microseconds, for what dates say about today. Findings and rows that were set aside are
            remembered with it; without it nothing is said about today, and nothing is remembered.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: When the catalogue has mistakes.
        DataLimitExceeded: When more rows were rejected than the settings allow.
    """
    from salesworthy.intake.duplicates_columns import off_findings
    from salesworthy.intake.tagging import tagging, tagging_findings
    from salesworthy.runs.rejected import record_rejected, record_says

    checked = checked_tables(workspace, progress=progress)
    loaded = workspace.catalogue(checked)
    tags = tagging(checked.paths)
    off = tuple(off_findings(checked.schema, workspace.settings.duplicates))
    off += tuple(tagging_findings(tags["untagged_content"]))
    feeds, shares = _feeds(checked)
    if now is None:
        return CheckReport(checked, loaded, off, feeds, shares, tagging=tags)
    record_rejected(workspace, checked, now=now)
    memory = read_memory(workspace.folder)
    progress("form capture", 0.0)
    capture, mistakes = _capture(workspace, checked, now)
    findings = (*_about_today(workspace, checked, now), *memory.changes(checked, now=now), *off, *mistakes)
    since = memory.since((*checked.findings, *findings), now=now)
    memory.save()
    progress("form capture", 1.0)
    record = record_says(workspace, checked)
    return CheckReport(checked, loaded, findings, feeds, shares, since, record, capture, tags)


def _about_today(workspace: Workspace, checked: CheckedTables, now: int) -> list[Finding]:
    from salesworthy.runs.data_dates import date_findings
    from salesworthy.runs.label_rule import start_findings

    found = list(date_findings(checked, workspace.label_rule, now=now))
    if workspace.settings.label.recorded_since == "found":
        found += start_findings(workspace, checked, now=now)
    return found


def _feeds(checked: CheckedTables) -> tuple[tuple[Feed, ...], tuple[Share, ...]]:
    from salesworthy.intake.feed_quality import feed_shares
    from salesworthy.intake.feeds import feeds_of
    from salesworthy.intake.limited import limited_database

    with limited_database() as connection:
        feeds = feeds_of(connection, checked.paths)
        return tuple(feeds), tuple(feed_shares(connection, checked.schema, checked.paths))


def _capture(
    workspace: Workspace, checked: CheckedTables, now: int
) -> tuple[Mapping[str, Any] | None, tuple[Finding, ...]]:
    """What the rules lack; a policy with mistakes is told, and is no reason not to check the tables."""
    from salesworthy.domain.findings import Finding, Severity
    from salesworthy.runs.form_capture import form_capture

    try:
        return form_capture(workspace, checked, as_of=_moment(checked, now)), ()
    except UserError as error:
        says = f"nobody can tell which facts the rules lack: {' '.join(error.what.split())}"
        return None, (Finding("POLICY_NOT_READ", Severity.WARN, says, "", "", 0, "see: salesworthy policy check"),)


def _text(path: object) -> str | None:
    return None if path is None else str(path)
