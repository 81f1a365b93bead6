"""Does tuning help on later handoffs that nothing has seen?

Run as ``python -m experiments.tuning.run TRIALS``. Each search sees the training part of a published window; defaults
and tuned settings are then tested on the test part.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from experiments.time_ordered_models.datasets import Problem, problems
from experiments.time_ordered_models.run import DATA
from threadpoolctl import threadpool_limits

from salesworthy.model.contenders import CONTENDERS, Task
from salesworthy.model.metrics import figures
from salesworthy.model.tuning import tune, tuning_rows

HERE = Path(__file__).parent
SHOWN = ("roc_auc", "log_loss")


def measure(problem: Problem, trials: int, folder: Path) -> dict[str, object]:
    started = time.process_time()
    until = int(problem.test.handed_at.min())
    rows = tuning_rows(problem.train, until=until, directions={}, seed=1)
    tuned = tune(rows, folder / f"{problem.name.replace('/', '-')}.db", trials=trials)
    seconds = time.process_time() - started
    found: dict[str, object] = {
        "adopted": tuned.adopted,
        "why": tuned.why,
        "finished": sum(trial.finished for trial in tuned.trials),
        "processor_seconds": round(seconds, 1),
        "gain": tuned.gain,
        "standard_error": tuned.error,
        "honest_gain": tuned.honest_gain,
    }
    for name, settings in (("default", None), ("tuned", tuned.settings if tuned.trials else None)):
        predicted = CONTENDERS["salesworthy"](Task(problem.train, problem.test, {}, 1, settings))
        measured = figures(problem.test.label, predicted.probability, np.arange(len(problem.test)), resamples=200)
        found[name] = {key: measured[key].to_json() for key in SHOWN} | {"trees": predicted.recipe["trees"]}
    return found


def main(trials: int) -> None:
    results: dict[str, object] = {"trials": trials}
    with threadpool_limits(limits=1), TemporaryDirectory() as folder:
        for problem in problems(DATA):
            if "random" in problem.name:
                continue
            results[problem.name] = found = measure(problem, trials, Path(folder))
            shown = "  ".join(
                f"{name} {found[name]['roc_auc']['value']:.4f} / {found[name]['log_loss']['value']:.4f}"
                for name in ("default", "tuned")
            )
            print(f"{problem.name}: {shown}  {found['why']}  ({found['processor_seconds']} s)", flush=True)
    (HERE / "result.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
