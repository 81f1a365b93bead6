"""Check and score 10^5, 10^6 and 5 x 10^6 leads with ten acts each, under one memory limit; seconds and peak memory.

python -m experiments.large_runs --work DIR [--sizes 100000 1000000 5000000] [--limit 4GB]

The steps can be taken one at a time: what stands in DIR is not made again, and figures are added to result.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from experiments.large_runs.market import OF_ONE_MARKET, market
from experiments.large_runs.watched import watched

RESULT = Path(__file__).with_name("result.json")
DAY = "2026-07-01"
SIZES = (100_000, 1_000_000, 5_000_000)
TRAINED_ON = 100_000
"""Leads of the market that the model learns from; all sizes are scored by the same model."""
COMMAND = (sys.executable, "-m", "salesworthy.cli.main")
SETTINGS = """
[scoring]
leads = "all"
single_leads = false

[engine]
memory_limit = "{limit}"
threads = 2
"""


@dataclass(frozen=True)
class Place:
    """Where everything lies, and under which limit it is done."""

    work: Path
    limit: str

    def workspace(self, leads: int) -> Path:
        """A workspace with so many leads, and the one model in force."""
        folder = self.work / f"d{leads}"
        if not (folder / "salesworthy.toml").exists():
            market(folder, leads, one=lambda: self.workspace(OF_ONE_MARKET))
            file = folder / "salesworthy.toml"
            whole = file.read_text().partition("\n[scoring]")[0]  # a copy has the settings of its source
            file.write_text(whole + SETTINGS.format(limit=self.limit))
        if not (folder / "ledger.db").exists():
            self._put_model(folder, leads)
        return folder

    def _put_model(self, folder: Path, leads: int) -> None:
        if leads == TRAINED_ON:
            for command in (("train", "--as-of", DAY), ("promote", "v1", "--by", "the experiment")):
                subprocess.run([*COMMAND, "-w", str(folder), *command], check=True, stdout=subprocess.DEVNULL)
            return
        trained = self.workspace(TRAINED_ON)
        for name in ("models", "mlflow"):
            shutil.copytree(trained / name, folder / name)
        shutil.copy(trained / "ledger.db", folder)

    def checked(self, leads: int) -> dict[str, object]:
        """Figures of a check that finds nothing remembered."""
        folder = self.workspace(leads)
        shutil.rmtree(folder / ".salesworthy", ignore_errors=True)
        return watched([*COMMAND, "-w", str(folder), "check", "--json"]).figures

    def scored(self, leads: int) -> dict[str, object]:
        """Figures of a run from checked tables."""
        folder = self.workspace(leads)
        shutil.rmtree(folder / "out", ignore_errors=True)
        seen = watched([*COMMAND, "-w", str(folder), "score", "--as-of", DAY, "--json"])
        return {**seen.figures, **about(seen.output)}


def about(output: str) -> dict[str, object]:
    """What a run says of itself, as far as it is a figure."""
    told = json.JSONDecoder().raw_decode(output)[0]
    scored = sum(told["counts"].values())
    seconds = sum(each["seconds"] for each in told["profile"].values())
    processor = sum(each["processor_seconds"] for each in told["profile"].values())
    return {
        "scored": scored,
        "mqls": told["counts"]["MQL"],
        "microseconds_per_lead": round(1e6 * seconds / scored, 1),
        "processor_microseconds_per_lead": round(1e6 * processor / scored, 1),
        "steps": {name: each["seconds"] for name, each in told["profile"].items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--limit", default="4GB")
    parser.add_argument("--steps", nargs="+", choices=["check", "score"], default=["check", "score"])
    chosen = parser.parse_args()
    place = Place(chosen.work.resolve(), chosen.limit)
    for leads in chosen.sizes:
        for name in chosen.steps:
            add(leads, name, (place.checked if name == "check" else place.scored)(leads), chosen.limit)


def add(leads: int, step: str, figures: dict[str, object], limit: str) -> None:
    """Write figures into the result, beside those that are there."""
    found = json.loads(RESULT.read_text()) if RESULT.exists() else {"sizes": {}}
    found |= {"memory_limit": limit, "cores": os.cpu_count(), "python": platform.python_version()}
    found["sizes"].setdefault(str(leads), {})[step] = figures
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    print(leads, step, json.dumps(figures))


if __name__ == "__main__":
    main()
