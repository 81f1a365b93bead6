"""Columns outside the vocabulary: what each of them holds, from its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import polars as pl

from salesworthy.domain.tables import Kind
from salesworthy.intake.moments import as_iso, looks_like_moments, read_moments
from salesworthy.intake.values import CODE, EXACT, NUMBER, YES_NO_WORDS, as_number, as_text, as_yes_no

PREFERENCE = (Kind.YES_NO, Kind.NUMBER, Kind.MOMENT, Kind.TEXT)
_EVERYTHING = frozenset(PREFERENCE)
_ONLY_TEXT = frozenset({Kind.TEXT})


@dataclass
class CarriedKinds:
    """What every carried column can still be, after the rows seen so far."""

    possible: dict[str, frozenset[Kind]] = field(default_factory=dict)

    def see(self, frame: pl.DataFrame, names: list[str]) -> None:
        """Take further rows into account."""
        for name in names:
            so_far = self.possible.get(name, _EVERYTHING)
            if so_far != _ONLY_TEXT:
                self.possible[name] = so_far & _possible(frame[name], so_far)

    def kinds(self) -> dict[str, Kind]:
        """What each column holds; text where nothing is known."""
        return {
            name: Kind.TEXT if left == _EVERYTHING else next(kind for kind in PREFERENCE if kind in left)
            for name, left in self.possible.items()
        }


def _possible(values: pl.Series, asked: frozenset[Kind]) -> frozenset[Kind]:
    dtype = values.dtype
    if dtype == pl.Boolean:
        return frozenset({Kind.YES_NO, Kind.TEXT})
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return frozenset({Kind.MOMENT, Kind.TEXT})
    if dtype.is_float():
        return frozenset({Kind.NUMBER, Kind.TEXT})
    if dtype.is_integer():
        largest = values.abs().max()
        exact = largest is None or int(str(largest)) <= EXACT
        return frozenset({Kind.NUMBER, Kind.TEXT}) if exact else _ONLY_TEXT
    return _of_text(values.drop_nulls(), asked)


def _of_text(texts: pl.Series, asked: frozenset[Kind]) -> frozenset[Kind]:
    if len(texts) == 0:
        return _EVERYTHING
    found = {Kind.TEXT}
    if Kind.NUMBER in asked and _all(texts, NUMBER) and not texts.str.contains(CODE).any():
        found.add(Kind.NUMBER)
    if Kind.YES_NO in asked and texts.str.to_lowercase().is_in(list(YES_NO_WORDS)).all():
        found.add(Kind.YES_NO)
    if Kind.MOMENT in asked and looks_like_moments(texts):
        found.add(Kind.MOMENT)
    return frozenset(found)


def _all(texts: pl.Series, pattern: str) -> bool:
    return bool(texts.head(1000).str.contains(pattern).all() and texts.str.contains(pattern).all())


def settle(frame: pl.DataFrame, kinds: Mapping[str, Kind], timezone: tzinfo) -> pl.DataFrame:
    """Carried columns as what they hold.

    Args:
        frame: Rows; columns that ``kinds`` does not name stay as they are.
        kinds: What each carried column holds.
        timezone: For times without a zone.
    """
    return frame.with_columns(settled(frame[name], kind, timezone).alias(name) for name, kind in kinds.items())


def settled(values: pl.Series, kind: Kind, timezone: tzinfo) -> pl.Series:
    """A carried column as what it holds."""
    if kind == Kind.NUMBER:
        return as_number(values)
    if kind == Kind.YES_NO:
        return as_yes_no(values)
    if kind == Kind.MOMENT:
        return read_moments(values, timezone).micros
    if values.dtype == pl.Date or isinstance(values.dtype, pl.Datetime):
        return as_iso(read_moments(values, timezone).micros)
    return as_text(values)
