"""Curves, calibration and series over time, as Altair charts: the same in a notebook, a report and a page.

No chart rests on colour alone: series differ in their dashes too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.chart_parts import Look, fitted, inline
from salesworthy.reporting.style import LIGHT

MOST_LEVEL_LABELS = 5
"""With more places, their labels stand upright."""
SQUARE = 300
"""Height of a chart with two like axes, in pixels."""
Points = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""Series -> its x and y."""


def curves(
    series: Points, looks: Mapping[str, Look], *, x: str, y: str, diagonal: bool = False, level: float | None = None
) -> Any:
    """Curves from 0 to 1 on both axes.

    Args:
        series: Points per series, from left to right.
        looks: How each is drawn; the last stands on top.
        x: Title of the axis.
        y: Title of the axis.
        diagonal: Whether to draw what chance would give, from corner to corner.
        level: What chance would give, where that is one level.
    """
    import altair as alt

    axis = alt.Axis(format="%", tickCount=5)
    unit = alt.Scale(domain=[0, 1])
    layers = [_chance(diagonal, level)] if diagonal or level is not None else []
    for name, (across, up) in series.items():
        rows = [{"x": a, "y": b, "order": place} for place, (a, b) in enumerate(zip(across, up, strict=True))]
        look = looks[name]
        mark = alt.Chart(inline(rows)).mark_line(color=LIGHT[look.colour], strokeWidth=look.width, strokeDash=look.dash)
        layers.append(
            mark.encode(
                x=alt.X("x:Q", title=x, scale=unit, axis=axis),
                y=alt.Y("y:Q", title=y, scale=unit, axis=axis),
                order="order:Q",
            )
        )
    return fitted(alt.layer(*layers), SQUARE)


def _chance(diagonal: bool, level: float | None) -> Any:
    import altair as alt

    ends = [(0.0, 0.0), (1.0, 1.0)] if diagonal else [(0.0, level), (1.0, level)]
    rows = [{"x": a, "y": b} for a, b in ends]
    return (
        alt.Chart(inline(rows))
        .mark_line(color=LIGHT["plain"], strokeDash=[2, 3], strokeWidth=1)
        .encode(x="x:Q", y="y:Q")
    )


@dataclass(frozen=True)
class CalibrationPoint:
    """A group: the share expected, and the one that came with its interval."""

    expected: float
    actual: float
    low: float
    high: float


def calibration(points: Sequence[CalibrationPoint], look: Look, *, x: str, y: str) -> Any:
    """What came against what was expected; on the diagonal, the probabilities are right."""
    import altair as alt

    most = min(1.0, 1.05 * max([0.05, *(max(each.high, each.expected) for each in points)]))
    rows = [{"x": each.expected, "y": each.actual, "low": each.low, "high": each.high} for each in points]
    unit, axis = alt.Scale(domain=[0, most], nice=False), alt.Axis(format="%", tickCount=4)
    right = alt.Chart(inline([{"x": 0.0, "y": 0.0}, {"x": most, "y": most}]))
    base = alt.Chart(inline(rows)).encode(x=alt.X("x:Q", title=x, scale=unit, axis=axis))
    up = alt.Y("y:Q", title=y, scale=unit, axis=axis)
    colour = LIGHT[look.colour]
    return fitted(
        alt.layer(
            right.mark_line(color=LIGHT["plain"], strokeDash=[2, 3], strokeWidth=1).encode(x="x:Q", y="y:Q"),
            base.mark_rule(color=colour, strokeWidth=1.6, opacity=0.7).encode(y=alt.Y("low:Q", title=y), y2="high:Q"),
            base.mark_line(color=colour, strokeWidth=1.2, strokeDash=look.dash).encode(y=up),
            base.mark_point(color=colour, filled=True, size=45, opacity=1).encode(y=up),
        ),
        SQUARE - 50,
    )


@dataclass(frozen=True)
class Moment:
    """A value of a series at a place in time (such as a window's first day), with its bounds where it has any."""

    series: str
    place: str
    value: float | None
    low: float | None = None
    high: float | None = None


def over_time(
    moments: Sequence[Moment], looks: Mapping[str, Look], *, y: str, form: str = ".2f", height: int = 230
) -> Any:
    """Series from place to place, in the order given; intervals where there are any."""
    import altair as alt

    places = list(dict.fromkeys(each.place for each in moments))
    across = alt.X(
        "place:O", title=None, sort=places, axis=alt.Axis(labelAngle=0 if len(places) <= MOST_LEVEL_LABELS else -90)
    )
    up = alt.Y("value:Q", title=y, axis=alt.Axis(format=form, tickCount=5), scale=alt.Scale(zero=False))
    layers = []
    for name, look in looks.items():
        rows = [
            {"place": each.place, "value": each.value, "low": each.low, "high": each.high}
            for each in moments
            if each.series == name and each.value is not None
        ]
        base = alt.Chart(inline(rows)).encode(x=across)
        colour, dashes = LIGHT[look.colour], look.dash
        if any(row["low"] is not None for row in rows):
            layers.append(base.mark_rule(color=colour, opacity=0.5).encode(y=alt.Y("low:Q", title=y), y2="high:Q"))
        layers.append(base.mark_line(color=colour, strokeWidth=look.width, strokeDash=dashes).encode(y=up))
        layers.append(base.mark_point(color=colour, filled=True, size=30, opacity=1).encode(y=up))
    return fitted(alt.layer(*layers), height)
