"""``salesworthy retain``: what is held longer than the policy allows, and its purge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table

Apply = Annotated[bool, typer.Option("--apply", help="Purge what is past its limit; without it nothing is changed.")]
Places = Annotated[
    list[Path] | None,
    typer.Option("--out", metavar="DIR", help="A place where runs were published, beside those that are remembered."),
]


@app.command(epilog="Example: salesworthy retain --apply")
def retain(context: typer.Context, *, apply: Apply = False, out: Places = None, as_json: AsJson = False) -> None:
    """Show which rows and leads are past the limits of the policy; --apply purges them from everything written here.

    Raw exports are not changed; intake keeps purged rows out from then on, and counts them as suppressed.
    """
    from salesworthy.runs.retain import retain as retained

    workspace = context.obj.open()
    with progress_bar() as progress:
        report = retained(workspace, now=now(), apply=apply, more=tuple(out or ()), progress=progress).as_dict()
    print_result(report, _text(report), as_json=as_json)


def _text(report: dict[str, Any]) -> str:
    rows = [
        [each["table"], _days(each["keep_days"]), each["before"] or "-", f"{each['rows']:,}", f"{each['past']:,}"]
        for each in report["tables"]
    ]
    notes = [f"{each['table']}: {each['note']}" for each in report["tables"] if each["note"]]
    pending = report["pending_erasures"]
    return "\n".join(
        [
            _headline(report),
            "",
            table(["table", "kept for", "past before", "rows", "past"], rows),
            "",
            *notes,
            *report["notes"],
            *([f"{pending} erasure(s) were begun and not finished: give the command again."] if pending else []),
        ]
    )


def _headline(report: dict[str, Any]) -> str:
    if report["policy_version"] is None:
        return "There is no policy, and so no limit."
    past = sum(each["past"] for each in report["tables"])
    what = f"{past:,} rows and {report['leads_purged']:,} leads"
    if report["applied"]:
        return f"Purged under policy {report['policy_version']}: {what}."
    return f"Past the limits of policy {report['policy_version']}: {what}." + (
        " Nothing was changed: salesworthy retain --apply purges them." if past else ""
    )


def _days(days: float | None) -> str:
    return "no limit" if days is None else f"{days:g} days"
