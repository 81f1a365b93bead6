"""Drift: what has changed in leads, campaigns, consents, clicks, scores and outcomes, and what is likely behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesworthy.domain.moments import format_moment
from salesworthy.drift.deviations import LEAST
from salesworthy.drift.document import document_of, headline
from salesworthy.drift.estimates import performance
from salesworthy.drift.evidence import Evidence
from salesworthy.drift.findings import DriftFinding
from salesworthy.drift.flow import flow_of
from salesworthy.drift.outcome_watch import Handed, outcome_weekly
from salesworthy.drift.scores import Scored
from salesworthy.drift.thresholds import Strays, strays
from salesworthy.drift.watched import Weekly, joined
from salesworthy.drift.watching import EVERY, Watch, findings_of
from salesworthy.drift.weeks import WEEK
from salesworthy.runs.drift_rows import bins_for, drift_rows, watched_catalogue, weeks_of
from salesworthy.runs.drift_runs import PublishedRun, decisions_weekly, published_runs
from salesworthy.runs.drift_scored import handed_over, scored
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.progress import Progress, silent

if TYPE_CHECKING:
    from salesworthy.reporting.chart_parts import Chart
    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.workspace import Workspace

ESTIMATED_OVER = 13 * WEEK
"""How far back handoffs are taken into estimated performance."""


@dataclass(frozen=True)
class DriftReport:
    """What was found.

    Attributes:
        findings: Those that matter first.
        document: The whole report as ``drift --json`` prints it.
        weekly: Weekly sums of everything that is watched.
    """

    findings: tuple[DriftFinding, ...]
    document: dict[str, Any]
    weekly: Weekly

    def page(self) -> str:
        """The report as one HTML page that needs nothing else."""
        from salesworthy.drift.page import drift_page

        return drift_page(self.document)

    def charts(self) -> dict[str, Chart]:
        """Title of a finding -> its weekly figures as a chart, which a notebook shows as it is; ranked as findings."""
        from salesworthy.drift.page_charts import series_of, weekly_chart

        mine = {each["title"]: (series_of(self.document, each), each["since"]) for each in self.document["findings"]}
        return {title: weekly_chart(series, since=since) for title, (series, since) in mine.items() if series}


@dataclass(frozen=True)
class Watching:
    """Everything that a workspace shows week by week, counted once; any of its weeks can then be judged.

    Attributes:
        watch: Weekly sums, and where causes are looked up.
        handed: Handoffs, with labels and scores.
        missing: What could not be watched: what, and why.
        flow: How fresh and how full each table is.
        model_version: The model in force.
    """

    watch: Watch
    handed: Handed
    missing: tuple[tuple[str, str], ...]
    flow: list[dict[str, Any]]
    model_version: str | None


def drift_report(workspace: Workspace, *, as_of: int, every: float = EVERY, progress: Progress = silent) -> DriftReport:
    """Watch a workspace as of a moment.

    Args:
        workspace: Whose tables, champion and published runs.
        as_of: Facts known by then count; the last week that ended by then is judged (microseconds).
        every: A false finding once in so many weeks is accepted, over everything that is watched.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: When the catalogue or the policy has mistakes.
        UserError: When data or a published run cannot be read.
    """
    with opened(workspace, progress=progress) as data:
        watching = watch_workspace(data, as_of=as_of, every=every, progress=progress)
        week = watching.watch.weekly.weeks.count - 1
        strayed = strays(watching.watch.weekly, week, every=every) if week >= 0 else None
        found = [] if strayed is None else findings_of(watching.watch, week, strayed)
        progress("findings", 1.0)
    return DriftReport(tuple(found), _document(watching, found, strayed, as_of=as_of), watching.watch.weekly)


def watch_workspace(
    data: OpenTables, *, as_of: int, every: float = EVERY, progress: Progress = silent, model: LoadedModel | None = None
) -> Watching:
    """Count everything that is watched, in one pass over features and one over each table.

    Args:
        data: Checked tables; they stay open while causes are looked up.
        as_of: Facts known by then count, in microseconds.
        every: How rare a false finding is to be, in weeks.
        progress: Told about the steps.
        model: A model; the champion by default.
    """
    workspace = data.workspace
    chosen = _champion(workspace) if model is None else model
    catalogue = watched_catalogue(workspace.catalogue(data.checked).catalogue, chosen)
    weeks = weeks_of(data, as_of=as_of)
    progress("features", 0.0)
    policy = _policy(data, as_of=as_of)
    rows = drift_rows(data, catalogue, weeks, as_of=as_of, policy=policy)
    progress("features", 1.0)
    sample = rows.sample()
    progress("counting", 0.0)
    parts = [*rows.histograms(bins_for(rows, sample)), *rows.events().parts()]
    progress("counting", 1.0)
    told = scored(sample, chosen) if chosen is not None and sample.num_rows else None
    runs = published_runs(workspace.default_out, until=as_of)
    handed = handed_over(data, chosen, runs, as_of=as_of, policy=policy)
    progress("findings", 0.0)
    parts += [] if told is None else told.weekly(weeks)
    parts += outcome_weekly(handed, weeks)
    decided = decisions_weekly(runs, weeks)
    parts += [] if decided is None else [decided]
    watch = Watch(joined(weeks, parts), Evidence(rows.events(), sample), catalogue, told, every)
    missing = _missing(data, told, handed, runs, decided)
    version = None if chosen is None else chosen.version
    return Watching(watch, handed, missing, flow_of(rows.events(), _rejected(data)), version)


def _champion(workspace: Workspace) -> LoadedModel | None:
    from salesworthy.runs.champion import load_model

    return None if workspace.registry.champion() is None else load_model(workspace)


def _policy(data: OpenTables, *, as_of: int) -> Any:
    from salesworthy.runs.run_policy import load_run_policy

    return load_run_policy(data.workspace, data.checked, as_of=as_of, draft=True)


def _rejected(data: OpenTables) -> dict[str, tuple[int, int]]:
    """Table -> rows that came in, and rows that were set aside."""
    return {each.table: (each.about, sum(each.rejected.values())) for each in data.checked.reports}


def _missing(
    data: OpenTables, told: Scored | None, handed: Handed, runs: Sequence[PublishedRun], decided: Weekly | None
) -> tuple[tuple[str, str], ...]:
    found = []
    if told is None:
        found.append(("scores and reasons", "no model is in force: promote one"))
    if not handed.judged.any():
        found.append(("outcome rate", "no outcome is mature"))
    if told is None or not (handed.judged & handed.fair).any():
        found.append(("calibration", "no mature outcome of a lead that a model scored without having learned from it"))
    if decided is None:
        found.append(("decisions", f"{len(runs)} published run(s); more than {LEAST} weeks with one are needed"))
    for table, what in (
        ("engagements", "acts, content tags and machine clicks"),
        ("content", "content tags"),
        ("campaigns", "campaign types"),
        ("accounts", "regions"),
        ("consents", "consents"),
    ):
        if table not in data.tables:
            found.append((what, f"there is no table {table}"))
    return tuple(found)


def _document(
    watching: Watching, found: Sequence[DriftFinding], strayed: Strays | None, *, as_of: int
) -> dict[str, Any]:
    weeks = watching.watch.weekly.weeks
    return {
        "headline": headline(found, strayed, weeks),
        "as_of": format_moment(as_of),
        "model_version": watching.model_version,
        **document_of(watching.watch, found, strayed),
        "performance": performance(watching.handed, as_of=as_of, window=ESTIMATED_OVER),
        "issued_scores": int(watching.handed.issued.sum()),
        "flow": watching.flow,
        "not_applicable": [{"what": what, "why": why} for what, why in watching.missing],
    }
