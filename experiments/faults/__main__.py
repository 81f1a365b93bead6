"""Every kind of fault at many places of a scoring run: what was left, and what the next run made of it.

python -m experiments.faults --tries 20 --workers 2
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.faults.cases import cases, single_cases
from tests.faults.harness import DAY, Left, Trial

RESULT = Path(__file__).with_name("result.json")
SEED = 7
LEADS = 2_000
CLOSED = "http://127.0.0.1:9"
Found = dict[str, Counter[str]]


def trained(folder: Path) -> Path:
    """A small market with a champion; so few leads that a person must answer for its skill."""
    despite = ("--despite", "SKILL", "--because", "faults are tried, not the model")
    for command in (
        ("init", folder, "--example", "--leads", LEADS, "--seed", 3),
        ("-w", folder, "train", "--as-of", DAY),
        ("-w", folder, "promote", "v1", "--by", "a person", *despite),
    ):
        _salesworthy(*command, check=True)
    return folder


def trained_without_a_registry(folder: Path) -> str:
    """What becomes of a training when nobody answers at MLflow's address."""
    before = len(_versions(folder))
    done = _salesworthy("-w", folder, "train", "--as-of", DAY, SALESWORTHY__MLFLOW__TRACKING_URI=CLOSED)
    registered = len(_versions(folder)) - before
    said = "said so" if "registered without an MLflow run" in done.stderr else "silent"
    return f"code {done.returncode}, {registered} version registered in the ledger, {said}"


def table(found: Mapping[str, Counter[str]]) -> str:
    """One row per fault."""
    lines = ["| fault | tries | outcome |", "|---|---|---|"]
    for name, outcomes in sorted(found.items()):
        told = "; ".join(f"{count} x {outcome}" for outcome, count in sorted(outcomes.items()))
        lines.append(f"| {name} | {outcomes.total()} | {told} |")
    return "\n".join(lines)


def main() -> None:
    """Run the faults, and write and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=20, help="places per kind of call, and files per kind of damage")
    parser.add_argument("--workers", type=int, default=2, help="commands at a time")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="salesworthy-faults-") as scratch:
        folder = trained(Path(scratch) / "demo")
        trial = Trial(folder, Path(scratch), workers=chosen.workers)
        found: Found = {"registry unreachable, training": Counter([trained_without_a_registry(folder)])}
        try:
            _try_all(trial, chosen.tries, found)
        finally:
            trial.close()
    sys.stdout.write(table(found) + "\n")


def _try_all(trial: Trial, tries: int, found: Found) -> None:
    """Try every case; the result is written after each, so that a run which is stopped has said what it saw."""
    started = time.monotonic()
    for name, case in single_cases(trial):
        _count(found, name, case())
    with ThreadPoolExecutor(trial.workers) as pool:
        running = {pool.submit(case): name for name, case in cases(trial, tries, SEED)}
        for done in as_completed(running):
            _count(found, running[done], done.result())
            spent = round(time.monotonic() - started)
            result = {"leads": LEADS, "seed": SEED, "calls": trial.calls, "seconds": spent, "outcomes": found}
            RESULT.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _count(found: Found, name: str, left: Left) -> None:
    found.setdefault(name, Counter())[left.outcome] += 1
    if left.faults:
        sys.stderr.write(f"{name}: {left}\n")


def _versions(folder: Path) -> list[object]:
    found: list[object] = json.loads(_salesworthy("-w", folder, "models", "--json", check=True).stdout)["models"]
    return found


def _salesworthy(*arguments: object, check: bool = False, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "salesworthy.cli.main", *map(str, arguments)]
    return subprocess.run(command, check=check, capture_output=True, text=True, env={**os.environ, **environ})


if __name__ == "__main__":
    main()
