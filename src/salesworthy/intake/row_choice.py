"""Rows of a file that are about a table: exports hold several sorts, such as changes of every field of a lead."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from salesworthy.intake.field_map import RowChoice, plain_name
from salesworthy.intake.files import Piece
from salesworthy.intake.values import as_text, without_missing


@dataclass(frozen=True)
class RowFilter:
    """Keeps the rows where a column has one of the values, or none of them, or any at all.

    Attributes:
        column: The column of the file.
        values: Values without case, in which ``*`` stands for anything; None for any value.
        among: Whether rows with the values stay, or the others.
        says: The rule as the end of a sentence.
    """

    column: str
    values: tuple[str, ...] | None
    among: bool
    says: str

    @classmethod
    def of(cls, choice: RowChoice, column: str, by: str) -> RowFilter:
        """The filter of a choice, for the column as the file spells it."""
        words = choice.is_ if choice.is_ is not None else choice.is_not
        if words is None:
            return cls(column, None, among=True, says=f"{column!r} is empty there (field map {by})")
        listed = ", ".join(map(repr, words[:6])) + (", ..." if len(words) > 6 else "")
        among = choice.is_ is not None
        says = f"{column!r} is {'none' if among else 'one'} of {listed} there (field map {by})"
        return cls(column, tuple(plain_name(word) for word in words), among, says)

    def keeps(self, piece: Piece, missing: tuple[str, ...]) -> Piece:
        """The rows of a piece that are about the table."""
        if self.column not in piece.frame.columns:
            return piece
        found = as_text(without_missing(piece.frame.select(self.column), missing)[self.column])
        mask = self._mask(found)
        return piece.filter(mask)

    def _mask(self, texts: pl.Series) -> pl.Series:
        if self.values is None:
            return texts.is_not_null()
        known = texts.str.strip_chars().str.to_lowercase().str.contains(_any_of(self.values)).fill_null(value=False)
        return known if self.among else ~known


def _any_of(values: tuple[str, ...]) -> str:
    """A regular expression for the whole of any of the values."""
    return "^(?:" + "|".join(".*".join(map(re.escape, value.split("*"))) for value in values) + ")$"
