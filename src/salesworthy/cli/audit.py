"""``salesworthy audit``: whether what the ledger recorded still stands as it was written."""

from __future__ import annotations

from typing import Annotated

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import print_result

audit = typer.Typer(
    name="audit",
    help="Check the ledger: models, decisions, feedback, signatures and who did what.",
    epilog="Example: salesworthy audit verify",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(audit)

Head = Annotated[
    str | None,
    typer.Option("--head", metavar="HASH", help="The hash that an earlier check ended with; it must still stand."),
]


@audit.command(epilog="Example: salesworthy audit verify --json")
def verify(context: typer.Context, *, head: Head = None, as_json: AsJson = False) -> None:
    """Check that nothing was changed, removed, added or reordered; exit code 4 names the first bad row."""
    check = context.obj.open().ledger.verify_audit(head=head)
    text = (
        f"The ledger holds: {check.events:,} event(s), and every row that they speak of.\n"
        f"Head: {check.head}\n"
        "Keep it elsewhere: a later `audit verify --head HASH` then also shows that the end was not cut off."
    )
    print_result({"holds": True, "events": check.events, "head": check.head}, text, as_json=as_json)
