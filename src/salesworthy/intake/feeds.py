"""Feeds that went quiet: kinds of acts and sources of leads that bring less than their own rhythm lets expect.

A feed is measured by the day on which its rows became known, against the same days of the eight weeks before. The
newest row of all feeds says how far the data goes, so that an old export is no alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment

FEEDS = {"engagements": ("known_at", "kind"), "leads": ("created_at", "source")}
"""Table -> when its rows become known, and the column that tells its feeds apart."""
WEEKS = 8
EXPECTED = 12.0
"""A feed is quiet when so many rows were expected since its last one: by chance that happens once in 160,000 times."""
LOW = 0.5
"""A feed is low when a week brings less than this part of the leanest of the weeks before,"""
FEWEST = 50
"""where that one had at least so many rows."""
Counts = npt.NDArray[np.int64]


def feed_findings(connection: Any, paths: Mapping[str, Path]) -> list[Finding]:
    """``FEED_QUIET`` and ``FEED_LOW``, each with the day since when.

    Args:
        connection: An open DuckDB connection.
        paths: Checked tables.
    """
    feeds = {table: _days(connection, paths[table], *FEEDS[table]) for table in FEEDS if table in paths}
    newest = max((day for counted in feeds.values() for days in counted.values() for day in days), default=0)
    return [
        finding
        for table, counted in feeds.items()
        for feed, days in counted.items()
        for finding in _of_feed(table, feed, _before(days, newest), newest)
    ]


def _days(connection: Any, path: Path, at: str, by: str) -> dict[str, dict[int, int]]:
    """Feed -> day -> rows."""
    query = (
        f"SELECT coalesce({by}, 'not known'), {at} // {MICROSECONDS_PER_DAY}, count(*) FROM read_parquet(?) "
        f"WHERE {at} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found: dict[str, dict[int, int]] = {}
    for feed, day, rows in connection.execute(query, [str(path)]).fetchall():
        found.setdefault(feed, {})[day] = rows
    return found


def _before(days: Mapping[int, int], newest: int) -> Counts:
    """Rows of each whole day, the latest last: the newest day may not be over."""
    first = min(days)
    return np.array([days.get(day, 0) for day in range(first, newest)], np.int64)


def _of_feed(table: str, feed: str, counts: Counts, newest: int) -> Iterator[Finding]:
    filled = np.flatnonzero(counts)
    if not len(filled):
        return
    silent = len(counts) - 1 - int(filled[-1])
    column = FEEDS[table][1]
    past = counts[: len(counts) - silent][-7 * WEEKS :]
    expected = sum(float(past[-(7 - day % 7) :: -7].mean()) for day in range(silent)) if len(past) == 7 * WEEKS else 0.0
    if silent and expected >= EXPECTED:
        since = format_moment((newest - silent) * MICROSECONDS_PER_DAY)
        says = f"{table}: nothing of {column} {feed} since {since}, where {expected:,.0f} rows were to be expected"
        todo = "look at what writes this feed; features and rules cannot see what does not come"
        yield Finding("FEED_QUIET", Severity.WARN, says, table, column, silent, todo)
    elif len(counts) >= 7 * (WEEKS + 1):
        weeks = counts[-7 * (WEEKS + 1) :].reshape(-1, 7).sum(axis=1)
        if weeks[:-1].min() >= FEWEST and weeks[-1] < LOW * weeks[:-1].min():
            since = format_moment((newest - 7) * MICROSECONDS_PER_DAY)
            says = (
                f"{table}: {weeks[-1]:,} rows of {column} {feed} since {since}; "
                f"the leanest of {WEEKS} weeks before had {weeks[:-1].min():,}"
            )
            yield Finding(
                "FEED_LOW", Severity.WARN, says, table, column, int(weeks[-1]), "look at what writes this feed"
            )
