"""What training costs by rows, and what a sample loses: python -m experiments.training_size."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from experiments.training_size.compare import compared

RESULT = Path(__file__).with_name("result.json")
SIZES = (10_000, 30_000, 100_000, 300_000)
WHOLE, KEPT = 100_000, (0.1, 0.3)
"""Rows that samples are drawn from, and which share of them stays."""
ROADS = ("drawn", "weighted", "even")


def main() -> None:
    """Measure every size and every road, each in a process of its own, and write and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=SIZES[-1], help="the largest training set")
    rows = parser.parse_args().rows
    most = min(WHOLE, rows)
    with TemporaryDirectory() as scratch:
        costs = [_fit("whole", size, size, Path(scratch)) for size in sorted({rows, *SIZES}) if size <= rows]
        whole = next(each for each in costs if each["rows"] == most)
        roads = [_fit(road, most, int(share * most), Path(scratch)) for share in KEPT for road in ROADS]
        reference = np.load(whole["told"])
        found = [_told(each, reference) for each in [whole, *roads]]
    result = {"costs": [_cost(each) for each in costs], "constants": _constants(costs), "roads": found}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def _fit(road: str, rows: int, kept: int, scratch: Path) -> dict[str, Any]:
    told = scratch / f"{road}-{rows}-{kept}.npz"
    command = [sys.executable, "-m", "experiments.training_size.fit", road, str(rows), str(kept), str(told)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = {"road": road, "rows": rows, "kept": kept, "told": str(told), **json.loads(done.stdout)}
    sys.stderr.write(f"{found}\n")
    return found


def _cost(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in {"told", "road", "kept"}}


def _told(found: dict[str, Any], reference: Any) -> dict[str, Any]:
    figures = compared(np.load(found["told"]), reference)
    return {name: value for name, value in found.items() if name != "told"} | figures


def _constants(costs: list[dict[str, Any]]) -> dict[str, float]:
    """Straight lines through the measured points, by least squares of relative errors."""
    rows = np.array([each["rows"] for each in costs], float)
    found = {}
    for name, unit in (("peak_memory_mb", "kilobytes_per_row"), ("processor_seconds", "milliseconds_per_row")):
        values = np.array([each[name] for each in costs], float)
        design = np.stack([np.ones_like(rows), rows], axis=1) / values[:, None]
        fixed, each_row = np.linalg.lstsq(design, np.ones_like(values), rcond=None)[0]
        found |= {f"{name}_fixed": round(float(fixed), 1), unit: round(float(each_row) * 1e3, 3)}
    return found


if __name__ == "__main__":
    main()
