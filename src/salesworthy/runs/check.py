"""Check: raw tables in, checked tables and a report out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.domain.findings import Finding
    from salesworthy.features.loading import LoadedCatalogue
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.intake.mending import Mending


def checked_tables(workspace: Workspace, *, progress: Progress = silent) -> CheckedTables:
    """The workspace's tables, read, mapped and checked; reused while their files and settings are unchanged.

    Raises:
        UserError: When a file cannot be read, or outcomes have no dates and nobody said that they are final.
        DataLimitExceeded: When more rows were rejected than the settings allow.
    """
    from salesworthy.intake.rejected_rows import RejectedRows

    limit = workspace.settings.limits.max_rejected_share
    return read_tables(workspace, RejectedRows(workspace.folder).mending(), limit=limit, progress=progress)


def read_tables(workspace: Workspace, mending: Mending, *, limit: float, progress: Progress = silent) -> CheckedTables:
    """The workspace's tables, as ``checked_tables`` gives them, with given rows put right.

    Args:
        workspace: Whose tables.
        mending: What people made of rows that were set aside.
        limit: The largest share of a table's rows that may be set aside.
        progress: Told about the steps.

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
    )
    if settings.label.undated == "refuse":
        _refuse_undated(checked)
    return checked


def default_moment(workspace: Workspace, now: int) -> int:
    """The moment that a question is asked for when nobody names one: now.

    Where leads have an order instead of dates, their steps may lie beyond the clock: the day after the last step then.
    """
    checked = checked_tables(workspace)
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
    """What ``check`` found: rows kept and rejected per table, findings, and the features that the tables allow."""

    checked: CheckedTables
    loaded: LoadedCatalogue
    dates: tuple[Finding, ...] = ()
    """What the dates say about today, and what nobody looked for."""

    def as_dict(self) -> dict[str, Any]:
        """The report as ``check --json`` prints it."""
        return {
            "tables": {
                report.table: {
                    "rows_in": report.rows_in,
                    "kept": report.kept,
                    "rejected": sum(report.rejected.values()),
                    "suppressed": report.suppressed,
                    "merged": report.merged,
                    "codes": dict(sorted(report.rejected.items())),
                    "rejected_file": _text(self.checked.rejected.get(report.table)),
                    "merged_file": _text(self.checked.merged.get(report.table)),
                }
                for report in self.checked.reports
            },
            "findings": [finding.as_dict() for finding in (*self.checked.findings, *self.dates)],
            "features": {
                "usable": list(self.loaded.catalogue.names),
                "left_out": [{"feature": name, "why": why} for name, why in self.loaded.left_out],
            },
            "fingerprint": self.checked.fingerprint,
        }


def check(workspace: Workspace, *, now: int | None = None, progress: Progress = silent) -> CheckReport:
    """Check a workspace's tables and its feature catalogue.

    Args:
        workspace: Whose tables.
        now: This moment in microseconds, for what dates say about today; without it nothing is said about that.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: When the catalogue has mistakes.
        DataLimitExceeded: When more rows were rejected than the settings allow.
    """
    from salesworthy.intake.duplicates_columns import off_findings
    from salesworthy.runs.data_dates import date_findings
    from salesworthy.runs.label_rule import start_findings

    checked = checked_tables(workspace, progress=progress)
    dates = () if now is None else tuple(date_findings(checked, workspace.label_rule, now=now))
    if now is not None and workspace.settings.label.recorded_since == "found":
        dates = (*dates, *start_findings(workspace, checked, now=now))
    dates = (*dates, *off_findings(checked.schema, workspace.settings.duplicates))
    return CheckReport(checked, workspace.catalogue(checked), dates)


def _text(path: object) -> str | None:
    return None if path is None else str(path)
