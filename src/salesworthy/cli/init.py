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
    crm: Annotated[
        str | None, typer.Option("--map", metavar="CRM", help="On exports of a CRM: salesforce, hubspot or dynamics.")
    ] = None,
    leads: Annotated[int, typer.Option(min=100, help="Leads of the synthetic market.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic market.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Write a workspace: blank, for a CRM, or on the synthetic market. Files that exist are never overwritten."""
    from salesworthy.runs.init import write_workspace

    with progress_bar() as progress:
        written = write_workspace(folder, example=example, crm=crm, leads=leads, seed=seed, progress=progress)
    steps = "salesworthy check" if example else _steps(crm)
    listing = "\n".join(f"  {path}" for path in written)
    print_result({"written": [str(path) for path in written]}, f"Wrote\n{listing}\nNext: {steps}", as_json=as_json)


def _steps(crm: str | None) -> str:
    if crm is None:
        return "edit salesworthy.toml, then: salesworthy check"
    return "put your exports into exports/ as README.md says, then: salesworthy check"
