"""What charts are made of: looks of series, data written into the chart, and a width that a phone shows as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.drawing import WIDTH


@dataclass(frozen=True)
class Look:
    """How a series is drawn: a colour of the page, and dashes (none for a whole line)."""

    colour: str
    dashes: tuple[int, ...] = ()
    width: float = 1.8

    @property
    def dash(self) -> Any:
        """The dashes as Altair takes them."""
        import altair as alt

        return list(self.dashes) or alt.Undefined


def own_colour() -> Any:
    """Marks in the colour that their row names."""
    import altair as alt

    return alt.Color("colour:N", scale=None, legend=None)


def fitted(chart: Any, height: int) -> Any:
    """A chart that is as wide as a phone, with its axes inside."""
    import altair as alt

    return chart.properties(width=WIDTH, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"))


def inline(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as the data of a chart."""
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def cut(text: str, longest: int = 46) -> str:
    """A label that fits; what is cut stands in the table."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
