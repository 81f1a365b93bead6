"""Moments: the day a question is asked for, and how a time is written down.

Inside the product a moment is an integer: microseconds since 1970-01-01 00:00 UTC. Every engine compares and subtracts
integers alike; they disagree about time zones, dates and rounding.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesworthy.domain.errors import UserError, WrongUsage

MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_DAY = 86_400 * MICROSECONDS_PER_SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOW = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(h|d|w)\s*$")
_WINDOW_UNITS = {"h": MICROSECONDS_PER_DAY // 24, "d": MICROSECONDS_PER_DAY, "w": 7 * MICROSECONDS_PER_DAY}


def to_micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime.

    Raises:
        ValueError: When the datetime has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of a number of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=micros)


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name.

    Raises:
        UserError: When there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError(
            f"there is no time zone called {name!r}",
            where="workspace.timezone",
            todo="use a name such as Europe/Berlin",
        ) from error


def parse_moment(text: str, *, timezone: tzinfo = UTC, option: str = "--as-of") -> int:
    """Read a day or a moment that a person wrote; a day means its first instant in that zone.

    Example:
        >>> parse_moment("1970-01-02")
        86400000000
        >>> parse_moment("1970-01-01T00:00:01+00:00")
        1000000

    Raises:
        WrongUsage: When the text is neither a day nor an ISO 8601 moment.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUsage(
            f"{text!r} is neither a day nor a moment",
            where=option,
            todo="write 2026-03-01 or 2026-03-01T08:00:00+01:00",
        ) from error
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=timezone))


def format_moment(micros: int) -> str:
    """A moment as people and files read it: a day when it is midnight UTC, ISO 8601 with Z otherwise.

    Example:
        >>> format_moment(86_400_000_000)
        '1970-01-02'
        >>> format_moment(1)
        '1970-01-01T00:00:00.000001Z'
    """
    moment = from_micros(micros)
    if micros % MICROSECONDS_PER_DAY == 0:
        return moment.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def parse_window(text: str) -> int:
    """Length of a window such as ``30d``, ``12h`` or ``2w``, in microseconds.

    Raises:
        ValueError: When the text is not a number followed by h, d or w.
    """
    match = _WINDOW.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a window; write 12h, 30d or 2w")
    return int(float(match[1]) * _WINDOW_UNITS[match[2]])
