"""Numbers as reports write them: shares in percent, values with their intervals, and a dash where there is none."""

from __future__ import annotations

from collections.abc import Mapping

from salesworthy.reporting.html import Html, html, joined, tag

NONE = "-"
Bounded = Mapping[str, float | None]
"""``value``, ``low`` and ``high``."""


def percent(share: float | None, digits: int = 0) -> str:
    """A share in percent.

    Example:
        >>> percent(0.1234), percent(0.1234, 1), percent(None)
        ('12 %', '12.3 %', '-')
    """
    return NONE if share is None else f"{100 * share:.{digits}f} %"


def number(value: float | None, digits: int = 3, *, sign: bool = False) -> str:
    """A number with so many digits.

    Example:
        >>> number(0.81449), number(-0.0042, sign=True), number(None)
        ('0.814', '-0.004', '-')
    """
    if value is None:
        return NONE
    return f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"


def with_interval(figure: Bounded, digits: int = 3, *, sign: bool = False) -> str:
    """A value with its interval.

    Example:
        >>> with_interval({"value": 0.81449, "low": 0.797, "high": 0.834})
        '0.814 (0.797 to 0.834)'
    """
    low, high = figure["low"], figure["high"]
    told = number(figure["value"], digits, sign=sign)
    if figure["value"] is None or low is None or high is None:
        return told
    return f"{told} ({number(low, digits, sign=sign)} to {number(high, digits, sign=sign)})"


def percent_with_interval(figure: Bounded, digits: int = 0) -> str:
    """A share in percent with its interval.

    Example:
        >>> percent_with_interval({"value": 0.2, "low": 0.152, "high": 0.26})
        '20 % (15 to 26)'
    """
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None or low is None or high is None:
        return percent(value, digits)
    return f"{percent(value, digits)} ({100 * low:.{digits}f} to {100 * high:.{digits}f})"


def cell(text: str) -> Html:
    """A value in a table's cell, its interval below it."""
    value, bracket, interval = text.partition(" (")
    return (
        joined([html(value), tag("span", f" ({interval}".replace(" to ", " to\u00a0"), class_="interval")])
        if bracket
        else html(value)
    )
