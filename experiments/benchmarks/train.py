"""What ``train`` costs, from raw tables to a registered model, as a multiple of one plain LightGBM fit on its rows.

A lead table of sixty features and an outcome table, every outcome mature. The plain fit is LightGBM's classifier at its
defaults on one thread; ``train`` reads and checks the tables, audits leakage, evaluates every contender on five rolling
splits, fits, calibrates, writes the report and records the run in MLflow.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from experiments.benchmarks.results import Timed, write
from scipy.special import expit

from salesworthy.runs.train import train
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import open_workspace

NUMBERS, YES_NO, CATEGORIES = 40, 8, 12
SEED = 7
START, DAYS, WINDOW = pd.Timestamp("2024-01-01", tz="UTC"), 700, 90
DAY = "2026-03-15"
AIM = 25
SETTINGS = """
[workspace]
name = "sixty-features"
[tables.leads]
path = "leads.parquet"
[tables.outcomes]
path = "outcomes.parquet"
[label]
window_days = 90
[features]
catalogue = []
auto = true
"""


class Steps:
    """Seconds per step of a run that reports its progress: from its first word to the next step's first word."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float, float]] = []

    def __call__(self, step: str, _share: float) -> None:
        if not self.marks or self.marks[-1][0] != step:
            self.marks.append((step, time.perf_counter(), time.process_time()))

    def spent(self) -> dict[str, dict[str, float]]:
        ends = [*self.marks[1:], ("", time.perf_counter(), time.process_time())]
        found: dict[str, dict[str, float]] = {}
        for (step, wall, processor), (_, wall_end, processor_end) in zip(self.marks, ends, strict=True):
            before = found.get(step, {"seconds": 0.0, "processor_seconds": 0.0})
            found[step] = {
                "seconds": round(before["seconds"] + wall_end - wall, 2),
                "processor_seconds": round(before["processor_seconds"] + processor_end - processor, 2),
            }
        return found


def run(leads: int) -> None:
    print(f"train, {leads:,} leads x {NUMBERS + YES_NO + CATEGORIES} features")
    timed, steps = Timed(), Steps()
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_tables(folder, leads)
        workspace = open_workspace(folder, environ={})
        moment = workspace.moment(DAY)
        found = training_set(workspace, as_of=moment)
        plain_fit(found)  # loads what it needs
        with timed.step("one plain LightGBM fit"):
            plain_fit(found)
        with timed.step("train"):
            trained = train(workspace, as_of=moment, now=moment, progress=steps)
        with timed.step("one plain LightGBM fit, again"):
            plain_fit(found)
    fits = {
        clock: round(
            timed.steps["train"][clock]
            / np.mean([timed.steps[name][clock] for name in timed.steps if "plain" in name]),
            1,
        )
        for clock in ("seconds", "processor_seconds")
    }
    write(
        "train",
        timed,
        leads=leads,
        training_rows=found.judged,
        features=len(found.data.features.column_names),
        recipe=trained.metadata["model"]["recipe"]["kind"],
        trees=trained.metadata["model"]["recipe"]["trees"],
        train_in_plain_fits=fits["processor_seconds"],
        train_in_plain_fits_by_the_wall_clock=fits["seconds"],
        aim=AIM,
        steps_of_train=steps.spent(),
    )


def write_tables(folder: Path, leads: int) -> None:
    """Sixty features, of which a third count, some together; a rate that drifts; four leads per account."""
    rng = np.random.default_rng(SEED)
    columns, log_odds = features(rng, leads)
    created = pd.Series(START + pd.to_timedelta(np.sort(rng.random(leads)) * DAYS, unit="D")).dt.floor("us")
    log_odds = log_odds + 0.3 * np.linspace(-1, 1, leads)
    accepted = rng.random(leads) < expit(log_odds - np.quantile(log_odds, 0.8) - 0.5)
    ids = [f"L{number:07d}" for number in range(leads)]
    keys = {
        "lead_id": ids,
        "created_at": created,
        "account_id": [f"A{number}" for number in rng.integers(0, max(1, leads // 4), leads)],
    }
    delay = pd.to_timedelta(rng.random(leads) * (WINDOW - 1), unit="D")
    told = pd.DataFrame({"lead_id": ids, "at": (created + delay).dt.floor("us")})
    told["disposition"] = np.where(accepted, "accepted", "rejected")
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(keys | columns), preserve_index=False), folder / "leads.parquet")
    pq.write_table(pa.Table.from_pandas(told, preserve_index=False), folder / "outcomes.parquet")
    (folder / "salesworthy.toml").write_text(SETTINGS)


def features(rng: np.random.Generator, leads: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    total = np.zeros(leads)
    for place in range(NUMBERS):
        values = rng.exponential(10, leads) if place % 2 else rng.normal(0, 1, leads)
        if place < 12:
            total += 0.35 * (np.log1p(values) - 2 if place % 2 else np.tanh(values))
        values[rng.random(leads) < (0.2 if place % 5 == 0 else 0.0)] = np.nan
        columns[f"measure_{place:02d}"] = values.round(4)
    for place in range(YES_NO):
        held = rng.random(leads) < 0.1 + 0.05 * place
        total += 0.4 * held * (place < 3)
        columns[f"mark_{place}"] = held
    for place in range(CATEGORIES):
        levels = 3 + 2 * place
        drawn = rng.integers(0, levels, leads)
        total += rng.normal(0, 0.4, levels)[drawn] * (place < 5)
        columns[f"group_{place:02d}"] = np.array([f"level {level}" for level in range(levels)], dtype=object)[drawn]
    return columns, total + 0.8 * columns["mark_0"] * np.nan_to_num(columns["measure_02"])


def plain_fit(found: TrainingSet) -> None:
    from lightgbm import LGBMClassifier

    rows = np.flatnonzero(found.data.judged)
    frame: pd.DataFrame = found.data.features.take(rows).to_pandas()
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    frame[texts] = frame[texts].astype("category")
    LGBMClassifier(n_jobs=1, verbose=-1).fit(frame, found.data.label[rows])
