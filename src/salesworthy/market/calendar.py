"""The market's time: its first and last moment, its weeks, and the hours at which people act."""

from __future__ import annotations

import datetime as dt

import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, to_micros
from salesworthy.market.arrays import Floats, Ints

DAY = MICROSECONDS_PER_DAY
START = to_micros(dt.datetime(2024, 7, 1, tzinfo=dt.UTC))
"""First lead, a Monday."""
END = to_micros(dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
"""Nothing is known at this moment or later."""
DRIFT_START = to_micros(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
"""When the drift scenarios set in."""
DAYS = (END - START) // DAY
HOUR = DAY // 24
MINUTE = HOUR // 60
SECOND = MINUTE // 60
WEEK = 7 * DAY
QUARTERS = tuple(
    to_micros(dt.datetime(year, month, 1, tzinfo=dt.UTC))
    for year, month in [(2024, 7), (2024, 10), *((2025, month) for month in (1, 4, 7, 10)), (2026, 1), (2026, 4)]
)
"""First moments of the market's quarters."""

_QUIET_MONTHS = {8: 0.7, 12: 0.75}
_GROWTH = 0.4
_WEEKEND_SHARE = 0.25


def quarter_of(moments: Ints) -> Ints:
    """Number of the quarter that each moment lies in, from 0."""
    return np.clip(np.searchsorted(np.array(QUARTERS), moments, side="right") - 1, 0, len(QUARTERS) - 1)


def week_of(moments: Ints) -> Ints:
    """Number of the week that each moment lies in, from 0; weeks begin on Monday."""
    return (moments - START) // WEEK


def arrivals(rng: np.random.Generator, count: int) -> Ints:
    """Moments of first interest in ascending order: growing, quieter in August, December and at weekends."""
    days = np.arange(DAYS)
    months = np.array([(dt.date(2024, 7, 1) + dt.timedelta(days=int(day))).month for day in days])
    weights = 1 + _GROWTH * days / DAYS
    weights *= np.array([_QUIET_MONTHS.get(int(month), 1.0) for month in months])
    weights *= np.where(days % 7 >= 5, _WEEKEND_SHARE, 1.0)
    drawn = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(count), side="right")
    return np.sort(START + np.minimum(drawn, DAYS - 1) * DAY + hours(rng, count))


def hours(rng: np.random.Generator, count: int) -> Ints:
    """Time of day, in microseconds: between 7 and 20 o'clock, mostly around half past one."""
    return ((7 + 6.5 * (rng.random(count) + rng.random(count))) * HOUR).astype(np.int64)


def acting_moments(rng: np.random.Generator, days: Floats) -> Ints:
    """Moments in working hours, on these (fractional) days since the start; most weekend acts wait until after it."""
    whole = np.floor(days).astype(np.int64)
    put_off = (whole % 7 >= 5) & (rng.random(len(days)) < 0.7)
    return START + (whole + 2 * put_off) * DAY + hours(rng, len(days))
