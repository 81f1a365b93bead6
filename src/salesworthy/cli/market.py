"""``salesworthy market``: write the synthetic medtech market."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import print_result, progress_bar, table


@app.command(epilog="Example: salesworthy market data/market --leads 20000 --seed 7 --drift new_product")
def market(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write the tables to.")],
    *,
    leads: Annotated[int, typer.Option(min=100, help="How many leads.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    drift: Annotated[str | None, typer.Option(metavar="SCENARIO", help="A named change in mid-history.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic medtech market with known truth, as Parquet tables."""
    from salesworthy.market.generate import write_market

    with progress_bar() as progress:
        summary = write_market(folder, leads=leads, seed=seed, drift=drift, progress=progress)
    document = asdict(summary)
    rows = [[name, f"{count:,}"] for name, count in document["rows"].items()]
    print_result(document, f"Wrote {folder}\n{table(['table', 'rows'], rows)}", as_json=as_json)
