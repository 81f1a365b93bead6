"""Evidently and NannyML at their defaults on the same weeks; run with a Python that has them (see the README).

Each week is one current data set. The reference is the year before it, ending four weeks before, as for salesworthy.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

os.environ |= {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1"}

WEEK = "drift_week"
KEYS = [WEEK, "lead_id", "as_of"]
YEAR, GAP = 52, 4
FIRST_QUIET, LAST_QUIET, STEP = 54, 95, 2
FAULT_START, FAULT_WEEKS = 77, 4
Detector = Callable[[pd.DataFrame, pd.DataFrame], dict[str, object]]


def evidently(reference: pd.DataFrame, current: pd.DataFrame) -> dict[str, object]:
    from evidently import Dataset, Report
    from evidently.presets import DataDriftPreset

    report = Report([DataDriftPreset()]).run(Dataset.from_pandas(current), Dataset.from_pandas(reference))
    told = json.loads(report.json())
    drifted = []
    for metric in told["metrics"]:
        config = metric["config"]
        if not str(config["type"]).endswith("ValueDrift"):
            continue
        test_p = "p_value" in str(config.get("method", "")) or "p-value" in str(config.get("method", "")).lower()
        value, limit = float(metric["value"]), float(config.get("threshold") or (0.05 if test_p else 0.1))
        if (value < limit) if test_p else (value >= limit):
            drifted.append(config["column"])
    columns = current.shape[1]
    return {"columns": drifted, "dataset": len(drifted) >= 0.5 * columns}


def nannyml(reference: pd.DataFrame, current: pd.DataFrame) -> dict[str, object]:
    import nannyml as nml

    names = list(reference.columns)
    calculator = nml.UnivariateDriftCalculator(column_names=names, chunk_size=max(len(current), 1))
    calculator.fit(reference)
    told = calculator.calculate(current).filter(period="analysis").to_df()
    drifted = [name for name in names for method in told[name].columns.levels[0] if _alerts(told, name, method)]
    return {"columns": sorted(set(drifted)), "dataset": None}


def _alerts(told: pd.DataFrame, name: str, method: str) -> bool:
    return (name, method, "alert") in told.columns and bool(told[(name, method, "alert")].any())


def frames(path: Path) -> pd.DataFrame:
    found = pd.read_parquet(path)
    constant = [name for name in found if name not in KEYS and found[name].nunique(dropna=True) < 2]
    found = found.drop(columns=constant)
    for name in found.columns:
        if name in KEYS:
            continue
        if not pd.api.types.is_numeric_dtype(found[name]) or pd.api.types.is_bool_dtype(found[name]):
            found[name] = found[name].astype(object).map(_plain).astype(object)
        else:
            found[name] = found[name].astype("float64")
    return found


def _plain(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


def weeks_of(path: Path, detect: Detector) -> dict[str, object]:
    rows = frames(path)
    quiet = path.stem.startswith("none")
    faulty = range(FAULT_START, FAULT_START + FAULT_WEEKS)
    chosen = range(FIRST_QUIET, LAST_QUIET + 1, STEP) if quiet else faulty
    found = {}
    began = time.time()
    for week in chosen:
        before = rows[(rows[WEEK] > week - GAP - YEAR) & (rows[WEEK] <= week - GAP)].drop(columns=KEYS)
        now = rows[rows[WEEK] == week].drop(columns=KEYS)
        found[week] = detect(before, now)
    return {"weeks": found, "seconds": round(time.time() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tool", choices=("evidently", "nannyml"), required=True)
    parser.add_argument("names", nargs="+")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    detect = {"evidently": evidently, "nannyml": nannyml}[given.tool]
    for name in given.names:
        told = weeks_of(given.work / f"{name}.parquet", detect)
        (given.work / f"{given.tool}_{name}.json").write_text(json.dumps(told))
        print(name, told["seconds"], flush=True)


if __name__ == "__main__":
    main()
