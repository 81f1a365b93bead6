"""``salesworthy duplicates``: who was joined, who may be one, and what people say about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table

duplicates = typer.Typer(
    name="duplicates",
    help="Show which entries are one person or one site; confirm, reject, or read a reviewed list back.",
    epilog="Example: salesworthy duplicates list",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(duplicates)

SHOWN = 20
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; written to duplicates.csv.")]
One = Annotated[str, typer.Argument(metavar="ID", help="A lead_id or account_id.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="Another one of the same table.")]


@duplicates.command("list", epilog="Example: salesworthy duplicates list --out review.csv")
def list_(
    context: typer.Context,
    *,
    merged: Annotated[bool, typer.Option("--merged", help="Show what was joined, with lineage.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the uncertain pairs as CSV to fill in.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List pairs that may be one; or entries that were joined, with the key that survives, the score and the moment."""
    from salesworthy.runs.duplicates import list_duplicates, write_review

    workspace = context.obj.open()
    with progress_bar() as progress:
        document = list_duplicates(workspace, progress=progress).as_dict()
        if out is not None:
            document["file"] = write_review(workspace, out).as_dict()
    print_result(document, _text(document, merged=merged), as_json=as_json)


@duplicates.command(epilog='Example: salesworthy duplicates confirm L0000012 L0000345 --by "J. Doe"')
def confirm(context: typer.Context, one: One, other: Other, *, by: By, as_json: AsJson = False) -> None:
    """Say that two entries are one; the word stands over every probability."""
    _decide(context, one, other, decision="confirm", by=by, as_json=as_json)


@duplicates.command(epilog='Example: salesworthy duplicates reject L0000012 L0000345 --by "J. Doe"')
def reject(context: typer.Context, one: One, other: Other, *, by: By, as_json: AsJson = False) -> None:
    """Say that two entries are not one; if they were joined, the next check parts them."""
    _decide(context, one, other, decision="reject", by=by, as_json=as_json)


@duplicates.command(epilog='Example: salesworthy duplicates read review.csv --by "J. Doe"')
def read(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list that `list --out` wrote, filled in.")],
    *,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Read a filled-in list back: confirm or reject under decision; empty ones stay open."""
    from salesworthy.runs.duplicates import read_review

    found = read_review(context.obj.open(), file, by=by, now=now())
    document = {"decided": [vars(each) for each in found]}
    print_result(document, f"{len(found)} decision(s) written. Next: salesworthy check", as_json=as_json)


def _decide(context: typer.Context, one: str, other: str, *, decision: str, by: str, as_json: bool) -> None:
    from salesworthy.runs.duplicates import decide_pair

    found = decide_pair(context.obj.open(), one, other, decision=decision, by=by, now=now())
    says = f"{found.left} and {found.right}: {found.decision}ed by {found.by}. Next: salesworthy check"
    print_result(vars(found), says, as_json=as_json)


def _text(document: dict[str, Any], *, merged: bool) -> str:
    rows = document["merged" if merged else "uncertain"]
    lines = [_merged(rows) if merged else _uncertain(rows)] if rows else []
    if len(rows) > SHOWN:
        lines.append(f"... and {len(rows) - SHOWN:,} more (--json lists all)")
    lines.append(
        f"{len(document['uncertain']):,} uncertain, {len(document['merged']):,} joined, "
        f"{len(document['decided']):,} decided by people"
    )
    if "file" in document:
        lines.append(f"{document['file']['path']}: write confirm or reject under decision, then: duplicates read")
    return "\n".join(lines)


def _uncertain(rows: list[dict[str, Any]]) -> str:
    shown = [[each["table"], each["left"], each["right"], f"{each['probability']:.2f}"] for each in rows[:SHOWN]]
    return table(["table", "one", "other", "probability"], shown)


def _merged(rows: list[dict[str, Any]]) -> str:
    shown = [
        [each["table"], each["id"], each["survivor"], f"{each['probability']:.3f}", each["because"], each["joined_at"]]
        for each in rows[:SHOWN]
    ]
    return table(["table", "entry", "follows", "probability", "because", "since"], shown)
