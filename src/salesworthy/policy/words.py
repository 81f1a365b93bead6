"""How a policy's keys, days and amounts are written in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from salesworthy.policy.parts import Day

NAMES = {
    "policy": "the policy",
    "facts": "the facts",
    "conditions": "condition",
    "products": "product",
    "campaign_types": "campaign type",
    "regions": "region",
    "blocked_regions": "blocked region",
    "motions": "sales motion",
    "scoring": "the scoring numbers",
    "grades": "the grades",
    "criteria": "criteria set",
    "rules": "rule",
    "buying_steps": "buying step",
    "consent": "the consent matrix",
    "owners": "owner",
    "routes": "route",
    "response_windows": "response window for",
    "assets": "asset",
    "tracks": "track",
    "reasons": "reason",
    "wording": "the wording",
    "retention": "retention of",
    "overrides": "override",
}
"""What an entry of each section is called."""
_KEYS = {
    "propensity": "the propensity threshold",
    "points": "the points",
    "leads_per_week": "the leads per week",
    "capacity": "the capacity",
    "when": "the condition",
    "says": "the sentences",
    "half_life": "the half-life",
    "within": "the window",
    "cap": "the cap",
    "keep": "the time to keep",
    "review": "the review date",
    "starts": "the start",
    "ends": "the end",
    "expires": "the expiry",
    "fit": "the fit requirements",
    "actions": "the high-intent actions",
    "steps": "the steps",
    "spills_to": "the stand-ins",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def key_in_words(key: str) -> str:
    """A key as a sentence names it.

    Example:
        >>> key_in_words("half_life"), key_in_words("opt_in_expires")
        ('the half-life', 'the opt in expires')
    """
    return _KEYS.get(key, f"the {key.replace('_', ' ')}")


def day_in_words(day: Day) -> str:
    """A day as people write it.

    Example:
        >>> day_in_words(Day(2026, 3, 1))
        '1 March 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def amount(value: float, unit: str) -> str:
    """A number with its unit; probabilities and shares in per cent.

    Example:
        >>> amount(0.25, "probability"), amount(4, "hours"), amount(1, "days")
        ('25 %', '4 hours', '1 day')
    """
    if unit in ("probability", "share"):
        return f"{round(100 * value, 2):g} %"
    if value == 1 and unit.endswith("s"):
        return f"1 {unit[:-1]}"
    return f"{value:,g} {unit}"


def shown(value: object) -> str:
    """A value as a sentence shows it.

    Example:
        >>> shown(None), shown(True), shown(Day(2026, 3, 1)), shown('phone'), shown({"A1": "MQL"})
        ('none', 'yes', '1 March 2026', "'phone'", 'A1: MQL')
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {each}" for key, each in value.items()) or "nothing"
    if isinstance(value, Day):
        return day_in_words(value)
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return repr(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def listed_in_words(values: Sequence[object]) -> str:
    """Several values, joined as people do.

    Example:
        >>> listed_in_words(["a", "b", "c"])
        'a, b and c'
    """
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
