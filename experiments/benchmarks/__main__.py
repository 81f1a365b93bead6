"""Runs benchmarks by name; without a name, all of them in a short form, and then writes the page about them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

SHORT = {
    "drift": 5_000,
    "duplicates": 20_000,
    "features": 20_000,
    "main_job": 5_000,
    "market": 50_000,
    "pages": 5_000,
    "reasons": 10_000,
    "rescoring": 5_000,
    "rules": 10_000,
    "scale": 5_000,
    "single_lead": 5_000,
    "train": 5_000,
}
"""Leads of the short form: enough to see that all of it runs, too few for figures to be quoted."""


def main() -> None:
    """One benchmark in this process, or all of them, each in a process of its own, so that memory is its own too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(SHORT))
    parser.add_argument("--leads", type=int, help="how many; without it the short form, whose results lie apart")
    chosen = parser.parse_args()
    if chosen.name:
        _run(chosen.name, chosen.leads)
        return
    failed = [
        name for name in SHORT if subprocess.run([sys.executable, "-m", __package__, name], check=False).returncode
    ]
    from experiments.benchmarks.page import write_benchmarks
    from experiments.benchmarks.results import SHORT_RESULTS

    print(write_benchmarks(SHORT_RESULTS))
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def _run(name: str, leads: int | None) -> None:
    from importlib import import_module

    from experiments.benchmarks import results

    if leads is None:
        results.RESULTS = results.SHORT_RESULTS
    import_module(f"experiments.benchmarks.{name}").run(leads or SHORT[name])


if __name__ == "__main__":
    main()
