"""What DuckDB answers where SQLite would answer otherwise, as functions that SQLite calls.

Whatever has no plain answer here raises, and DuckDB is asked instead.
"""

from __future__ import annotations

import math
from sqlite3 import Connection
from typing import Any

Number = int | float
_MOST = 2**63 - 1


class Unlike(Exception):
    """Something that only DuckDB can answer."""


def add_functions(connection: Connection) -> None:
    """Make the functions known to a connection."""
    for name, (arguments, function) in _FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=True)


def as_round(value: Number | None, digits: int = 0) -> Number | None:
    """Halves go away from zero; with digits by way of a power of ten, as DuckDB does it."""
    if value is None or isinstance(value, int):
        return value
    factor = 10.0**digits
    found = _away(value * factor) / factor if digits else _away(value)
    return found if math.isfinite(found) else value


def as_bigint(value: Number | None) -> int | None:
    """Halves go to the even neighbour."""
    if value is None or isinstance(value, int):
        return value
    if not isinstance(value, float) or not abs(value) < _MOST:
        raise Unlike(f"{value!r} as a whole number")
    return round(value)


def as_double(value: Number | None) -> float | None:
    """A number as a double; nothing else is read as one."""
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise Unlike(f"{type(value).__name__} as a number")
    return float(value)


def as_text(value: str | None) -> str | None:
    """Text as it is; nothing else is written as text."""
    if value is None or isinstance(value, str):
        return value
    raise Unlike(f"{type(value).__name__} as text")


def as_lower(value: str | None) -> str | None:
    """Small letters; those beyond ASCII are a matter of the version of Unicode."""
    if value is None:
        return None
    if not value.isascii():
        raise Unlike("letters beyond ASCII")
    return value.lower()


def as_power(base: Number | None, exponent: Number | None) -> float | None:
    """The power of the C library, as in DuckDB."""
    return None if base is None or exponent is None else math.pow(base, exponent)


def as_quotient(one: Number | None, other: Number | None) -> float | None:
    """Always a double, also of whole numbers."""
    if one is None or other is None:
        return None
    return float(one) / float(other)  # raises on a division by zero


def as_remainder(one: int | None, other: int | None) -> int | None:
    """Of whole numbers, with the sign of the first."""
    if one is None or other is None:
        return None
    if not isinstance(one, int) or not isinstance(other, int) or not other:
        raise Unlike("a remainder of other than whole numbers")
    found = abs(one) % abs(other)
    return found if one >= 0 else -found


def as_greatest(*values: Number | None) -> Number | None:
    """What is unknown does not count."""
    return max((each for each in values if each is not None), default=None)


def as_least(*values: Number | None) -> Number | None:
    """What is unknown does not count."""
    return min((each for each in values if each is not None), default=None)


def as_contains(text: str | None, part: str | None) -> bool | None:
    """Whether a text is part of another."""
    return None if text is None or part is None else part in text


def as_joined(one: str | None, other: str | None) -> str | None:
    """Two texts as one."""
    if one is None or other is None:
        return None
    if not isinstance(one, str) or not isinstance(other, str):
        raise Unlike("other than texts joined")
    return one + other


def _away(value: float) -> float:
    if not math.isfinite(value):
        return value
    whole = abs(math.trunc(value))
    return math.copysign(whole if abs(value) - whole < 0.5 else whole + 1, value)


_FUNCTIONS: dict[str, tuple[int, Any]] = {
    "as_round": (-1, as_round),
    "as_bigint": (1, as_bigint),
    "as_double": (1, as_double),
    "as_text": (1, as_text),
    "as_lower": (1, as_lower),
    "as_power": (2, as_power),
    "as_quotient": (2, as_quotient),
    "as_remainder": (2, as_remainder),
    "as_greatest": (-1, as_greatest),
    "as_least": (-1, as_least),
    "as_contains": (2, as_contains),
    "as_joined": (2, as_joined),
}
