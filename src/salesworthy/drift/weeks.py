"""Weeks: whole ones, from Monday to Monday where the workspace is, the last complete at the moment asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, from_micros, to_micros

WEEK = 7 * MICROSECONDS_PER_DAY


@dataclass(frozen=True)
class Weeks:
    """Consecutive weeks.

    Attributes:
        start: First instant of week 0, in microseconds.
        count: How many there are.

    Example:
        >>> weeks = Weeks(start=0, count=2)
        >>> weeks.end == 14 * MICROSECONDS_PER_DAY, weeks.day(1)
        (True, '1970-01-08')
    """

    start: int
    count: int

    @property
    def end(self) -> int:
        """First instant after the last week."""
        return self.start + self.count * WEEK

    def begin(self, week: int) -> int:
        """First instant of a week."""
        return self.start + week * WEEK

    def day(self, week: int) -> str:
        """First day of a week, where the workspace is."""
        # Weeks begin at midnight of some zone, less than a day away from UTC's: its noon lies on the same day.
        return from_micros(self.begin(week) + MICROSECONDS_PER_DAY // 2).date().isoformat()

    def number(self, at: ir.IntegerColumn) -> ir.IntegerColumn:
        """In which week moments lie; ask ``within`` first."""
        return ((at - self.start) // WEEK).cast("int64")

    def within(self, at: ir.IntegerColumn) -> ir.BooleanColumn:
        """Whether moments lie in one of the weeks."""
        return (at >= self.start) & (at < self.end)


def weeks_until(as_of: int, *, first: int, timezone: dt.tzinfo, most: int) -> Weeks:
    """The whole weeks between two moments, at most so many, the latest ones.

    Weeks are seven days of 24 hours: where clocks are set forward or back, those of the other season begin an hour off.

    Args:
        as_of: The last week is complete by then, in microseconds.
        first: Nothing is known before.
        timezone: Where Monday begins.
        most: How many weeks back to look.
    """
    here = from_micros(as_of).astimezone(timezone)
    monday = dt.datetime.combine(here.date() - dt.timedelta(days=here.weekday()), dt.time(), timezone)
    end = to_micros(monday)
    count = min(max((end - first) // WEEK, 0), most)
    return Weeks(end - count * WEEK, count)
