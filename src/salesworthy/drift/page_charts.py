"""Charts of weekly figures, with the week in which a change began; each with its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesworthy.drift.watched import Kind
from salesworthy.reporting.chart_parts import Chart, Look, chart, layer, measured
from salesworthy.reporting.drawing import figure, legend
from salesworthy.reporting.html import Html, joined, tag
from salesworthy.reporting.style import LIGHT

Series = Mapping[str, Any]
"""An entry of the report's ``series``."""
LOOKS = (Look("ours"), Look("second", (6, 3)), Look("third", (2, 2)), Look("fourth", (8, 3, 2, 3)))
HEIGHT = 200
FORMS = {Kind.SHARE: ".0%", Kind.MEAN: "+.2f", Kind.COUNT: "~s", Kind.SCORE: "+.2f"}
SMOOTHED = 4
"""Weeks over which few rows are taken together in a chart; the table has every week."""
FEW = 30
"""Rows a week below which a chart shows the mean of four weeks."""


def series_of(report: Mapping[str, Any], finding: Mapping[str, Any]) -> list[Series]:
    """The weekly figures that a finding is about, those that stray furthest first; none where none are kept.

    Args:
        report: What ``drift --json`` prints.
        finding: One of its findings.
    """
    levels = [each["level"] for each in finding["levels"]]
    about = list(finding["family_and_thing"])
    mine = [each for each in report["series"] if [each["family"], each["thing"]] == about and each["level"] in levels]
    return sorted(mine, key=lambda each: levels.index(each["level"]))


def weekly_chart(series: Sequence[Series], *, since: str | None = None) -> Chart:
    """Weekly figures as lines, one per level.

    Args:
        series: Of one thing, at least one; four are drawn.
        since: First day of the week in which a change began.
    """
    shown = series[: len(LOOKS)]
    return _chart(shown, since, smooth=_is_few(shown))


def weekly_figure(series: Sequence[Series], *, name: str, title: str, says: str, since: str | None = None) -> Html:
    """Weekly figures as lines, one per level, and as a table.

    Args:
        series: Of one thing, at most four.
        name: Different for every chart of the page.
        title: What is shown.
        says: How to read it.
        since: First day of the week in which a change began.
    """
    shown = series[: len(LOOKS)]
    note = f" Lines are means of {SMOOTHED} weeks, as a week has few rows." if _is_few(shown) else ""
    drawn = figure(
        weekly_chart(shown, since=since),
        name=name,
        title=title,
        says=f"{says}{note}",
        header=["week of", *(_label(each) for each in shown)],
        rows=[[week, *(_written(each, place) for each in shown)] for place, week in enumerate(shown[0]["weeks"])][::-1],
    )
    if len(shown) == 1:
        return drawn
    entries = [(_label(each), look.colour, look.dashes) for each, look in zip(shown, LOOKS, strict=False)]
    return tag("div", joined([legend(entries), drawn]))


def _chart(series: Sequence[Series], since: str | None, *, smooth: bool) -> Chart:
    form = FORMS[Kind(series[0]["kind"])]
    across = {
        "field": "week",
        "type": "temporal",
        "title": None,
        "scale": {"type": "utc"},
        "axis": {"format": "%b %y", "tickCount": 5, "grid": False},
    }
    up = measured(
        "value", None, scale={"zero": Kind(series[0]["kind"]) != Kind.SCORE}, axis={"format": form, "tickCount": 4}
    )
    layers = []
    if since is not None:
        rule = {"type": "rule", "color": LIGHT["against"], "strokeDash": [4, 3], "strokeWidth": 1.3}
        layers.append(layer([{"week": since}], rule, x=across))
    for each, look in zip(series, LOOKS, strict=False):
        values = _smoothed(each) if smooth else each["values"]
        rows = [
            {"week": week, "value": value}
            for week, value in zip(each["weeks"], values, strict=True)
            if value is not None
        ]
        layers.append(layer(rows, look.line(), x=across, y=up))
    return chart(layers, HEIGHT)


def _is_few(series: Sequence[Series]) -> bool:
    rows = [n for each in series for n in each["rows"] if n > 0]
    return series[0]["kind"] != Kind.COUNT and bool(rows) and sorted(rows)[len(rows) // 2] < FEW


def _smoothed(series: Series) -> list[float | None]:
    found: list[float | None] = []
    for place in range(len(series["values"])):
        span = range(max(place - SMOOTHED + 1, 0), place + 1)
        rows = sum(series["rows"][each] for each in span)
        sums = sum((series["values"][each] or 0.0) * series["rows"][each] for each in span)
        found.append(sums / rows if rows > 0 and len(span) == SMOOTHED else None)
    return found


def _label(series: Series) -> str:
    return str(series["level"] or series["thing"])


def _written(series: Series, place: int) -> str:
    value = series["values"][place]
    if value is None:
        return "-"
    kind = Kind(series["kind"])
    if kind == Kind.SHARE:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if kind == Kind.COUNT else f"{value:+.3f}"
