"""Feeds: kinds of acts, sources of leads and tables that a system fills, each against its own weekly rhythm.

A feed is measured by the day on which its rows became known, against the same days of the eight weeks before. The
newest row of all feeds says how far the data goes, so that an old export is no alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment

FEEDS: dict[str, tuple[str, str | None]] = {
    "engagements": ("known_at", "kind"),
    "leads": ("created_at", "source"),
    "consents": ("at", None),
    "handoffs": ("handed_at", None),
    "outcomes": ("at", None),
}
"""Table -> when its rows become known, and the column that tells its feeds apart; None where it is one feed."""
WEEKS = 8
EXPECTED = 12.0
"""A feed is quiet when so many rows were expected since its last one: by chance that happens once in 160,000 times."""
LOW, HIGH = 0.5, 2.0
"""A feed is low when a week brings less than this part of the leanest of the weeks before, high when it brings more
than this many times the fullest,"""
FEWEST = 50
"""where the leanest had at least so many rows."""
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Feed:
    """A feed and how it does.

    Attributes:
        table: Its table.
        by: The column that tells it from other feeds of the table; empty where there is no other.
        name: Its value there; the table's name where there is no other.
        newest: The day of its newest row, in microseconds.
        silent_days: Whole days without a row, up to the newest of all data.
        expected: Rows that those days should have brought.
        week: Rows of the last seven whole days; None where it is younger than a week.
        usual: Rows of the leanest, the middle and the fullest of eight weeks before; None where it is younger.
    """

    table: str
    by: str
    name: str
    newest: int
    silent_days: int
    expected: float
    week: int | None
    usual: tuple[int, float, int] | None

    @property
    def state(self) -> str:
        """``quiet``, ``low``, ``high``, ``as usual``; ``young`` or ``thin`` where nobody can tell."""
        if self.silent_days and self.expected >= EXPECTED:
            return "quiet"
        if self.week is None or self.usual is None:
            return "young"
        leanest, _, fullest = self.usual
        if leanest < FEWEST:
            return "thin"
        return "low" if self.week < LOW * leanest else "high" if self.week > HIGH * fullest else "as usual"

    def as_dict(self) -> dict[str, Any]:
        """The feed as ``check --json`` prints it."""
        return {**asdict(self), "newest": format_moment(self.newest)[:10], "state": self.state}

    @property
    def of(self) -> str:
        """The feed as part of a sentence."""
        return f"{self.by} {self.name}" if self.by else self.name


def feeds_of(connection: Any, paths: Mapping[str, Path]) -> list[Feed]:
    """Every feed, table by table, by name.

    Args:
        connection: An open DuckDB connection.
        paths: Checked tables.
    """
    counted = {table: _days(connection, paths[table], *FEEDS[table]) for table in FEEDS if table in paths}
    newest = max((day for feeds in counted.values() for days in feeds.values() for day in days), default=0)
    return [_feed(table, name, days, newest) for table, feeds in counted.items() for name, days in feeds.items()]


def feed_findings(connection: Any, paths: Mapping[str, Path]) -> list[Finding]:
    """``FEED_QUIET``, ``FEED_LOW`` and ``FEED_HIGH``, each with the day since when.

    Args:
        connection: An open DuckDB connection.
        paths: Checked tables.
    """
    return [finding for feed in feeds_of(connection, paths) for finding in _findings(feed)]


def _days(connection: Any, path: Path, at: str, by: str | None) -> dict[str, dict[int, int]]:
    """Feed -> day -> rows."""
    name = f"coalesce({by}, 'not known')" if by else "''"
    query = (
        f'SELECT {name}, "{at}" // {MICROSECONDS_PER_DAY}, count(*) FROM read_parquet(?) '
        f'WHERE "{at}" IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2'
    )
    found: dict[str, dict[int, int]] = {}
    for feed, day, rows in connection.execute(query, [str(path)]).fetchall():
        found.setdefault(feed, {})[day] = rows
    return found


def _feed(table: str, name: str, days: Mapping[int, int], newest: int) -> Feed:
    counts = _before(days, newest)
    filled = np.flatnonzero(counts)
    silent = len(counts) - 1 - int(filled[-1]) if len(filled) else 0
    past = counts[: len(counts) - silent][-7 * WEEKS :]
    expected = sum(float(past[-(7 - day % 7) :: -7].mean()) for day in range(silent)) if len(past) == 7 * WEEKS else 0.0
    usual = None
    if len(counts) >= 7 * (WEEKS + 1):
        weeks = counts[-7 * (WEEKS + 1) : -7].reshape(-1, 7).sum(axis=1)
        usual = (int(weeks.min()), float(np.median(weeks)), int(weeks.max()))
    week = int(counts[-7:].sum()) if len(counts) >= 7 else None
    by = FEEDS[table][1] or ""
    return Feed(table, by, name or table, max(days) * MICROSECONDS_PER_DAY, silent, expected, week, usual)


def _before(days: Mapping[int, int], newest: int) -> Counts:
    """Rows of each whole day, the latest last: the newest day may not be over."""
    return np.array([days.get(day, 0) for day in range(min(days), newest)], np.int64)


def _findings(feed: Feed) -> Iterator[Finding]:
    if feed.state == "quiet":
        since = format_moment(feed.newest + MICROSECONDS_PER_DAY)
        says = f"{feed.table}: nothing of {feed.of} since {since}, where {feed.expected:,.0f} rows were to be expected"
        todo = "look at what writes this feed; features and rules cannot see what does not come"
        yield Finding("FEED_QUIET", Severity.WARN, says, feed.table, feed.by, feed.silent_days, todo, feed.name)
    elif feed.state in {"low", "high"} and feed.usual is not None and feed.week is not None:
        which, usual = ("leanest", feed.usual[0]) if feed.state == "low" else ("fullest", feed.usual[2])
        says = (
            f"{feed.table}: {feed.week:,} rows of {feed.of} in the last seven days; "
            f"the {which} of {WEEKS} weeks before had {usual:,}"
        )
        todo = "look at what writes this feed" + ("" if feed.state == "low" else ": was something sent twice")
        code = f"FEED_{feed.state.upper()}"
        yield Finding(code, Severity.WARN, says, feed.table, feed.by, feed.week, todo, feed.name)
