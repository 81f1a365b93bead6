"""Arguments: what a feature says for a lead or against it, so that the sentence makes sense with its sign.

===========================  =======================================================================================
a fact that is not known     is no argument for a lead
what its direction refuses   is none at all: where more speaks for a lead, none does not, and a plain yes not against it
absence that speaks for it   "Counts in favour: has not read industry news in the last 90 days"
a little that speaks         "Asked for a demonstration only once in the last 30 days", where more would speak for it
against it
===========================  =======================================================================================
"""

from __future__ import annotations

import math
from dataclasses import replace

from salesworthy.domain.reasons import reason_code
from salesworthy.features.catalogue import OF_ACTS, Feature
from salesworthy.features.sentences import VALUE, is_share, sentence

IN_FAVOUR = "Counts in favour: "
MORE_IS_BETTER = "increasing"


def argument(feature: Feature, value: object, *, speaks_for: bool) -> str:
    """What a feature says for a lead, or against it; the title of its reason where that is no argument.

    Args:
        feature: The feature, with its sentences.
        value: Its value for the lead.
        speaks_for: Whether its share of the score is positive.

    Example:
        >>> demos = Feature("demos", "count", direction="increasing", says="Asked for {value} demo(s)")
        >>> argument(demos, 1, speaks_for=True), argument(demos, 1, speaks_for=False)
        ('Asked for 1 demo', 'Asked for only 1 demo')
        >>> news = Feature("news", "count", says="Read {value} article(s)", says_zero="Has read no news")
        >>> argument(news, 0, speaks_for=True), argument(news, 0, speaks_for=False)
        ('Counts in favour: has read no news', 'Has read no news')
        >>> argument(Feature("role", "column", reason="ROLE_FIT"), None, speaks_for=True)
        'Role and specialty'
    """
    if not argues(feature, value, speaks_for=speaks_for):
        return neutral(feature)
    says = sentence(feature, value)
    if speaks_for:
        return f"{IN_FAVOUR}{says[:1].lower()}{says[1:]}" if _is_absence(feature, value) else says
    return _capital(sentence(_little(feature), value)) if _is_little(feature, value) else says


def argues(feature: Feature, value: object, *, speaks_for: bool) -> bool:
    """Whether a feature's value is an argument for a lead, or against it; see the module's table."""
    if _is_missing(value):
        return not speaks_for
    if feature.direction != MORE_IS_BETTER:
        return True
    return value != 0 if speaks_for else value == 0 or VALUE in feature.says


def neutral(feature: Feature) -> str:
    """What is said where nothing can be argued: the title of the reason.

    Example:
        >>> neutral(Feature("webinars", "count", reason="ACTIVITY"))
        'What they read and attended, and how recently'
    """
    return reason_code(feature.reason).title


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _is_absence(feature: Feature, value: object) -> bool:
    """Whether nothing happened; a sentence that gave way to a title says no such thing."""
    says = feature.says_zero
    return value == 0 and feature.kind in OF_ACTS and bool(says) and says not in (feature.says, neutral(feature))


def _is_little(feature: Feature, value: object) -> bool:
    if feature.direction != MORE_IS_BETTER or value == 0 or not isinstance(value, int | float):
        return False
    return not (is_share(feature) and value >= 1)


def _little(feature: Feature) -> Feature:
    return replace(feature, says=feature.says.replace(VALUE, f"only {VALUE}"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
