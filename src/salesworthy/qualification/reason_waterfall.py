"""How a lead's chance comes about: from the average lead, reason by reason, to the lead itself, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesworthy.domain.reasons import Degree
from salesworthy.reporting.chart_parts import Chart
from salesworthy.reporting.drawing import figure
from salesworthy.reporting.html import Html
from salesworthy.reporting.numbers import number, percent
from salesworthy.reporting.share_charts import Part, Step, chance, steps, waterfall

Reason = Mapping[str, Any]
MOST = 8
"""Reasons shown one by one; the others are one row."""


def reason_steps(base_log_odds: float, reasons: Sequence[Reason], *, most: int = MOST) -> list[Step]:
    """The rows of the picture: the average lead, the heaviest reasons, all others as one, and the lead.

    Args:
        base_log_odds: Log-odds of the average training lead.
        reasons: A lead's reasons, as ``explain`` tells them; what a rule decided has no share and is left out.
        most: Reasons shown one by one.

    Example:
        >>> asked = {"sentence": "Asked for a price", "log_odds": 1.5, "degree": "strong"}
        >>> [(step.label, round(step.chance, 2)) for step in reason_steps(-1.5, [asked])]
        [('The average lead', 0.18), ('Asked for a price', 0.5), ('This lead', 0.5)]
    """
    parts = [Part(each["sentence"], each["log_odds"]) for each in _shares(reasons)]
    rest = "{count} smaller reasons"
    return steps(base_log_odds, parts, most=most, first="The average lead", last="This lead", rest=rest)


def reason_chart(base_log_odds: float, reasons: Sequence[Reason], *, most: int = MOST) -> Chart:
    """The picture alone; see ``reason_steps``."""
    return waterfall(reason_steps(base_log_odds, reasons, most=most))


def reason_figure(base_log_odds: float | None, reasons: Sequence[Reason], *, name: str = "reasons") -> Html:
    """The picture with its words and its figures, for a page; nothing where there is no model.

    Args:
        base_log_odds: Log-odds of the average training lead; None without a model.
        reasons: A lead's reasons, as ``explain`` tells them.
        name: Different for every picture of the page.
    """
    shares = _shares(reasons)
    if base_log_odds is None or not shares:
        return Html("")
    told = reason_steps(base_log_odds, reasons)
    degrees = {each["sentence"]: each["degree"] for each in shares}
    return figure(
        waterfall(told),
        name=name,
        title="How the chance comes about",
        says=_in_words(told, shares),
        header=["reason", "weight", "log-odds", "chance after it"],
        rows=[
            [
                step.label,
                degrees.get(step.label, ""),
                number(step.end if step.kind == "level" else step.end - step.start, 2, sign=True),
                percent(step.chance),
            ]
            for step in told
        ],
        numbers=[2, 3],
    )


def _shares(reasons: Sequence[Reason]) -> list[Reason]:
    """Reasons with a share, the heaviest first."""
    found = [each for each in reasons if each["degree"] != Degree.DECIDED and each["log_odds"]]
    return sorted(found, key=lambda each: (-abs(each["log_odds"]), each["sentence"]))


def _in_words(told: Sequence[Step], shares: Sequence[Reason]) -> str:
    """Where it starts and ends, and what carries most on either side."""
    path = f"From {percent(chance(told[0].end))} for the average lead to {percent(told[-1].chance)} for this one."
    sides = {
        "for": [each for each in shares if each["log_odds"] > 0],
        "against": [e for e in shares if e["log_odds"] < 0],
    }
    most = [f"Most speaks {side} it: {each[0]['sentence']}." for side, each in sides.items() if each]
    return " ".join([path, *most])
