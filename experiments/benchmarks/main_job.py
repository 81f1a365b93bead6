"""From raw tables to a published run: seconds per step, and training as a multiple of one plain LightGBM fit."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from experiments.benchmarks.results import Timed, write

from salesworthy.runs.check import check
from salesworthy.runs.evaluate import evaluate_training_set
from salesworthy.runs.init import write_workspace
from salesworthy.runs.score import score
from salesworthy.runs.train import train
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"


def run(leads: int) -> None:
    print(f"main job, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        with timed.step("market"):
            write_workspace(folder, example=True, leads=leads, seed=7)
        workspace = open_workspace(folder, environ={"SALESWORTHY__SCORING__LEADS": "all"})
        moment = workspace.moment(DAY)
        with timed.step("check"):
            check(workspace)
        with timed.step("training features"):
            found = training_set(workspace, as_of=moment)
        with timed.step("one plain LightGBM fit"):
            _plain_fit(found)
        with timed.step("evaluate, five splits"):
            evaluate_training_set(found)
        with timed.step("train"):
            trained = train(workspace, as_of=moment, now=moment)
        workspace.ledger.promote(trained.version, "benchmark", moment)  # what the gate says is no part of this
        with timed.step("score"):
            published = score(workspace, as_of=moment, now=moment)
    write(
        "main_job",
        timed,
        leads=leads,
        scored=sum(published.manifest["counts"].values()),
        training_rows=found.judged,
        features=len(found.data.features.column_names),
        train_in_plain_fits=round(timed.seconds("train") / timed.seconds("one plain LightGBM fit"), 1),
        microseconds_per_scored_lead=round(1e6 * timed.seconds("score") / sum(published.manifest["counts"].values())),
    )


def _plain_fit(found: TrainingSet) -> None:
    from lightgbm import LGBMClassifier

    rows = np.flatnonzero(np.isfinite(found.data.label))
    frame: pd.DataFrame = found.data.features.take(rows).to_pandas()
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    frame[texts] = frame[texts].astype("category")
    LGBMClassifier(n_jobs=1, verbose=-1).fit(frame, found.data.label[rows])
