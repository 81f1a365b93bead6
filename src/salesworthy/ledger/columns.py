"""The sorts of columns that ledger tables are made of, and the one spelling of what is hashed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Double, Integer, String, Text
from sqlalchemy.types import TypeDecorator

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value: sorted keys, no spaces.

    Example:
        >>> canonical_json({"b": 1, "a": [0.5, None]})
        '{"a":[0.5,null],"b":1}'

    Raises:
        ValueError: When the value holds a number that JSON cannot write (NaN, infinity).
        TypeError: When the value holds something that JSON does not know.
    """
    return _ENCODER.encode(value)


class CanonicalJson(TypeDecorator[Any]):
    """JSON kept as text in its one spelling, so that it hashes alike on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        """Write a value."""
        return canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Read a value."""
        return json.loads(value)


def sequence() -> Column[int]:
    """The number of a row, from 1 without a gap."""
    return Column("sequence", Integer, primary_key=True, autoincrement=False)


def text(name: str, *, unique: bool = False) -> Column[str]:
    """Text that is always there."""
    return Column(name, String, nullable=False, unique=unique)


def maybe(name: str) -> Column[str]:
    """Text that may be absent."""
    return Column(name, String, nullable=True)


def micros(name: str) -> Column[int]:
    """A moment, in microseconds UTC."""
    return Column(name, BigInteger, nullable=False)


def maybe_micros(name: str) -> Column[int]:
    """A moment that may be absent."""
    return Column(name, BigInteger, nullable=True)


def whole(name: str, *, unique: bool = False) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, nullable=False, unique=unique)


def maybe_whole(name: str) -> Column[int]:
    """A whole number that may be absent."""
    return Column(name, Integer, nullable=True)


def maybe_number(name: str) -> Column[float]:
    """A number that may be absent, kept to the last bit."""
    return Column(name, Double, nullable=True)


def as_json(name: str) -> Column[Any]:
    """A JSON value that is always there."""
    return Column(name, CanonicalJson, nullable=False)


def is_json(column: Column[Any]) -> bool:
    """Whether a column holds JSON."""
    return isinstance(column.type, CanonicalJson)
