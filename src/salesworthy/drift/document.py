"""The report as plain values: what ``drift --json`` prints, and what the page is made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from salesworthy.domain.findings import Severity
from salesworthy.drift.deviations import GAP
from salesworthy.drift.findings import DriftFinding
from salesworthy.drift.thresholds import LEAST_HISTORY, Strays
from salesworthy.drift.watched import IN_THE_LARGE, Family, Kind, Weekly
from salesworthy.drift.watching import Watch
from salesworthy.drift.weeks import Weeks

SHOWN_LEVELS = 4
"""Levels of a finding of which the weekly figures are told."""
SHOWN_WEEKS = 60
"""Weeks of which they are told, the latest."""


def headline(found: Sequence[DriftFinding], strayed: Strays | None, weeks: Weeks) -> str:
    """The whole report in a sentence."""
    if strayed is None:
        needed = LEAST_HISTORY + GAP
        known = f"{weeks.count} whole week(s) are known"
        return f"Too early to tell: {known}, and {needed} are needed to see what is usual here"
    causes = [each for each in found if each.cause.follows is None]
    if not causes:
        judged = f"{strayed.tellable:,} figures in the week to {weeks.day(weeks.count)}"
        return f"Nothing strays further than chance lets it, of {judged}"
    grave = sum(each.severity == Severity.BLOCK for each in causes)
    which = "" if grave == len(causes) else f"{grave} of them "
    urgent = f", {which}to be looked at before scores are acted on" if grave else ""
    rest = len(found) - len(causes)
    more = f"; {rest} more follow from them" if rest else ""
    return f"{_findings(len(causes))}{urgent}{more}. First: {causes[0].title}"


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"


def document_of(watch: Watch, found: Sequence[DriftFinding], strayed: Strays | None) -> dict[str, Any]:
    """Weeks, false-alarm rate, findings, everything that is watched, and weekly figures to draw."""
    weeks = watch.weekly.weeks
    return {
        "weeks": {
            "count": weeks.count,
            "first": weeks.day(0) if weeks.count else None,
            "last": weeks.day(weeks.count - 1) if weeks.count else None,
        },
        "false_alarms": _false_alarms(watch, strayed),
        "findings": [each.as_dict() for each in found],
        "watched": [] if strayed is None else list(_things(watch.weekly, strayed)),
        "series": list(_series(watch.weekly, found)),
    }


def _false_alarms(watch: Watch, strayed: Strays | None) -> dict[str, Any]:
    if strayed is None:
        return {"every_weeks": watch.every, "threshold": None, "figures": 0}
    return {
        "every_weeks": watch.every,
        "threshold": strayed.threshold,
        "figures": strayed.tellable,
        "says": f"Without any change, something would be told by chance once in {watch.every:g} weeks, over all "
        f"{strayed.tellable:,} figures together: they have to stray {strayed.threshold:.1f} times as far as is usual "
        "for each. The figure comes from this workspace's own past, put into other orders",
    }


def _things(weekly: Weekly, strayed: Strays) -> Iterator[dict[str, Any]]:
    """Everything that is watched, with the part of it that strays furthest; the furthest first."""
    furthest: dict[tuple[Family, str], int] = {}
    for column, each in enumerate(weekly.watched):
        kept = furthest.setdefault((each.family, each.thing), column)
        if abs(strayed.strays[column]) > abs(strayed.strays[kept]):
            furthest[each.family, each.thing] = column
    for column in sorted(furthest.values(), key=lambda one: (-abs(strayed.strays[one]), one)):
        each = weekly.watched[column]
        yield {
            "family": str(each.family),
            "thing": each.thing,
            "level": each.level,
            "strays": round(float(strayed.strays[column]), 2),
            "window_weeks": int(strayed.window[column]),
        }


def _series(weekly: Weekly, found: Sequence[DriftFinding]) -> Iterator[dict[str, Any]]:
    """Weekly figures of what the findings are about, and of outcomes and calibration in any case."""
    values = weekly.values()
    start = max(weekly.weeks.count - SHOWN_WEEKS, 0)
    for column in _drawn(weekly, found):
        each = weekly.watched[column]
        told = values[start:, column]
        yield {
            "family": str(each.family),
            "thing": each.thing,
            "level": each.level,
            "kind": str(each.kind),
            "weeks": [weekly.weeks.day(week) for week in range(start, weekly.weeks.count)],
            "values": [round(float(value), 6) if np.isfinite(value) else None for value in told],
            "rows": [round(float(rows), 3) for rows in weekly.totals[start:, column]],
        }


def _drawn(weekly: Weekly, found: Sequence[DriftFinding]) -> list[int]:
    wanted = {(str(each.family), each.thing, level.level) for each in found for level in each.levels[:SHOWN_LEVELS]}
    always = {
        (Family.OUTCOME, "accepted by sales"),
        (Family.CALIBRATION, IN_THE_LARGE),
        (Family.CLICKS, "clicks made by machines"),
    }
    return [
        column
        for column, each in enumerate(weekly.watched)
        if (str(each.family), each.thing, each.level) in wanted
        or (each.family, each.thing) in always
        or (each.kind == Kind.COUNT and each.table == "leads")
    ]
