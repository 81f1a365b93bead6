"""Local times to UTC, many at once, as Python's own time zones do it one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from salesworthy.domain.moments import from_micros, to_micros

Ints = npt.NDArray[np.int64]
OUR_DAYS = (2000, 2040)
"""Years in which leads are looked for."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class InUtc:
    """Microseconds UTC, and which of the local times do not exist or occur twice when clocks are changed."""

    micros: Ints
    skipped: npt.NDArray[np.bool_]
    repeated: npt.NDArray[np.bool_]


def to_utc(local: Ints, timezone: tzinfo) -> InUtc:
    """Local times (microseconds since 1970-01-01 00:00 local) in UTC.

    A time that occurs twice is taken as the first; one that clocks skip is read as if they had not been changed yet.
    Both are what ``datetime.replace(tzinfo=...)`` does.

    Args:
        local: Local times; years 1900 to 2199.
        timezone: The zone that they are in.
    """
    if local.size == 0:
        none = np.zeros(0, np.bool_)
        return InUtc(local, none, none)
    changes, offsets = _changes(timezone, from_micros(int(local.min())).year, from_micros(int(local.max())).year)
    before, after = offsets[:-1], offsets[1:]
    number = np.searchsorted(changes + np.maximum(before, after), local, side="right")
    micros = local - offsets[number]
    if not changes.size:
        none = np.zeros(local.shape, np.bool_)
        return InUtc(micros, none, none)
    coming = np.minimum(number, changes.size - 1)
    unusual = (number < changes.size) & (local >= changes[coming] + np.minimum(before, after)[coming])
    forward = after[coming] > before[coming]
    return InUtc(micros, unusual & forward, unusual & ~forward)


def local_hours(micros: Ints, timezone: tzinfo) -> Ints:
    """The hour of the day, 0 to 23, that clocks in a zone show at each moment.

    Example:
        >>> from zoneinfo import ZoneInfo
        >>> local_hours(np.array([0]), ZoneInfo("Europe/Berlin")).tolist()
        [1]
    """
    if micros.size == 0:
        return micros
    changes, offsets = _changes(timezone, from_micros(int(micros.min())).year, from_micros(int(micros.max())).year)
    local = micros + offsets[np.searchsorted(changes, micros, side="right")]
    hours: Ints = local // 3_600_000_000 % 24
    return hours


@lru_cache(maxsize=64)
def utc_offsets(timezone: tzinfo) -> tuple[int, ...]:
    """The offsets from UTC that a zone has in our days, in microseconds.

    Example:
        >>> from zoneinfo import ZoneInfo
        >>> [offset / 3.6e9 for offset in utc_offsets(ZoneInfo("Europe/Berlin"))]
        [1.0, 2.0]
    """
    return tuple(sorted({int(each) for each in _changes(timezone, *OUR_DAYS)[1]}))


@lru_cache(maxsize=64)
def _changes(timezone: tzinfo, first: int, last: int) -> tuple[Ints, Ints]:
    """Instants at which the offset from UTC changes in those years, and the offsets before, between and after them."""
    day, end = _year(first) - 2 * _DAY, _year(last + 1) + 2 * _DAY
    changes: list[int] = []
    offsets = [_offset(timezone, day)]
    while day < end:
        following = _offset(timezone, day + _DAY)
        if following != offsets[-1]:
            changes.append(to_micros(_change(timezone, day, day + _DAY)))
            offsets.append(following)
        day += _DAY
    return np.array(changes, np.int64), np.array(offsets, np.int64)


def _change(timezone: tzinfo, early: datetime, late: datetime) -> datetime:
    """The first second with the later offset."""
    target = _offset(timezone, late)
    while late - early > _SECOND:
        middle = early + timedelta(seconds=(late - early) // _SECOND // 2)
        if _offset(timezone, middle) == target:
            late = middle
        else:
            early = middle
    return late


def _offset(timezone: tzinfo, moment: datetime) -> int:
    return (moment.astimezone(timezone).utcoffset() or timedelta()) // timedelta(microseconds=1)


def _year(year: int) -> datetime:
    return datetime(max(year, 2), 1, 1, tzinfo=UTC)
