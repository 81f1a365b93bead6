"""Data flow: per table how fresh it is, how much came in beside its own rhythm, and how much was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.drift.deviations import YEAR
from salesworthy.drift.event_tables import MOMENTS, Events
from salesworthy.drift.histograms import WEEK_COLUMN, by_week


def flow_of(events: Events, rejected: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """One entry per dated table.

    Args:
        events: The tables.
        rejected: Table -> rows that came in, and rows that were set aside by ``check``.
    """
    return [_entry(events, name, *rejected.get(name, (0, 0))) for name in MOMENTS if name in events.tables]


def _entry(events: Events, name: str, came_in: int, set_aside: int) -> dict[str, Any]:
    at = events.moment(name)
    newest = events.engine.to_arrow(events.tables[name].filter(at <= events.as_of).agg(at=at.max()))["at"][0].as_py()
    rows = events.dated(name)
    counts = by_week(events.engine.to_arrow(rows.group_by(WEEK_COLUMN).agg(n=rows.count())), "n", events.weeks)
    past = counts[:-1][-YEAR:]
    return {
        "table": name,
        "newest": None if newest is None else format_moment(int(newest))[:10],
        "days_old": None if newest is None else round((events.as_of - int(newest)) / MICROSECONDS_PER_DAY, 1),
        "rows_last_week": int(counts[-1]) if len(counts) else 0,
        "usual_rows_a_week": float(np.median(past)) if len(past) else None,
        "weeks_without_rows": int((past == 0).sum()),
        "set_aside_share": round(set_aside / came_in, 4) if came_in else 0.0,
    }
