"""Our contenders beside two AutoML peers, on identical rows.

    python -m experiments.time_ordered_models.peers --flaml PYTHON --mljar PYTHON   # everything
    python -m experiments.time_ordered_models.peers --ours-only                     # peers' predictions as stored

Each peer lives in an environment of its own (``peers_flaml.txt``, ``peers_mljar.txt``) and is run with its Python. Its
budget is ten times the processor seconds that our own model took on the same rows in the same run, and no less than
half a minute. Everything runs on one thread. Writes ``result_peers.json`` and ``peer_predictions.npz``; a peer whose
predictions of the same rows are stored is not run again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from experiments.time_ordered_models.datasets import Problem, problems
from experiments.time_ordered_models.market import market
from threadpoolctl import threadpool_limits

from salesworthy.model.contenders import SALESWORTHY, Task, contenders_for
from salesworthy.model.dataset import account_numbers
from salesworthy.model.differences import differences
from salesworthy.model.metrics import figures

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
RESULT, PREDICTIONS = HERE / "result_peers.json", HERE / "peer_predictions.npz"
SHOWN = ("roc_auc", "log_loss", "brier", "ece", "calibration_slope")
JUDGED = ("log_loss", "ece", "roc_auc")
TIMES_OURS, LEAST_SECONDS = 10, 30
PEERS = ("flaml", "mljar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flaml", type=Path, help="Python of FLAML's environment")
    parser.add_argument("--mljar", type=Path, help="Python of mljar-supervised's environment")
    parser.add_argument("--ours-only", action="store_true", help="fit our contenders alone")
    parser.add_argument("--only", default="", help="problems whose name contains this")
    asked = parser.parse_args()
    pythons = {"flaml": asked.flaml, "mljar": asked.mljar}
    if not asked.ours_only and not all(pythons.values()):
        parser.error("give --flaml and --mljar, or --ours-only")
    for problem in chosen(asked.only):
        stored = Stored(problem)
        with threadpool_limits(limits=1):
            ours = our_predictions(problem)
        if not asked.ours_only:
            budget = max(LEAST_SECONDS, TIMES_OURS * ours[SALESWORTHY]["processor_seconds"])
            for name in (name for name in PEERS if name not in stored.peers()):
                stored.keep(name, peer_prediction(problem, name, budget, pythons[name]))
        told = measured(problem, ours, stored.peers())
        write(problem, told)
        print(problem.name, *(line(name, each) for name, each in told["contenders"].items()), sep="\n", flush=True)


def chosen(part: str) -> Iterator[Problem]:
    for problem in [*problems(DATA), *([market()] if part in "market" or "market" in part else [])]:
        if "random" not in problem.name and part in problem.name:
            yield problem


def our_predictions(problem: Problem) -> dict[str, dict[str, Any]]:
    found = {}
    for name, contender in contenders_for(problem.train).items():
        started = time.process_time()
        predicted = contender(Task(problem.train, problem.test, problem.directions, 1))
        spent = round(time.process_time() - started, 2)
        found[name] = {"probability": predicted.probability, "processor_seconds": spent}
        if predicted.recipe is not None:
            found[name]["recipe"] = {key: predicted.recipe[key] for key in ("kind", "trees", "why")}
    return found


def peer_prediction(problem: Problem, name: str, budget: float, python: Path) -> dict[str, Any]:
    with TemporaryDirectory() as place:
        folder = Path(place)
        rows = problem.train.features.append_column("label", pa.array(problem.train.label))
        pq.write_table(rows, folder / "train.parquet")
        pq.write_table(problem.test.features, folder / "test.parquet")
        script = [str(HERE / "peer_worker.py"), name, str(folder), str(budget)]
        subprocess.run([str(python), *script], check=True, stdout=subprocess.DEVNULL)
        with np.load(folder / f"{name}.npz") as told:
            return {
                "probability": told["probability"].astype(np.float32),
                "processor_seconds": round(float(told["seconds"]), 1),
                "budget_seconds": round(budget, 1),
                "chosen": str(told["chosen"]),
            }


class Stored:
    """What the peers predicted on exactly these rows, in a file beside this one."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rows = problem.name, rows_of(problem)

    def keep(self, name: str, predicted: Mapping[str, Any]) -> None:
        everything = self._everything()
        facts = {key: value for key, value in predicted.items() if key != "probability"} | {"rows": self.rows}
        everything[f"{self.problem}|{name}"] = predicted["probability"]
        everything[f"{self.problem}|{name}|facts"] = np.array(json.dumps(facts))
        np.savez_compressed(PREDICTIONS, **everything)

    def peers(self) -> dict[str, dict[str, Any]]:
        everything, found = self._everything(), {}
        for name in PEERS:
            if f"{self.problem}|{name}" not in everything:
                continue
            facts = json.loads(str(everything[f"{self.problem}|{name}|facts"]))
            if facts.pop("rows") == self.rows:
                found[name] = {"probability": everything[f"{self.problem}|{name}"].astype(float), **facts}
            else:
                print(f"{self.problem}: the rows are not those that {name} saw; run it again")
        return found

    @staticmethod
    def _everything() -> dict[str, np.ndarray]:
        if not PREDICTIONS.exists():
            return {}
        with np.load(PREDICTIONS) as stored:
            return dict(stored)


def rows_of(problem: Problem) -> str:
    """A fingerprint of features and labels, in order."""
    digest = hashlib.sha256()
    for rows in (problem.train, problem.test):
        digest.update(pd.util.hash_pandas_object(rows.features.to_pandas(), index=False).to_numpy().tobytes())
        digest.update(rows.label.tobytes())
    return digest.hexdigest()[:16]


def measured(problem: Problem, ours: Mapping[str, dict[str, Any]], peers: Mapping[str, dict[str, Any]]) -> dict:
    y, everyone = problem.test.label, {**ours, **peers}
    accounts = account_numbers(problem.test.account_id)
    contenders = {}
    for name, told in everyone.items():
        all_figures = figures(y, told["probability"], accounts)
        contenders[name] = {key: rounded(all_figures[key].to_json()) for key in SHOWN}
        contenders[name] |= {key: value for key, value in told.items() if key != "probability"}
    others = {name: told["probability"] for name, told in everyone.items() if name != SALESWORTHY}
    apart = differences(y, ours[SALESWORTHY]["probability"], others, accounts)
    against = {name: {figure: rounded(each[figure].to_json()) for figure in JUDGED} for name, each in apart.items()}
    return {
        "trained_on": len(problem.train),
        "tested_on": len(problem.test),
        "accepted": int(y.sum()),
        "contenders": contenders,
        "ours_minus_theirs": against,
        "verdict": {figure: verdict(contenders, against, figure) for figure in JUDGED},
        "not_worse_than_logistic": not_worse(against["logistic"]["log_loss"]),
    }


def verdict(contenders: Mapping[str, Any], against: Mapping[str, Any], figure: str) -> str:
    """Ours against the best of the others: best, tied (the interval of the difference holds 0) or behind."""
    sign = -1 if figure == "roc_auc" else 1
    best = min(against, key=lambda name: sign * contenders[name][figure]["value"])
    apart = against[best][figure]
    if sign * apart["value"] <= 0:
        return f"best, before {best}"
    return f"{'tied with' if apart['low'] <= 0 <= apart['high'] else 'behind'} {best}"


def not_worse(apart: Mapping[str, float]) -> bool:
    return apart["low"] <= 0


def rounded(figure: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if value is None else round(value, 5) for key, value in figure.items()}


def write(problem: Problem, told: Mapping[str, Any]) -> None:
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    results[problem.name] = told
    RESULT.write_text(json.dumps(results, indent=1) + "\n")


def line(name: str, told: Mapping[str, Any]) -> str:
    cells = [
        f"{key} {told[key]['value']:.4f} ({told[key]['low']:.4f}-{told[key]['high']:.4f})"
        for key in ("roc_auc", "log_loss", "brier", "ece")
    ]
    return f"  {name:17} {'  '.join(cells)}  {told['processor_seconds']:.1f} s"


if __name__ == "__main__":
    main()
