"""Values that hold whole rows: a quotation mark that was lost or changed makes a value go on until the next one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from salesworthy.domain.tables import Kind
from salesworthy.intake.files import Piece, RowFile, TextFile
from salesworthy.intake.notes import Notes
from salesworthy.intake.plan import SourcePlan
from salesworthy.intake.rejection import Rejection

NOTE = "SWALLOWED_ROWS"
FEWEST_COLUMNS = 3
"""In narrower files a line of a note looks like a row by chance."""


def without_swallowed(piece: Piece, file: RowFile, plan: SourcePlan, notes: Notes) -> Piece:
    """The piece, with rows told apart in which a value holds what look like further rows; those are counted.

    A line inside a value is taken for a row when it has as many values as the header has names, an identifier without
    blanks where the table's identifier stands, and a figure where its moment stands. What a person mended is left
    alone.

    Args:
        piece: Rows of a file.
        file: The file.
        plan: What its columns are.
        notes: Told how many lines there are.
    """
    if not isinstance(file, TextFile) or len(file.columns) < FEWEST_COLUMNS:
        return piece
    broken = piece.frame.select(pl.any_horizontal(pl.all().str.contains("\n", literal=True))).to_series()
    if not broken.any():
        return piece
    looks = _Looks(file, plan)
    found = {
        place: lines
        for place in broken.arg_true()
        if int(piece.rows[place]) not in piece.came and (lines := looks.rows_in(piece.frame.row(place)))
    }
    notes.count(NOTE, file.name, sum(found.values()))
    return replace(piece, bad=_with(piece.bad, found, len(piece.frame))) if found else piece


def _with(bad: pl.Series | None, found: Mapping[int, int], rows: int) -> pl.Series:
    known = pl.Series("bad", [None], pl.String).new_from_index(0, rows) if bad is None else bad
    swallowed = known.scatter(list(found), Rejection.SWALLOWED_ROWS.name)
    return pl.select(pl.coalesce(known, swallowed).alias("bad")).to_series()


class _Looks:
    """How rows of a file look."""

    def __init__(self, file: TextFile, plan: SourcePlan) -> None:
        self.delimiter = file.dialect.delimiter
        self.width = len(file.columns)
        places = {name: place for place, name in enumerate(file.columns)}
        needed = [each for each in plan.columns if each.column.required and each.origin.column in places]
        self.ids = [places[each.origin.column or ""] for each in needed if each.column.kind == Kind.ID]
        self.moments = [places[each.origin.column or ""] for each in needed if each.column.kind == Kind.MOMENT]

    def rows_in(self, cells: tuple[str | None, ...]) -> int:
        """How many lines inside the values of a row look like rows; the first line of a value is its own."""
        lines = [line for cell in cells if cell for line in cell.split("\n")[1:]]
        return sum(map(self._is_row, lines))

    def _is_row(self, line: str) -> bool:
        cells = next(csv.reader([line.rstrip("\r")], delimiter=self.delimiter), [])
        if len(cells) != self.width or not self.ids:
            return False
        named = all(cells[place].strip() and len(cells[place].split()) == 1 for place in self.ids)
        return named and all(any(letter.isdigit() for letter in cells[place]) for place in self.moments)
