"""``salesworthy grade``: every issued score against what came of it."""

from __future__ import annotations

from typing import Any

import typer

from salesworthy.cli.app import AsJson, AsOf, app
from salesworthy.cli.terminal import now, print_result, progress_bar, table

TITLES = {
    "decided_by": "By the rule that decided",
    "reason": "By reason",
    "route": "By route",
    "owner": "By owner, the team that the policy routes to",
    "territory": "By territory",
    "campaign": "By campaign",
    "month": "By month of issue",
}
"""Groupings that are printed, in this order; --json has all."""


@app.command(epilog="Example: salesworthy grade --as-of 2026-07-01")
def grade(context: typer.Context, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Grade issued scores: calibration, lift, by rule, reason, route, owner, territory, campaign; do reasons match?"""
    from salesworthy.runs.grade import grade as graded

    workspace = context.obj.open()
    moment = now() if as_of is None else workspace.moment(as_of)
    with progress_bar() as progress:
        report = graded(workspace, as_of=moment, progress=progress).as_dict()
    print_result(report, _text(report), as_json=as_json)


def _text(report: dict[str, Any]) -> str:
    told = report["handovers"]
    parts = [
        f"{report['decisions']:,} decisions make {told['issued']:,} handovers by {report['as_of']}: {told['judged']:,} "
        f"judged, {told['not_judged']:,} never judged, {told['waiting']:,} still inside the window of "
        f"{report['window_days']:g} days.",
        _overall(report),
        _then_and_now(report["then_and_now"]),
        _calibration(report["calibration"]),
        *(_groups(title, report["by"][grouping]) for grouping, title in TITLES.items()),
        _reasons(report["reason_match"]),
        *report["notes"],
    ]
    return "\n\n".join(part for part in parts if part)


def _overall(report: dict[str, Any]) -> str:
    if report["figures"] is None:
        return "Too few judged leads had a propensity for figures."
    rows = [[name, _figure(figure)] for name, figure in report["figures"].items()]
    return table(["figure", "value (95 % interval)"], rows)


def _then_and_now(told: dict[str, Any]) -> str:
    then, since = told["then"], told["now"]
    rows = [
        [f"{then['from']} to {then['until']}", then["issued"], _percent(then["mean_propensity"]), _share(then)],
        [f"{since['from']} to {since['until']}", since["issued"], _percent(since["mean_propensity"]), "not in yet"],
    ]
    return table(["issued", "leads", "foretold", "accepted"], rows)


def _calibration(bins: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"{_percent(each['from'])} to {_percent(each['to'])}",
            each["judged"],
            _percent(each["expected"]),
            _share(each),
        ]
        for each in bins
    ]
    return table(["propensity", "judged", "foretold", "accepted"], rows) if rows else ""


def _groups(title: str, groups: dict[str, dict[str, Any]]) -> str:
    rows = [
        [name, each["issued"], each["judged"], _percent(each["expected"]), _share(each), _number(each["lift"])]
        for name, each in groups.items()
        if not each["too_few"]
    ]
    left = len(groups) - len(rows)
    more = f"\n{left} more with too few judged leads for a figure" if left else ""
    shown = table(["", "issued", "judged", "foretold", "accepted", "lift"], rows) if rows else ""
    return f"{title}\n{shown}{more}"


def _reasons(found: dict[str, dict[str, Any]]) -> str:
    if not found:
        return "Nobody has said yet whether a reason matched."
    rows = [
        [code, each["answers"], each["matched"], _figure(each["share"], percent=True)] for code, each in found.items()
    ]
    return "Did the reason match?\n" + table(["reason", "answers", "matched", "share"], rows)


def _share(told: dict[str, Any]) -> str:
    return _figure(told["accepted_share"], percent=True)


def _figure(figure: dict[str, float | None] | None, *, percent: bool = False) -> str:
    if figure is None:
        return "too few"
    show = _percent if percent else _number
    if figure["value"] is None:
        return "-"
    return f"{show(figure['value'])} ({show(figure['low'])} to {show(figure['high'])})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
