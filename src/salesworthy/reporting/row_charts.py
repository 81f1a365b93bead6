"""Charts of rows: a label, and its mark below it, so that long labels fit on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesworthy.reporting.chart_parts import (
    CHANCE,
    OWN_COLOUR,
    Chart,
    chart,
    cut,
    end,
    labels,
    layer,
    measured,
    rows_down,
)
from salesworthy.reporting.style import LIGHT

ROW = 37
"""Height of a row, in pixels."""
MARGIN = 44
"""Height of the axis and its title."""
MIDDLE, TOP, BOTTOM = 0.68, 0.52, 0.86
"""Where the mark of a row stands below its label, as shares of its height."""


@dataclass(frozen=True)
class Interval:
    """A row of a chart of intervals: a value and its bounds, None where they do not exist."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    colour: str = "ours"


def intervals(
    rows: Sequence[Interval], *, x: str, form: str = ".3f", reference: float | None = None, zero: bool = False
) -> Chart:
    """Values with their intervals.

    Args:
        rows: In the order in which they are shown.
        x: Title of the axis.
        form: Of the numbers on it, in d3's notation.
        reference: Where a line marks what to compare with.
        zero: Whether the axis begins at 0.
    """
    shown = [
        {"label": cut(each.label), "row": place, "at": place + MIDDLE, "value": each.value}
        | {"low": each.low, "high": each.high, "colour": LIGHT[each.colour]}
        for place, each in enumerate(rows)
    ]
    axis = {"axis": {"format": form, "tickCount": 5}, "scale": {"zero": zero, "nice": False, "padding": 10}}
    down, known = rows_down("at", len(rows)), [row for row in shown if row["value"] is not None]
    bounded = [row for row in known if row["low"] is not None and row["high"] is not None]
    rule, dot = {"type": "rule", "strokeWidth": 2}, {"type": "point", "filled": True, "size": 60, "opacity": 1}
    layers = [
        layer(bounded, rule, x=measured("low", x, **axis), x2=end("high"), y=down, color=OWN_COLOUR),
        layer(known, dot, x=measured("value", x, **axis), y=down, color=OWN_COLOUR),
        labels(shown, len(rows)),
    ]
    if reference is not None:
        line = {**CHANCE, "type": "rule"}
        layers.insert(0, layer([{"value": reference}], line, x=measured("value", x, **axis)))
    return chart(layers, MARGIN + ROW * len(rows))


def bars(rows: Sequence[tuple[str, float]], *, x: str, form: str = ".2f", colour: str = "ours") -> Chart:
    """Lengths from 0."""
    shown = [
        {"label": cut(label), "row": place, "top": place + TOP, "end": place + BOTTOM, "value": value, "zero": 0}
        for place, (label, value) in enumerate(rows)
    ]
    across = measured("value", x, axis={"format": form, "tickCount": 5}, scale={"zero": True})
    mark = {"type": "bar", "color": LIGHT[colour]}
    down = rows_down("top", len(rows))
    bar = layer(shown, mark, x=across, x2=end("zero"), y=down, y2=end("end"))
    return chart([bar, labels(shown, len(rows))], MARGIN + ROW * len(rows))


@dataclass(frozen=True)
class ExpectedAndActual:
    """A row of what was expected, and what came with its interval."""

    label: str
    expected: float
    actual: float
    low: float
    high: float


def expected_and_actual(rows: Sequence[ExpectedAndActual], *, x: str) -> Chart:
    """Shares that came, as dots with intervals, beside what was expected, as upright bars."""
    shown = [
        {"label": cut(each.label), "row": place, "at": place + MIDDLE, "value": each.actual}
        | {"low": each.low, "high": each.high, "expected": each.expected}
        for place, each in enumerate(rows)
    ]
    axis = {"axis": {"format": "%", "tickCount": 5}, "scale": {"nice": False, "padding": 10}}
    down, ours = rows_down("at", len(rows)), LIGHT["ours"]
    rule = {"type": "rule", "strokeWidth": 2, "color": ours}
    dot = {"type": "point", "filled": True, "size": 50, "opacity": 1, "color": ours}
    tick = {"type": "tick", "color": LIGHT["second"], "thickness": 3, "height": 16, "opacity": 1}
    return chart(
        [
            layer(shown, rule, x=measured("low", x, **axis), x2=end("high"), y=down),
            layer(shown, dot, x=measured("value", x, **axis), y=down),
            layer(shown, tick, x=measured("expected", x, **axis), y=down),
            labels(shown, len(rows)),
        ],
        MARGIN + ROW * len(rows),
    )
