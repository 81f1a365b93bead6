"""Rows of a file that are about a table: exports hold several sorts, such as changes of every field of a lead."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from salesworthy.intake.field_map import RowChoice, plain_name
from salesworthy.intake.files import Piece
from salesworthy.intake.values import as_text, without_missing


@dataclass(frozen=True)
class RowFilter:
    """Keeps the rows where one of some columns has one of the values, or any at all; or where none has one of them.

    Attributes:
        columns: Columns of the file.
        values: Values without case, in which ``*`` stands for anything; None for any value.
        among: Whether rows with the values stay, or the others.
        says: The rule as the end of a sentence.
    """

    columns: tuple[str, ...]
    values: tuple[str, ...] | None
    among: bool
    says: str

    @classmethod
    def of(cls, choice: RowChoice, columns: Sequence[str], by: str) -> RowFilter:
        """The filter of a choice, for the columns as the file spells them."""
        words = choice.is_ if choice.is_ is not None else choice.is_not
        named = " or ".join(map(repr, columns))
        if words is None:
            return cls(tuple(columns), None, among=True, says=f"{named} is empty there (field map {by})")
        listed = ", ".join(map(repr, words[:6])) + (", ..." if len(words) > 6 else "")
        among = choice.is_ is not None
        says = f"{named} is {'none' if among else 'one'} of {listed} there (field map {by})"
        return cls(tuple(columns), tuple(plain_name(word) for word in words), among, says)

    def keeps(self, piece: Piece, missing: tuple[str, ...]) -> Piece:
        """The rows of a piece that are about the table."""
        there = [name for name in self.columns if name in piece.frame.columns]
        if not there:
            return piece
        texts = without_missing(piece.frame.select(there), missing)
        masks = [self._mask(as_text(texts[name])) for name in there]
        mask = functools.reduce(operator.or_ if self.among else operator.and_, masks)
        return piece.filter(mask)

    def _mask(self, texts: pl.Series) -> pl.Series:
        if self.values is None:
            return texts.is_not_null()
        known = texts.str.strip_chars().str.to_lowercase().str.contains(_any_of(self.values)).fill_null(value=False)
        return known if self.among else ~known


def _any_of(values: tuple[str, ...]) -> str:
    """A regular expression for the whole of any of the values."""
    return "^(?:" + "|".join(".*".join(map(re.escape, value.split("*"))) for value in values) + ")$"
