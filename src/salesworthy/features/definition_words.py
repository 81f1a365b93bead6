"""The words of a feature: its name, its reason code, its direction and its sentences."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from salesworthy.domain.reasons import SUBJECTS, TAXONOMY, reason_of
from salesworthy.features.catalogue import Dtype
from salesworthy.features.entry_reader import EntryReader
from salesworthy.features.sentences import title

DIRECTIONS = ("increasing", "decreasing", "none")
RESERVED = frozenset(
    {"lead_id", "account_id", "as_of", "handed_at", "matured_at", "label", "settled", "spine_row_number"}
)
"""Columns of spines and label tables, which no feature may be called."""

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")
_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,79}$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def own_code(name: str) -> str:
    """The reason code of a feature that nobody gave one.

    Example:
        >>> own_code("emp.var.rate"), own_code("PageValues"), own_code("2nd")
        ('EMP_VAR_RATE', 'PAGE_VALUES', 'COLUMN_2ND')
    """
    code = re.sub(r"[^A-Z0-9]+", "_", _CAMEL.sub("_", name).upper()).strip("_")
    return code if code[:1].isalpha() else f"COLUMN_{code}".rstrip("_")


def name_of(entry: EntryReader) -> str:
    """The name of a feature."""
    if "name" not in entry:
        entry.add("name", "the feature has no name", "write name: visits_30d, say")
        return ""
    name = entry.text("name")
    if name and not _NAME.match(name):
        entry.add("name", f"the name {name!r} cannot be used", "write letters, digits and _, at most 80")
    elif name.lower() in RESERVED:
        entry.add("name", f"the name {name!r} is taken", "choose another name")
    return name


def words_of(entry: EntryReader, name: str, dtype: str) -> dict[str, Any]:
    """Reason, direction, unit and sentences of a feature."""
    return {
        "reason": _reason(entry, name),
        "direction": _direction(entry, dtype),
        "unit": entry.text("unit"),
        "says": _sentence(entry, "says") or f"{title(name)}: {{value}}",
        "says_missing": _sentence(entry, "says_missing"),
        "says_zero": _sentence(entry, "says_zero"),
    }


def _reason(entry: EntryReader, name: str) -> str:
    code = entry.text("reason", own_code(name))
    near = get_close_matches(code, {**TAXONOMY, **SUBJECTS}, n=1, cutoff=0.9)
    if not _CODE.match(code):
        entry.add("reason", f"the reason {code!r} is not a code", f"write it as in {', '.join(list(TAXONOMY)[:3])}")
    elif near and near[0] != code and "reason" in entry:
        entry.add("reason", f"there is no reason {code!r}", f"did you mean {near[0]!r}?")
    return reason_of(code)


def _direction(entry: EntryReader, dtype: str) -> str:
    direction = entry.choice("direction", DIRECTIONS, "none")
    if direction != "none" and dtype == Dtype.CATEGORY:
        entry.add("direction", "a category has no direction", "leave the key out")
    return direction


def _sentence(entry: EntryReader, key: str) -> str:
    text = entry.text(key)
    for found in _PLACEHOLDER.finditer(text):
        if key == "says_missing":
            entry.add(key, f"{found[0]} cannot stand here", "what is missing has no value to show")
        elif found[0] != "{value}":
            entry.add(key, f"unknown placeholder {found[0]}", "only {value} can be used")
    return text
