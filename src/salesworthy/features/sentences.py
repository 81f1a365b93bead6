"""Sentences: what a feature says about a lead, with the lead's own value as people write it.

This module imports nothing heavy: pages and decisions speak through it.
"""

from __future__ import annotations

import math
import re
import unicodedata

from salesworthy.features.catalogue import Feature, FeatureKind

LONGEST_VALUE = 60
"""Characters of a text that came with a lead; what is longer is cut."""
VALUE = "{value}"

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CODE_WORD = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)+$")
_PLURAL = re.compile(r"\((s|es)\)")
_DAYS = re.compile(r"\{value\} day(?:s|\(s\))?(?![a-z])")
_TIMES = re.compile(r"\{value\} time(?:s|\(s\))(?![a-z])")
_WINDOW = re.compile(r"_\d+[dhw]$")
_OFTEN = {"1": "once", "2": "twice"}


def title(name: str) -> str:
    """A name in words, for sentences that nobody wrote.

    Example:
        >>> title("EmployerSize_2"), title("emp.var.rate")
        ('Employer size 2', 'Emp var rate')
    """
    words = re.sub(r"[^A-Za-z0-9]+", " ", _CAMEL.sub(" ", name)).split()
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def sentence(feature: Feature, value: object) -> str:
    """What a feature says about a lead.

    Args:
        feature: The feature, with its sentences.
        value: Its value for the lead: a number, a text, a yes or no, or None where it is not known.

    Example:
        >>> demos = Feature("demos", "count", says="Asked for {value} demo(s)")
        >>> sentence(demos, 2), sentence(demos, 1), sentence(demos, 0)
        ('Asked for 2 demos', 'Asked for 1 demo', 'Asked for no demos')
        >>> sentence(Feature("last_order", "recency", says="Last ordered {value} day(s) ago"), 12.4)
        'Last ordered 12 days ago'
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return feature.says_missing or _says_missing(feature)
    says = feature.says or f"{title(feature.name)}: {VALUE}"
    if isinstance(value, str):
        return says.replace(VALUE, _text(value))
    if isinstance(value, bool | int | float):
        return _about_number(feature, says, value)
    return says.replace(VALUE, _text(str(value)))


def _says_missing(feature: Feature) -> str:
    if feature.kind == FeatureKind.RECENCY:
        return f"{title(feature.name)}: no such act is on record"
    return f"{title(_WINDOW.sub('', feature.name))}: not known"


def _about_number(feature: Feature, says: str, value: float) -> str:
    if value == 0 and feature.says_zero:
        return _filled(feature, feature.says_zero, value)
    if value == 0 and VALUE not in says:
        return f"{title(feature.name)}: no"
    if value == 0 and feature.kind in (FeatureKind.COUNT, FeatureKind.DISTINCT):
        return _none_of(says)
    return _filled(feature, says, value)


def _none_of(says: str) -> str:
    """The sentence of a count where nothing was counted."""
    says = _TIMES.sub("not once", says)
    return _plural(says).replace(VALUE, "no")


def _plural(says: str) -> str:
    return _PLURAL.sub(r"\1", says.replace("person(s)", "people"))


def _of_one(says: str) -> str:
    return _PLURAL.sub("", says.replace(f"{VALUE} different ", f"{VALUE} "))


def _filled(feature: Feature, says: str, value: float) -> str:
    if isinstance(value, bool):
        return says.replace(VALUE, "yes" if value else "no")
    if is_share(feature):
        return _capital(_plural(says).replace(VALUE, percent(value)))
    if is_days(feature):
        says = _in_days(says, value)
        value = round(value) if math.isfinite(value) else value
    shown = _number(value)
    says = _TIMES.sub(_OFTEN[shown], says) if shown in _OFTEN else says
    return (_of_one(says) if shown == "1" else _plural(says)).replace(VALUE, shown)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in_days(says: str, value: float) -> str:
    """The sentence with "{value} days" written out where that is less than half a day."""
    return _DAYS.sub("less than a day", says) if 0 <= value < 0.5 else says


def is_share(feature: Feature) -> bool:
    """Whether a feature's numbers are spoken as per cents."""
    return feature.unit == "share" or (not feature.unit and feature.kind in (FeatureKind.SHARE, FeatureKind.HISTORY))


def is_days(feature: Feature) -> bool:
    """Whether a feature's numbers are spoken as whole days."""
    return feature.unit == "days" or feature.kind == FeatureKind.RECENCY or feature.type == "days_since"


def percent(share: float) -> str:
    """A share as people write it.

    Example:
        >>> percent(0.124), percent(0.001), percent(0.9999)
        ('12 %', 'less than 1 %', 'more than 99 %')
    """
    hundredths = 100 * share + 0.0  # no minus before nothing
    if 0 < hundredths < 0.5:
        return "less than 1 %"
    if 99.5 <= hundredths < 100:
        return "more than 99 %"
    return f"{hundredths:,.0f} %"


def in_words(probability: float) -> str:
    """A probability as people say it: the nearest of the fractions that they use.

    The words are never further from the figure than five points, nor than a sixth of it; a larger probability never
    has smaller words, and neither 0 nor 1 is ever claimed.

    Example:
        >>> in_words(0.17), in_words(0.4), in_words(0.62), in_words(0.95), in_words(0.001)
        ('about 1 in 6', 'about 2 in 5', 'about 3 in 5', 'about 19 in 20', 'less than 1 in 100')
    """
    if probability < 0.01:
        return "less than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    of, among = min(_SPOKEN, key=lambda each: abs(each[0] / each[1] - probability))
    return f"about {of} in {among}"


_SPOKEN = (
    *((1, among) for among in (100, 80, 60, 50, 40, 30, 25, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4)),
    (3, 10), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (7, 10), (3, 4), (4, 5), (5, 6), (7, 8), (9, 10), (19, 20),
    *((of, 100) for of in (97, 98, 99)),
)  # fmt: skip
"""Fractions that people use, in order."""


def _number(value: float) -> str:
    """A number with as many digits as people read: none behind the point for whole numbers and large ones."""
    if math.isinf(value):
        return "very much" if value > 0 else "very little"
    size = abs(value)
    if value == int(value) or size >= 100:
        return f"{value + 0.0:,.0f}"  # no minus before nothing
    if size >= 0.1:
        return f"{value:.1f}" if size >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.2g}"


def _text(value: str) -> str:
    """A text that came with a lead: on one line, without control characters, cut to a sane length, codes in words."""
    plain = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in value[: 20 * LONGEST_VALUE])
    plain = " ".join(plain.split())
    if _CODE_WORD.match(plain):
        plain = plain.replace("_", " ")
    if len(plain) > LONGEST_VALUE:
        plain = plain[: LONGEST_VALUE - 1].rstrip() + "…"
    return plain or "(empty)"
