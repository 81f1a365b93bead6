"""Charts of the parts of a score: a waterfall for one lead, a swarm for many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.reporting.chart_parts import (
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

CHANCES = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
"""Probabilities that may stand on an axis."""
STEP = 38
"""Height of a row, in pixels."""
MARGIN = 40
"""Height of the axis and its title."""
LABEL = 250
"""Width that a label may have beside what stands to the right."""


@dataclass(frozen=True)
class Part:
    """What one reason or feature adds to a score, in log-odds."""

    label: str
    log_odds: float


@dataclass(frozen=True)
class Step:
    """A row of a waterfall.

    Attributes:
        label: What it is.
        start: Log-odds before.
        end: Log-odds after.
        kind: ``level`` for the first and the last row, ``for`` or ``against``.
    """

    label: str
    start: float
    end: float
    kind: str

    @property
    def chance(self) -> float:
        """The probability after it."""
        return chance(self.end)


def chance(log_odds: float) -> float:
    """The probability that log-odds stand for.

    Example:
        >>> chance(0.0), round(chance(800.0), 3), round(chance(-800.0), 3)
        (0.5, 1.0, 0.0)
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    grown = math.exp(log_odds)
    return grown / (1 + grown)


def steps(base: float, parts: Sequence[Part], *, most: int = 10, first: str, last: str, rest: str) -> list[Step]:
    """A score from its base to its end: the heaviest parts one by one, the others as one.

    Args:
        base: Log-odds before any part.
        parts: In any order; every part counts.
        most: How many are shown one by one.
        first: Label of the base.
        last: Label of the score.
        rest: Label of the others, with ``{count}``.

    Example:
        >>> parts = [Part("a", 2.0), Part("b", -0.5)]
        >>> told = steps(-1.0, parts, most=1, first="base", last="lead", rest="{count} more")
        >>> [(step.label, step.start, step.end) for step in told]
        [('base', -1.0, -1.0), ('a', -1.0, 1.0), ('1 more', 1.0, 0.5), ('lead', 0.5, 0.5)]
    """
    ordered = sorted(parts, key=lambda part: (-abs(part.log_odds), part.label))
    shown = [*ordered[:most]]
    others = ordered[most:]
    if others:
        shown.append(Part(rest.format(count=len(others)), sum(part.log_odds for part in others)))
    found, at = [Step(first, base, base, "level")], base
    for part in shown:
        found.append(Step(part.label, at, at + part.log_odds, "for" if part.log_odds >= 0 else "against"))
        at += part.log_odds
    return [*found, Step(last, at, at, "level")]


def waterfall(told: Sequence[Step]) -> Chart:
    """A score as a waterfall: from the base, step by step, to the score; the axis tells the chance.

    Bars add up because the axis runs in log-odds; what is written on it are the probabilities that they stand for.
    """
    low, high = _ends(told)
    rows = [_row(step, place, low) for place, step in enumerate(told)]
    links = [{"x": step.end, "top": place + 0.85, "end": place + 1.5} for place, step in enumerate(told[:-1])]
    axis = {"scale": {"domain": [low, high], "nice": False}, "axis": _chance_axis(low, high)}
    down = rows_down("top", len(told))
    link = {"type": "rule", "color": LIGHT["plain"], "strokeWidth": 1}
    after = {"type": "text", "align": "right", "baseline": "top", "dy": 3}
    return chart(
        [
            layer(links, link, x=measured("x", "chance", **axis), y=down, y2=end("end")),
            layer(
                rows,
                {"type": "bar"},
                x=measured("from", "chance", **axis),
                x2=end("to"),
                y=down,
                y2=end("end"),
                color=OWN_COLOUR,
            ),
            labels(rows, len(told), limit=LABEL),
            layer(
                rows,
                after,
                x={"value": "width"},
                y=rows_down("row", len(told)),
                text={"field": "after", "type": "nominal"},
            ),
        ],
        MARGIN + STEP * len(told),
    )


def _row(step: Step, place: int, low: float) -> dict[str, Any]:
    level = step.kind == "level"
    return {
        "row": place,
        "label": cut(step.label, 46),
        "after": f"{step.chance:.0%}" if level else f"{step.end - step.start:+.2f} → {step.chance:.0%}",
        "from": low if level else step.start,
        "to": step.end,
        "top": place + 0.5,
        "end": place + 0.85,
        "colour": LIGHT["plain" if level else step.kind],
    }


def _ends(told: Sequence[Step]) -> tuple[float, float]:
    values = [value for step in told for value in (step.start, step.end)]
    low, high = min(values), max(values)
    room = 0.08 * max(high - low, 1.0)
    return low - 3 * room, high + room


def _chance_axis(low: float, high: float) -> dict[str, Any]:
    """An axis of log-odds on which some probabilities are written, never too close to one another."""
    marks = [math.log(each / (1 - each)) for each in CHANCES]
    apart, kept = (high - low) / 7, list[float]()
    for mark in marks:
        if low <= mark <= high and (not kept or mark - kept[-1] >= apart):
            kept.append(mark)
    return {"values": kept, "labelExpr": "format(1 / (1 + exp(-datum.value)), '.0~%')"}


@dataclass(frozen=True)
class Swarm:
    """What one feature adds to many leads.

    Attributes:
        label: The feature.
        shares: Log-odds per lead.
        ranks: Where each lead's value stands among all values of the feature, from 0 to 1; None where it has no order
            or is not known.
    """

    label: str
    shares: Sequence[float]
    ranks: Sequence[float | None]


def beeswarm(swarms: Sequence[Swarm]) -> Chart:
    """What features add to the scores of many leads: one row per feature, one dot per lead.

    The colour says whether the lead's value of the feature is among the low, the middle or the high third.
    """
    shares = [share for swarm in swarms for share in swarm.shares]
    low, high = min([0.0, *shares]), max([0.0, *shares])
    rows = [dot for place, swarm in enumerate(swarms) for dot in _dots(swarm, place, low, high)]
    names = [{"row": place, "label": cut(swarm.label)} for place, swarm in enumerate(swarms)]
    count = len(swarms)
    axis = {"axis": {"tickCount": 6}, "scale": {"nice": False, "padding": 4}}
    across = measured("share", "share of the log-odds", **axis)
    dot = {"type": "circle", "size": 9, "opacity": 0.75}
    return chart(
        [
            layer([{"share": 0.0}], {"type": "rule", "color": LIGHT["plain"]}, x=across),
            layer(rows, dot, x=across, y=rows_down("at", count), color=OWN_COLOUR),
            labels(names, count),
        ],
        MARGIN + STEP * count,
    )


THIRDS = ("low", "middle", "high")


def _dots(swarm: Swarm, place: int, low: float, high: float) -> list[dict[str, Any]]:
    """Dots of one feature, piled up where there are many of about the same share."""
    width = max(high - low, 1e-9) / 90
    piles: dict[int, int] = {}
    found = []
    deepest = _deepest([round(share / width) for share in swarm.shares])
    for share, rank in sorted(zip(swarm.shares, swarm.ranks, strict=True), key=lambda each: (each[0], each[1] or 0.0)):
        cell = round(share / width)
        number = piles.get(cell, 0)
        piles[cell] = number + 1
        side = (number + 1) // 2 * (1 if number % 2 else -1)
        spread = min(0.05, 0.46 / max(deepest, 1))
        third = "plain" if rank is None else THIRDS[min(int(rank * 3), 2)]
        found.append({"share": round(share, 4), "at": round(place + 0.68 + side * spread, 4), "colour": LIGHT[third]})
    return found


def _deepest(cells: Sequence[int]) -> int:
    counts: dict[int, int] = {}
    for cell in cells:
        counts[cell] = counts.get(cell, 0) + 1
    return max(counts.values(), default=0)
