"""Charts of rows: a label, and its mark below it, so that long labels fit on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.chart_parts import cut, fitted, inline, own_colour
from salesworthy.reporting.drawing import WIDTH
from salesworthy.reporting.style import LIGHT

ROW = 37
"""Height of a row, in pixels."""
MARGIN = 44
"""Height of the axis and its title."""


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
) -> Any:
    """Values with their intervals, one row each, the label above its mark.

    Args:
        rows: In the order in which they are shown.
        x: Title of the axis.
        form: Of the numbers on it, in d3's notation.
        reference: Where a line marks what to compare with.
        zero: Whether the axis begins at 0.
    """
    import altair as alt

    shown = [
        {"label": cut(each.label), "row": place, "at": place + 0.68, "value": each.value, "low": each.low}
        | {"high": each.high, "colour": LIGHT[each.colour]}
        for place, each in enumerate(rows)
    ]
    base = alt.Chart(inline(shown))
    across = alt.X(
        "value:Q", title=x, axis=alt.Axis(format=form, tickCount=5), scale=alt.Scale(zero=zero, nice=False, padding=10)
    )
    down = alt.Y("at:Q", title=None, axis=None, scale=alt.Scale(domain=[0, len(rows)], reverse=True, nice=False))
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=x), x2="high:Q", y=down, color=own_colour()),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=across, y=down, color=own_colour()),
        labels(base, len(rows)),
    ]
    if reference is not None:
        line = alt.Chart(inline([{"value": reference}])).mark_rule(color=LIGHT["plain"], strokeDash=[2, 3])
        layers.insert(0, line.encode(x=across))
    return fitted(alt.layer(*layers), MARGIN + ROW * len(rows))


def bars(rows: Sequence[tuple[str, float]], *, x: str, form: str = ".2f", colour: str = "ours") -> Any:
    """Lengths, one row each, the label above its bar."""
    import altair as alt

    shown = [
        {"label": cut(label), "row": place, "top": place + 0.52, "end": place + 0.86, "value": value}
        for place, (label, value) in enumerate(rows)
    ]
    base = alt.Chart(inline(shown))
    down = alt.Y("top:Q", title=None, axis=None, scale=alt.Scale(domain=[0, len(rows)], reverse=True, nice=False))
    bar = base.mark_bar(color=LIGHT[colour]).encode(
        x=alt.X("value:Q", title=x, axis=alt.Axis(format=form, tickCount=5)), x2=alt.datum(0), y=down, y2="end:Q"
    )
    return fitted(alt.layer(bar, labels(base, len(rows))), MARGIN + ROW * len(rows))


@dataclass(frozen=True)
class ExpectedAndActual:
    """A row of what was expected, and what came with its interval."""

    label: str
    expected: float
    actual: float
    low: float
    high: float


def expected_and_actual(rows: Sequence[ExpectedAndActual], *, x: str) -> Any:
    """Shares that came, as dots with intervals, beside what was expected, as upright bars."""
    import altair as alt

    shown = [
        {"label": cut(each.label), "row": place, "at": place + 0.68, "value": each.actual, "low": each.low}
        | {"high": each.high, "expected": each.expected}
        for place, each in enumerate(rows)
    ]
    base = alt.Chart(inline(shown))
    down = alt.Y("at:Q", title=None, axis=None, scale=alt.Scale(domain=[0, len(rows)], reverse=True, nice=False))
    across = alt.X("low:Q", title=x, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(nice=False, padding=10))
    marks = alt.layer(
        base.mark_rule(strokeWidth=2, color=LIGHT["ours"]).encode(x=across, x2="high:Q", y=down),
        base.mark_point(filled=True, size=50, opacity=1, color=LIGHT["ours"]).encode(
            x=alt.X("value:Q", title=x), y=down
        ),
        base.mark_tick(color=LIGHT["second"], thickness=3, height=16).encode(x=alt.X("expected:Q", title=x), y=down),
        labels(base, len(rows)),
    )
    return fitted(marks, MARGIN + ROW * len(rows))


def labels(base: Any, rows: int) -> Any:
    """The label of every row, above its mark, from the left edge."""
    import altair as alt

    down = alt.Y("row:Q", title=None, axis=None, scale=alt.Scale(domain=[0, rows], reverse=True, nice=False))
    return base.mark_text(align="left", baseline="top", dy=3, limit=WIDTH - 10).encode(
        x=alt.value(0), y=down, text="label:N"
    )
