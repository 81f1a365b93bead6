"""``salesworthy init``: write a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import print_result, progress_bar


@app.command(epilog="Example: salesworthy init demo --example")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; created when needed.")],
    *,
    example: Annotated[bool, typer.Option("--example", help="A workspace on the synthetic medtech market.")] = False,
    leads: Annotated[int, typer.Option(min=100, help="Leads of the synthetic market.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic market.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Write a workspace: blank, or on the synthetic market. Files that exist are never overwritten."""
    from salesworthy.runs.init import write_workspace

    with progress_bar() as progress:
        written = write_workspace(folder, example=example, leads=leads, seed=seed, progress=progress)
    steps = "salesworthy check" if example else "edit salesworthy.toml, then: salesworthy check"
    listing = "\n".join(f"  {path}" for path in written)
    print_result({"written": [str(path) for path in written]}, f"Wrote\n{listing}\nNext: {steps}", as_json=as_json)
