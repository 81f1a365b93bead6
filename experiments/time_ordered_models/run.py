"""Contenders on the public sets, in order of time.

Run as ``python -m experiments.time_ordered_models.run development`` or ``... test``.

``development`` windows lie inside the training parts; every design choice was made on them. ``test`` windows are the
published ones, and were looked at to report, not to choose.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from experiments.time_ordered_models.datasets import Problem, development, problems
from threadpoolctl import threadpool_limits

from salesworthy.model.contenders import CONTENDERS, Task
from salesworthy.model.metrics import figures

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
SHOWN = ("roc_auc", "log_loss", "brier", "ece")


def measure(problem: Problem) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, contender in CONTENDERS.items():
        started = time.process_time()
        predicted = contender(Task(problem.train, problem.test, {}, 1))
        seconds = time.process_time() - started
        measured = figures(problem.test.label, predicted.probability, np.arange(len(problem.test)), resamples=200)
        found[name] = {key: measured[key].to_json() for key in SHOWN} | {"processor_seconds": round(seconds, 2)}
        if predicted.recipe is not None:
            found[name] |= {"recipe": dict(predicted.recipe), "left_out": sorted(predicted.left_out or {})}
    return found


def line(name: str, measured: dict[str, object]) -> str:
    cells = [f"{figure} {measured[figure]['value']:.4f}" for figure in SHOWN]
    return f"  {name:18} {'  '.join(cells)}  {measured['processor_seconds']:.1f} s"


def main(which: str) -> None:
    chosen = problems(DATA) if which == "test" else development(DATA)
    results = {}
    with threadpool_limits(limits=1):
        for problem in chosen:
            if "random" in problem.name:
                continue
            results[problem.name] = measure(problem)
            print(f"{problem.name}: {len(problem.train):,} rows, tested on {len(problem.test):,}")
            print("\n".join(line(name, measured) for name, measured in results[problem.name].items()), flush=True)
    (HERE / f"result_{which}.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
