"""Which acts are made by people: the condition that the shipped features use, so that rules and features agree."""

from __future__ import annotations

from functools import cache

from salesworthy.domain.errors import InternalError, MistakeCollector
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.features.entries import read_entries
from salesworthy.features.loading import SHIPPED

FILE, NAME = "medtech.yaml", "by_person"


@cache
def by_person() -> Condition:
    """The condition on engagements that machine clicks fail.

    Raises:
        InternalError: When the shipped catalogue no longer has it.
    """
    found = read_entries((SHIPPED / FILE).read_text(encoding="utf-8"), FILE, MistakeCollector(of=FILE))
    if NAME not in found.conditions:
        raise InternalError(f"{FILE} has no condition {NAME}")
    text, place = found.conditions[NAME]
    return parse_condition(text, place)
