"""What drift costs beside the features of a scoring run: the first time, and once past weeks are counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
from experiments.benchmarks.results import Timed, write

from salesworthy.drift.cells import TIMES
from salesworthy.drift.evidence import Evidence
from salesworthy.drift.watched import joined
from salesworthy.drift.watching import Watch, findings_of
from salesworthy.drift.weeks import WEEK
from salesworthy.features.catalogue import Catalogue
from salesworthy.outcomes.open_leads import known_leads
from salesworthy.runs.check import check
from salesworthy.runs.drift_rows import bins_for, drift_rows, weeks_of
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"
STEPS = (
    "features a week after each lead came",
    "histograms of features",
    "counts of tables",
    "thresholds and findings",
)


@dataclass(frozen=True)
class Report:
    """What a report looked at."""

    figures: int
    weeks: int
    findings: int
    counted: int
    sampled: int


def run(leads: int) -> None:
    print(f"drift, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        write_workspace(folder, example=True, leads=leads, seed=7)
        workspace = open_workspace(folder, environ={})
        as_of = workspace.moment(DAY)
        check(workspace)
        with opened(workspace) as data:
            catalogue = workspace.catalogue(data.checked).catalogue
            spine = known_leads(data.tables, as_of=as_of).mutate(as_of=ibis.literal(as_of, "int64"))
            with timed.step("features of a scoring run"):
                data.engine.materialise("rows", data.features(spine, catalogue, until=as_of))
            first = report(data, catalogue, as_of - WEEK, timed, "the first time: ")
            again = report(data, catalogue, as_of, timed, "a week later: ")
    features = timed.processor_seconds("features of a scoring run")
    write(
        "drift",
        timed,
        leads=leads,
        features=len(catalogue),
        figures=again.figures,
        weeks=again.weeks,
        findings=again.findings,
        leads_counted_the_first_time=first.counted,
        leads_counted_a_week_later=again.counted,
        leads_sampled=again.sampled,
        first_time_per_features=round(cost(timed, "the first time: ") / features, 2),
        a_week_later_per_features=round(cost(timed, "a week later: ") / features, 2),
        ratios_of="processor seconds",
    )


def report(data: OpenTables, catalogue: Catalogue, as_of: int, timed: Timed, prefix: str) -> Report:
    """A report as of a moment, step by step; outcomes and scores need a model and are left out."""
    weeks = weeks_of(data, as_of=as_of)
    with timed.step(f"{prefix}{STEPS[0]}"):
        rows = drift_rows(data, catalogue, weeks, as_of=as_of)
        sample = rows.sample()
    with timed.step(f"{prefix}{STEPS[1]}"):
        parts = list(rows.histograms(bins_for(rows, sample)))
    with timed.step(f"{prefix}{STEPS[2]}"):
        parts += rows.events().parts()
    weekly = joined(weeks, parts)
    with timed.step(f"{prefix}{STEPS[3]}"):
        found = findings_of(Watch(weekly, Evidence(rows.events(), sample), catalogue), weeks.count - 1)
    counted = data.engine.to_arrow(rows.rows.filter(rows.rows[TIMES] != 0).count().as_table()).column(0)[0].as_py()
    return Report(len(weekly), weeks.count, len(found), int(counted), sample.num_rows)


def cost(timed: Timed, prefix: str) -> float:
    """Processor seconds of a whole report: other work on the machine does not count."""
    return sum(timed.processor_seconds(f"{prefix}{step}") for step in STEPS)
