"""A waterfall as rows with bars: how a chance comes about, readable as a table without any picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesworthy.reporting.share_charts import Step

_LEAST = 0.8
"""The narrowest bar, in percent of the width: a reason that weighs little is still seen."""


@dataclass(frozen=True)
class Bar:
    """A row of the waterfall.

    Attributes:
        label: What it is.
        kind: ``level`` for the first and the last row, ``for`` or ``against``.
        start: Where its bar begins, in percent of the width.
        width: How wide it is, in percent.
        weight: What it adds, in log-odds; its level, for the first and the last row.
        chance: The probability after it.
    """

    label: str
    kind: str
    start: float
    width: float
    weight: float
    chance: float


def bars(steps: Sequence[Step]) -> list[Bar]:
    """Rows for steps; the width of the picture is the span of their log-odds.

    Example:
        >>> from salesworthy.reporting.share_charts import Step
        >>> told = bars([Step("all", -1.0, -1.0, "level"), Step("asked", -1.0, 1.0, "for")])
        >>> [(each.kind, each.start, each.width) for each in told]
        [('level', 0.0, 9.1), ('for', 9.1, 90.9)]
    """
    if not steps:
        return []
    ends = [end for step in steps for end in (step.start, step.end)]
    room = 0.1 * max(max(ends) - min(ends), 1e-9)
    low, width = min(ends) - room, max(ends) - min(ends) + room

    def place(value: float) -> float:
        return 100 * (value - low) / width

    return [_bar(step, place(step.start), place(step.end)) for step in steps]


def _bar(step: Step, start: float, end: float) -> Bar:
    is_level = step.kind == "level"
    left, right = (0.0, end) if is_level else (min(start, end), max(start, end))
    return Bar(
        label=step.label,
        kind=step.kind,
        start=round(left, 1),
        width=round(max(right - left, _LEAST), 1),
        weight=step.end if is_level else step.end - step.start,
        chance=step.chance,
    )
