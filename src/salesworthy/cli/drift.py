"""``salesworthy drift``: what has changed, and what is likely behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.terminal import now, print_result, progress_bar, say

PAGE = Path("reports") / "drift.html"
Page = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Where the page is written. Default: reports/drift.html in the workspace."
    ),
]
Every = Annotated[
    float,
    typer.Option("--every", metavar="WEEKS", min=2, max=520, help="A false finding once in so many weeks is accepted."),
]


@app.command(epilog="Example: salesworthy drift --as-of 2026-03-02 --out drift.html")
def drift(
    context: typer.Context, *, as_of: AsOf = None, out: Page = None, every: Every = 52.0, as_json: AsJson = False
) -> None:
    """What has changed in leads, campaigns, consents, clicks, scores and outcomes; findings and a page with charts.

    The last whole week (Monday to Monday) before the moment is judged against the year before it.
    """
    from salesworthy.reporting.page import write_page
    from salesworthy.runs.check import default_moment
    from salesworthy.runs.drift import drift_report
    from salesworthy.runs.drift_record import recorded_or_why_not

    workspace = context.obj.open()
    moment = default_moment(workspace, now()) if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        report = drift_report(workspace, as_of=moment, every=every, progress=progress)
    place, page = out or workspace.folder / PAGE, report.page()
    write_page(page, place)
    say(f"page: {place}")
    run, why_not = recorded_or_why_not(workspace, report.document, page)
    if why_not:
        say(f"not recorded in MLflow: {why_not}")
    found = {**report.document, "page": str(place), "mlflow_run_id": run}
    print_result(found, drift_text(report.document), as_json=as_json)


def drift_text(document: dict[str, Any]) -> str:
    """The report for a terminal: findings with evidence, cause and what to do; then what could not be watched."""
    alarms = document["false_alarms"]
    lines = [document["headline"], ""]
    for number, each in enumerate(document["findings"], 1):
        lines += [f"{number}. {each['severity'].upper():5} {each['code']}: {each['title']}", *_details(each), ""]
    if alarms["threshold"] is not None:
        lines += [f"{alarms['says']}.", ""]
    lines += [f"Not watched: {each['what']} ({each['why']})" for each in document["not_applicable"]]
    return "\n".join(lines)


def _details(finding: dict[str, Any]) -> list[str]:
    effect = finding["effect_log_odds"]
    score = "" if effect is None else f"; the mean score moves by {effect:+.2f} log-odds"
    lines = [
        f"   {finding['evidence']}",
        f"   About {finding['affected']:,} {finding['affected_unit']} of these weeks are concerned{score}",
    ]
    if finding["cause"]:
        lines.append(f"   Likely cause: {finding['cause']}")
    return [
        *lines,
        f"   Since the week of {finding['since']}, first told on {finding['first_seen']}",
        f"   -> {finding['todo']}",
    ]
