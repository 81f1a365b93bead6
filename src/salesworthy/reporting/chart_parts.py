"""What charts are made of: a Vega-Lite specification that draws itself, layers, channels and the looks of series.

Specifications are plain values rather than Altair's objects: they are built a hundred times quicker, and a command that
writes a report need not load Altair. ``Chart.to_altair`` gives the same chart to those who want to go on with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.style import LIGHT

WIDTH = 340
"""Width of a chart in pixels with everything: a phone shows it at its size."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart: shown as it is by a notebook, placed on a page by ``drawing.figure``.

    Attributes:
        spec: Its Vega-Lite specification, with its data.
    """

    spec: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Chart({len(self.spec['layer'])} layers)"

    def _repr_svg_(self) -> str:
        """What a notebook shows; drawn here, without a network."""
        from salesworthy.reporting.drawing import svg

        return svg(self)

    def to_altair(self) -> Any:
        """The chart as an Altair chart, to be changed further."""
        import altair as alt

        return alt.Chart.from_dict(dict(self.spec))


@dataclass(frozen=True)
class Look:
    """How a series is drawn: a colour of the page, and dashes (none for a whole line)."""

    colour: str
    dashes: tuple[int, ...] = ()
    width: float = 1.8

    def line(self, **more: Any) -> dict[str, Any]:
        """A mark that draws the series as a line."""
        dashes = {"strokeDash": list(self.dashes)} if self.dashes else {}
        return {"type": "line", "color": LIGHT[self.colour], "strokeWidth": self.width, **dashes, **more}


def chart(layers: Sequence[Mapping[str, Any]], height: int) -> Chart:
    """Layers as one chart that is as wide as a phone, with its axes inside."""
    size = {"width": WIDTH, "height": height, "autosize": {"type": "fit", "contains": "padding"}}
    return Chart({"layer": [dict(layer) for layer in layers], **size})


def layer(rows: Sequence[Row], mark: Mapping[str, Any], **channels: Mapping[str, Any]) -> dict[str, Any]:
    """Marks for rows; the channels say where each stands. Second ends are ``x2`` and ``y2``."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": dict(mark), "encoding": channels}


def measured(field: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """A channel of numbers; ``more`` are its ``scale`` and ``axis``."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def end(field: str) -> dict[str, Any]:
    """The second end of a mark."""
    return {"field": field}


OWN_COLOUR = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
"""Marks in the colour that their row names."""
CHANCE = {"type": "line", "color": LIGHT["plain"], "strokeDash": [2, 3], "strokeWidth": 1}
"""A line that shows what to compare with."""


def rows_down(field: str, rows: int) -> dict[str, Any]:
    """A channel of rows from top to bottom, without an axis."""
    return measured(field, axis=None, scale={"domain": [0, rows], "reverse": True, "nice": False})


def labels(rows: Sequence[Row], count: int, *, limit: int = WIDTH - 10) -> dict[str, Any]:
    """The ``label`` of every row, above its mark, from the left edge; a row's place is its ``row``."""
    mark = {"type": "text", "align": "left", "baseline": "top", "dy": 3, "limit": limit}
    return layer(rows, mark, x={"value": 0}, y=rows_down("row", count), text={"field": "label", "type": "nominal"})


def cut(text: str, longest: int = 46) -> str:
    """A label that fits; what is cut stands in the table."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
