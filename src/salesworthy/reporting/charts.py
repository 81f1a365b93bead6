"""Curves, calibration and series over time: the same in a notebook, a report and a page.

No chart rests on colour alone: series differ in their dashes too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.chart_parts import CHANCE, Chart, Look, chart, end, layer, measured
from salesworthy.reporting.style import LIGHT

MOST_LEVEL_LABELS = 5
"""With more places, their labels stand upright."""
SQUARE = 300
"""Height of a chart with two like axes, in pixels."""
Points = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""Series -> its x and y."""


def curves(
    series: Points, looks: Mapping[str, Look], *, x: str, y: str, diagonal: bool = False, level: float | None = None
) -> Chart:
    """Curves from 0 to 1 on both axes.

    Args:
        series: Points per series, from left to right; the last series stands on top.
        looks: How each is drawn.
        x: Title of the axis.
        y: Title of the axis.
        diagonal: Whether to draw what chance would give, from corner to corner.
        level: What chance would give, where that is one level.
    """
    unit = {"scale": {"domain": [0, 1]}, "axis": {"format": "%", "tickCount": 5}}
    across, up = measured("x", x, **unit), measured("y", y, **unit)
    layers = []
    if diagonal or level is not None:
        ends = [(0.0, 0.0), (1.0, 1.0)] if diagonal else [(0.0, level), (1.0, level)]
        layers.append(layer([{"x": a, "y": b} for a, b in ends], CHANCE, x=across, y=up))
    for name, points in series.items():
        rows = [{"x": a, "y": b, "order": place} for place, (a, b) in enumerate(zip(*points, strict=True))]
        layers.append(layer(rows, looks[name].line(), x=across, y=up, order=measured("order")))
    return chart(layers, SQUARE)


@dataclass(frozen=True)
class CalibrationPoint:
    """A group: the share expected, and the one that came with its interval."""

    expected: float
    actual: float
    low: float
    high: float


def calibration(points: Sequence[CalibrationPoint], look: Look, *, x: str, y: str) -> Chart:
    """What came against what was expected; on the diagonal, the probabilities are right."""
    most = min(1.0, 1.05 * max([0.05, *(max(each.high, each.expected) for each in points)]))
    unit = {"scale": {"domain": [0, most], "nice": False}, "axis": {"format": "%", "tickCount": 4}}
    across, up = measured("x", x, **unit), measured("y", y, **unit)
    rows = [{"x": each.expected, "y": each.actual, "low": each.low, "high": each.high} for each in points]
    colour = LIGHT[look.colour]
    bounds = {"type": "rule", "color": colour, "strokeWidth": 1.6, "opacity": 0.7}
    dots = {"type": "point", "color": colour, "filled": True, "size": 45, "opacity": 1}
    return chart(
        [
            layer([{"x": 0.0, "y": 0.0}, {"x": most, "y": most}], CHANCE, x=across, y=up),
            layer(rows, bounds, x=across, y=measured("low", y, **unit), y2=end("high")),
            layer(rows, look.line(strokeWidth=1.2), x=across, y=up),
            layer(rows, dots, x=across, y=up),
        ],
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
) -> Chart:
    """Series from place to place, in the order given; intervals where there are any.

    Args:
        moments: Values in order of time.
        looks: How each series is drawn; the last stands on top.
        y: Title of the axis.
        form: Of the numbers on it, in d3's notation.
        height: Of the chart, in pixels.
    """
    places = list(dict.fromkeys(each.place for each in moments))
    angle = 0 if len(places) <= MOST_LEVEL_LABELS else -90
    across = {"field": "place", "type": "ordinal", "title": None, "sort": places, "axis": {"labelAngle": angle}}
    scale: dict[str, Any] = {"scale": {"zero": False}, "axis": {"format": form, "tickCount": 5}}
    layers = []
    for name, look in looks.items():
        rows = [_moment(each) for each in moments if each.series == name and each.value is not None]
        bounded = [row for row in rows if row["low"] is not None]
        colour = LIGHT[look.colour]
        if bounded:
            rule = {"type": "rule", "color": colour, "opacity": 0.5}
            layers.append(layer(bounded, rule, x=across, y=measured("low", y, **scale), y2=end("high")))
        layers.append(layer(rows, look.line(), x=across, y=measured("value", y, **scale)))
        dots = {"type": "point", "color": colour, "filled": True, "size": 30, "opacity": 1}
        layers.append(layer(rows, dots, x=across, y=measured("value", y, **scale)))
    return chart(layers, height)


def _moment(each: Moment) -> dict[str, Any]:
    return {"place": each.place, "value": each.value, "low": each.low, "high": each.high}
