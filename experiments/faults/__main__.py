"""Every kind of fault at many places of a scoring run: what was left, and what the next run made of it.

python -m experiments.faults --tries 20
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.faults.cases import planned
from tests.faults.harness import COMMAND, DAY, Left, Trial

RESULT = Path(__file__).with_name("result.json")
SEED = 7
LEADS = 3_000


def trained(folder: Path) -> Path:
    """A small market with a champion."""
    for command in (
        ("init", folder, "--example", "--leads", LEADS, "--seed", 3),
        ("-w", folder, "train", "--as-of", DAY),
        ("-w", folder, "promote", "v1", "--by", "a person"),
    ):
        subprocess.run([*COMMAND, *map(str, command)], check=True, capture_output=True)
    return folder


def table(found: dict[str, Counter[str]]) -> str:
    """One row per fault and outcome."""
    lines = ["| fault | tries | outcome |", "|---|---|---|"]
    for name, outcomes in found.items():
        told = "; ".join(f"{count} x {outcome}" for outcome, count in sorted(outcomes.items()))
        lines.append(f"| {name} | {outcomes.total()} | {told} |")
    return "\n".join(lines)


def with_clock_back(trial: Trial) -> Left:
    """A run on a machine whose clock was set back by a day after the last one."""
    workspace = trial.copy("yesterday")
    return trial.look(workspace, trial.run(workspace, FAULT_CLOCK="-86400"))


def main() -> None:
    """Run the faults, and write and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=20, help="places per kind of call and fault")
    tries = parser.parse_args().tries
    with tempfile.TemporaryDirectory(prefix="salesworthy-faults-") as scratch:
        trial = Trial(trained(Path(scratch) / "demo"), Path(scratch))
        found: dict[str, Counter[str]] = {}
        for name, fault in planned(trial.calls, tries, SEED):
            left = trial.fail(fault)
            found.setdefault(name, Counter())[left.outcome] += 1
            sys.stderr.write(f"{name} at {fault.nth} of {trial.calls[fault.call]}: {left.outcome}\n")
        found["clock set back by a day"] = Counter([with_clock_back(trial).outcome])
        result = {"leads": LEADS, "seed": SEED, "calls": trial.calls, "outcomes": found}
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
