"""``salesworthy erase``: one person out of everything that was written, with a receipt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, progress_bar
from salesworthy.domain.errors import ExitCode

Lead = Annotated[str, typer.Argument(metavar="LEAD_ID", help="Whom to erase.")]
Who = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; written to the receipt and the ledger.")]
Places = Annotated[
    list[Path] | None,
    typer.Option("--out", metavar="DIR", help="A place where runs were published, beside those that are remembered."),
]


@app.command(epilog='Example: salesworthy erase L-004711 --by "C. Brandt"')
def erase(context: typer.Context, lead: Lead, *, by: Who, out: Places = None, as_json: AsJson = False) -> None:
    """Erase a person from caches, rejected rows, runs, packets, exports, reports and the ledger; writes a receipt.

    Raw exports are not changed; intake keeps the person out from then on. The same command again finishes an erasure
    that was interrupted. Exit code 4 when something still names the person at the end.
    """
    from salesworthy.runs.erase import erase as erased

    workspace = context.obj.open()
    with progress_bar() as progress:
        receipt = erased(workspace, lead, by=by, now=now(), more=tuple(out or ()), progress=progress)
    document = receipt.as_dict()
    print_result(document, receipt_text(document), as_json=as_json)
    if not receipt.complete:
        raise typer.Exit(ExitCode.DATA_LIMIT)


def receipt_text(document: dict[str, Any]) -> str:
    """The receipt for a terminal."""
    found = [f"  {place}: {told}" for place, told in _places(document["found"])]
    models = [f"  {each['version']} ({each['state']}): {each['how']}" for each in document["models"]]
    left = [f"  {each}" for each in document["left"]]
    policy = [f"  {each}" for each in document["named_in_policy"]]
    return "\n".join(
        [
            f"Erased by {document['by']} at {document['at']}.",
            *(["Nothing was found."] if document["nothing_found"] else ["Found, and taken away:", *found]),
            *(["", "Models that were trained when the person was known:", *models] if models else []),
            *(["", "The policy names the person; people signed it, so people change it:", *policy] if policy else []),
            "",
            f"Looked through {document['looked_through']:,} files afterwards: "
            + ("nothing names the person." if not left else "STILL NAMED IN"),
            *left,
            *document["notes"],
            f"Receipt: {document['receipt']}",
        ]
    )


def _places(found: dict[str, Any], before: str = "") -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = []
    for name, told in found.items():
        place = f"{before}{name}"
        rows += _places(told, f"{place} ") if isinstance(told, dict) else [(place, told)]
    return rows
