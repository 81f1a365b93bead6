"""``salesworthy feedback``: what sales says of leads, into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, progress_bar


@app.command(epilog="Example: salesworthy feedback dispositions.csv")
def feedback(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet: lead_id, at, by, disposition, ...")],
    *,
    as_json: AsJson = False,
) -> None:
    """Load dispositions, answers to "did the reason match?", skips and appeals; the same file again changes nothing."""
    from salesworthy.runs.feedback import load_feedback

    workspace = context.obj.open()
    with progress_bar() as progress:
        report = load_feedback(workspace, file, now=now(), progress=progress)
    document = report.as_dict()
    print_result(document, _text(document), as_json=as_json)


def _text(report: dict[str, Any]) -> str:
    recorded = ", ".join(f"{count} {kind}(s)" for kind, count in report["recorded"].items()) or "nothing new"
    lines = [f"{report['rows_in']} row(s): {recorded}; {report['known_already']} known already."]
    if report["not_handed"]:
        lines.append(f"{report['not_handed']} speak of leads that no recorded decision had handed to sales by then.")
    if report["unanswered"]:
        lines.append(f"{report['unanswered']} answer(s) could not be tied to a reason: no decision stands behind them.")
    for code, told in report["rejected"].items():
        lines.append(f"set aside: {told['rows']} {code}: {told['says']}\n  -> {told['todo']}")
    if report["rejected_file"]:
        lines.append(f"The rows are in {report['rejected_file']}")
    return "\n".join(lines)
