"""Days of a replay: the weeks of its window, and the days on which something in a policy starts or ends."""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.moments import from_micros, to_micros, zone
from salesworthy.policy.document import UNSIGNED, Policy
from salesworthy.runs.workspace import Workspace

DAYS = ("starts", "from", "ends", "expires")
"""Keys of a policy that say since when something holds, or until when."""
NOT_DECIDING = {*UNSIGNED, "assets", "reasons", "retention"}
"""Sections whose days change no decision."""


def mondays(workspace: Workspace, start: int, end: int) -> tuple[int, ...]:
    """The first instants of the Mondays of a window, both days included, in microseconds.

    Raises:
        WrongUsage: When there is none.
    """
    here = zone(workspace.settings.workspace.timezone)
    first, last = (from_micros(moment).astimezone(here).date() for moment in (start, end))
    day = first + dt.timedelta(days=-first.weekday() % 7)
    found = []
    while day <= last:
        found.append(to_micros(dt.datetime.combine(day, dt.time(), here)))
        day += dt.timedelta(days=7)
    if not found:
        what = f"no Monday lies between {first} and {last}"
        raise WrongUsage(what, where="--from, --to", todo="weeks are decided on their Mondays")
    return tuple(found)


def changes_hold_from(old: Policy, new: Policy) -> int:
    """The first moment at which everything that differs in the new policy holds, in microseconds; 0 for always."""
    days = (day for _, days in _dated_parts(new) - _dated_parts(old) for day in days)
    return max((_moment(day) for day in days), default=0)


def spells(moments: Sequence[int], *policies: Policy) -> Iterator[tuple[int, ...]]:
    """Moments in groups of neighbours, between which nothing in the policies starts or ends."""
    edges = sorted({_moment(day) for policy in policies for _, days in _dated_parts(policy) for day in days})
    for _, group in groupby(moments, key=lambda moment: bisect_right(edges, moment)):
        yield tuple(group)


def _dated_parts(policy: Policy) -> set[tuple[str, tuple[str, ...]]]:
    """Every part of a policy that has days, as text, with those days."""
    document = policy.model_dump(mode="json", by_alias=True, exclude=NOT_DECIDING)
    return {(json.dumps(part, sort_keys=True), days) for part in _mappings(document) if (days := _days_of(part))}


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _mappings(each)


def _days_of(part: dict[str, Any]) -> tuple[str, ...]:
    return tuple(part[key] for key in DAYS if isinstance(part.get(key), str))


def _moment(day: str) -> int:
    return max(0, to_micros(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC)))
