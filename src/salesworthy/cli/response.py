"""``salesworthy response``: time to first contact against the window, and what nobody touched."""

from __future__ import annotations

from typing import Any

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table


@app.command(epilog="Example: salesworthy response --as-of 2026-07-01")
def response(context: typer.Context, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Tell how soon sales made contact with what it was handed, by owner, trigger and territory; name what waits."""
    from salesworthy.runs.response import response as responded

    workspace = context.obj.open()
    moment = now() if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        report = responded(workspace, as_of=moment, progress=progress).as_dict()
    print_result(report, _text(report), as_json=as_json)


def _text(report: dict[str, Any]) -> str:
    parts = [f"Handovers by {report['as_of']}\n" + _groups({"all": report["handovers"]})]
    if not report["handovers"]["too_few"]:
        counts = [[report["says"][name], count] for name, count in report["handovers"]["responses"].items()]
        parts.append(table(["response", "leads"], counts))
    for name, groups in report["by"].items():
        parts.append(f"By {name}\n{_groups(groups)}")
    parts.append(_untouched(report))
    return "\n\n".join(parts)


def _groups(groups: dict[str, dict[str, Any]]) -> str:
    rows = [[name, each["handovers"], *_figures(each)] for name, each in groups.items()]
    return table(["", "handovers", "due", "in time", "untouched", "median hours", "90 % within"], rows)


def _figures(told: dict[str, Any]) -> list[object]:
    if told["too_few"]:
        return ["", "too few", "too few", "", ""]
    hours = told["hours_to_contact"]
    return [
        told["due"],
        _share(told["in_time_share"]),
        _share(told["untouched_share"]),
        _hours(hours["median"]),
        _hours(hours["ninety_percent"]),
    ]


def _share(figure: dict[str, float | None]) -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.0%} ({figure['low']:.0%} to {figure['high']:.0%})"


def _hours(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _untouched(report: dict[str, Any]) -> str:
    if not report["untouched"]:
        return "Nothing that is due is untouched."
    rows = [
        [
            each["lead_id"],
            each["owner"] or "-",
            each["trigger"] or "-",
            each["respond_by"],
            f"{each['overdue_hours']:.0f}",
        ]
        for each in report["untouched"]
    ]
    more = f"\nand {report['untouched_not_named']} more" if report["untouched_not_named"] else ""
    return "Untouched after their window\n" + table(["lead", "owner", "trigger", "due", "hours overdue"], rows) + more
