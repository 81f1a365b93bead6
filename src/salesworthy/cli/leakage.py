"""``salesworthy leakage``: which columns give the outcome away."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.terminal import now, print_result, progress_bar


@app.command(epilog="Example: salesworthy leakage --json")
def leakage(context: typer.Context, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Audit every candidate column for leakage: by its name, dates, gaps, values and predictive power."""
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.leakage import leakage as audit_workspace

    workspace = context.obj.open()
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        found = audit_workspace(workspace, as_of=moment, progress=progress).to_json()
    print_result(found, leakage_text(found), as_json=as_json)


def leakage_text(found: dict[str, Any]) -> str:
    """Findings one below the other, each column once."""
    lines: list[str] = []
    last = ""
    for each in found["findings"]:
        if each["column"] != last:
            answered = f"  (waived: {shorten(each['waived'], 80)})" if "waived" in each else ""
            lines.append(f"{each['column']}{answered}")
            last = each["column"]
        lines.append(f"  {each['severity']:5} {each['code']}: {each['evidence']}")
    stops = {each["column"] for each in found["findings"] if each["severity"] == "block" and "waived" not in each}
    count = len({each["column"] for each in found["findings"]})
    total = f"{found['checked']} columns checked; {count or 'none'} with findings, {len(stops) or 'none'} stop training"
    ways = "remove them under [features] in salesworthy.toml, or waive them there with a reason and a name"
    return "\n".join([*lines, *([""] if lines else []), total, *([f"Next: {ways}"] if stops else [])])
