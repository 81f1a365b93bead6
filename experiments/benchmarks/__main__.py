"""Runs benchmarks by name; without a name, all of them in a short form."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from experiments.benchmarks import drift, duplicates, main_job, market, pages, reasons, rules, train

BENCHMARKS = {
    "drift": drift.run,
    "duplicates": duplicates.run,
    "market": market.run,
    "main_job": main_job.run,
    "pages": pages.run,
    "reasons": reasons.run,
    "rules": rules.run,
    "train": train.run,
}
SHORT = {
    "drift": 20_000,
    "duplicates": 50_000,
    "market": 50_000,
    "main_job": 20_000,
    "pages": 20_000,
    "reasons": 20_000,
    "rules": 50_000,
    "train": 20_000,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(BENCHMARKS))
    parser.add_argument("--leads", type=int)
    chosen = parser.parse_args()
    for name in [chosen.name] if chosen.name else sorted(BENCHMARKS):
        BENCHMARKS[name](chosen.leads or SHORT[name])


if __name__ == "__main__":
    main()
