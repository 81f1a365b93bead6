"""How long the synthetic market takes to write."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.benchmarks.results import Timed, write

from salesworthy.market.generate import write_market


def run(leads: int) -> None:
    print(f"market, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as folder, timed.step("write_market"):
        summary = write_market(Path(folder), leads=leads, seed=7)
    rows = dict(summary.rows)
    write(
        "market",
        timed,
        leads=leads,
        rows=rows,
        rows_per_second=round(sum(rows.values()) / timed.seconds("write_market")),
    )
