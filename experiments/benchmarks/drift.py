"""What drift costs on top of features: counting every feature and table, and the statistics of a week."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
from experiments.benchmarks.results import Timed, write

from salesworthy.drift.evidence import Evidence
from salesworthy.drift.watched import joined
from salesworthy.drift.watching import Watch, findings_of
from salesworthy.outcomes.open_leads import known_leads
from salesworthy.runs.check import check
from salesworthy.runs.drift_rows import bins_for, drift_rows, weeks_of
from salesworthy.runs.features import opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"


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
            weeks = weeks_of(data, as_of=as_of)
            with timed.step("features a week after each lead came"):
                rows = drift_rows(data, catalogue, weeks, as_of=as_of)
            with timed.step("sample and bins"):
                sample = rows.sample()
                bins = bins_for(rows, sample)
            with timed.step("histograms of features"):
                parts = list(rows.histograms(bins))
            with timed.step("counts of tables"):
                parts += rows.events().parts()
            weekly = joined(weeks, parts)
            with timed.step("thresholds and findings"):
                watch = Watch(weekly, Evidence(rows.events(), sample), catalogue)
                found = findings_of(watch, weeks.count - 1)
    own = ("sample and bins", "histograms of features", "counts of tables", "thresholds and findings")
    cost = sum(timed.seconds(name) for name in own)
    features = timed.seconds("features of a scoring run")
    write(
        "drift",
        timed,
        leads=leads,
        features=len(catalogue),
        figures=len(weekly),
        weeks=weeks.count,
        findings=len(found),
        histograms_and_statistics_per_features=round((cost - timed.seconds("counts of tables")) / features, 2),
        drift_per_features=round(cost / features, 2),
        drift_with_its_own_features_per_features=round(
            (cost + timed.seconds("features a week after each lead came")) / features, 2
        ),
    )
