"""``salesworthy check``: are the tables fit for use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.check_text import check_text
from salesworthy.cli.terminal import now, print_result, progress_bar
from salesworthy.domain.errors import WrongUsage


@app.command(
    epilog="Example: salesworthy check --report check.html; mend rows: salesworthy check --rejected rows.csv, change "
    "cells, salesworthy check --replay rows.csv --by NAME"
)
def check(
    context: typer.Context,
    *,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report as a page (HTML).")] = None,
    rejected: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that are set aside, to be mended (CSV).")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take in the rows of such a file that somebody mended.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who mended them; kept in the record.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read and check the tables: what became of every row, findings, feeds, missing facts, usable features."""
    if rejected is not None and replay is not None:
        raise WrongUsage("give either --rejected or --replay", todo="take rows in first, then write what is left")
    from salesworthy.runs.check import check as check_workspace

    workspace, moment = context.obj.open(), now()
    with progress_bar() as progress:
        extra = {} if replay is None else _taken_in(workspace, replay, by, moment)
        extra |= {} if rejected is None else _written(workspace, rejected, moment, progress)
        found = {**check_workspace(workspace, now=moment, progress=progress).as_dict(), **extra}
    if report is not None:
        from salesworthy.reporting.page import write_page
        from salesworthy.runs.check_page import check_page

        write_page(check_page(found, name=workspace.settings.workspace.name, now=moment), report)
        found["report"] = str(report)
    print_result(found, check_text(found), as_json=as_json)


def _taken_in(workspace: Any, path: Path, by: str, moment: int) -> dict[str, Any]:
    from salesworthy.runs.rejected import replay

    return {"replayed": replay(workspace, path, by=by, now=moment).as_dict()}


def _written(workspace: Any, path: Path, moment: int, progress: Any) -> dict[str, Any]:
    """The rows as a file; also when so many are set aside that nothing else would work."""
    from salesworthy.runs.rejected import export_rejected

    return {"written": export_rejected(workspace, path, now=moment, progress=progress).as_dict()}
