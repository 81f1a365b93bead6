"""Mending: rows that were set aside and that a person put right are read as if the source had never been wrong.

The source is never changed. A mended row is told by its text as it came, and by which of several equal rows it is;
where the source holds it, its mended cells take their places before anything else looks at the row. So it stands where
it always stood, and everything that follows (joins, duplicates, the order of rows) is that of a source without the
fault. Where the source was put right meanwhile, nothing matches, and nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from salesworthy.domain.errors import UserError
from salesworthy.intake.files import Piece, Ragged, RowFile
from salesworthy.intake.mending import Cells, Table
from salesworthy.intake.plan import HIDDEN, SourcePlan
from salesworthy.intake.row_identity import line_text, raw_texts


class MendedTable:
    """The sources of a table, read in their order with what people put right.

    Args:
        mended: The rows that were put right.
    """

    def __init__(self, mended: Table) -> None:
        self.mended = mended
        self.applied = 0
        self._texts = sorted({raw for raw, _ in mended})
        self._seen: Counter[str] = Counter()

    def pieces(self, file: RowFile, plan: SourcePlan) -> Iterator[Piece | list[Ragged]]:
        """The rows of a file; mended rows carry their text as it came.

        Raises:
            UserError: When a cell holds what its column cannot hold.
        """
        if not self.mended:
            yield from file.pieces()
            return
        held: Piece | None = None
        waiting: list[tuple[int, str, Cells]] = []
        for each in file.pieces():
            if isinstance(each, Piece):
                if held is not None:
                    yield _with_lines(held, file, [line for line in waiting if line[0] < each.rows[0]])
                    waiting = [line for line in waiting if line[0] >= each.rows[0]]
                held = self._mend(each, plan)
            else:
                waiting += (found := self._lines(each, plan))
                rows = {row for row, _, _ in found}
                if left := [ragged for ragged in each if ragged.row not in rows]:
                    yield left
        if held is not None or waiting:
            yield _with_lines(held or _no_rows(file), file, waiting)

    def fork(self) -> MendedTable:
        """The same rows, to read what follows a second time."""
        found = MendedTable(self.mended)
        found._seen = Counter(self._seen)
        return found

    def _cells(self, text: str) -> Cells | None:
        self._seen[text] += 1
        found = self.mended.get((text, self._seen[text]))
        self.applied += found is not None
        return found

    def _lines(self, ragged: Sequence[Ragged], plan: SourcePlan) -> list[tuple[int, str, Cells]]:
        texts = [line_text(HIDDEN if plan.sensitive else each.text) for each in ragged]
        found = [(each.row, text, self._cells(text)) for each, text in zip(ragged, texts, strict=True)]
        return [(row, text, cells) for row, text, cells in found if cells is not None]

    def _mend(self, piece: Piece, plan: SourcePlan) -> Piece:
        texts = raw_texts(plan.shown(piece.frame))
        places = texts.is_in(self._texts).arg_true()
        found = {place: cells for place in places if (cells := self._cells(texts[place])) is not None}
        if not found:
            return piece
        frame = piece.frame.with_columns(
            _replaced(piece.frame[name], {place: cells[name] for place, cells in found.items() if name in cells})
            for name in piece.frame.columns
        )
        came = {int(piece.rows[place]): texts[place] for place in found}
        bad = None if piece.bad is None else piece.bad.scatter(list(found), None)
        return replace(piece, frame=frame, came=came, bad=bad)


def _replaced(values: pl.Series, cells: Mapping[int, str]) -> pl.Series:
    if not cells:
        return values
    read = _as(values.dtype, pl.Series(values.name, list(cells.values()), pl.String))
    return values.scatter(list(cells), read)


def _as(dtype: pl.DataType, texts: pl.Series) -> pl.Series:
    """Texts as what a column holds; nothing stays empty."""
    if dtype == pl.String:
        return texts
    filled = texts.to_frame("t").select(pl.when(pl.col("t").str.strip_chars() != "").then("t").alias("t"))["t"]
    read = _read(dtype, filled)
    if read.null_count() > filled.null_count():
        wrong = filled.filter(read.is_null() & filled.is_not_null())[0]
        raise UserError(
            f"{wrong!r} was put into the column {texts.name!r}, which holds no text but {dtype}",
            where="a mended row",
            todo="write it as the other rows of the file have it",
        )
    return read.alias(texts.name)


def _read(dtype: pl.DataType, texts: pl.Series) -> pl.Series:
    if isinstance(dtype, pl.Datetime):
        read = texts.str.to_datetime(strict=False, time_unit=dtype.time_unit)
        return read if dtype.time_zone is None else read.dt.replace_time_zone(dtype.time_zone)
    if dtype == pl.Date:
        return texts.str.to_date(strict=False)
    if dtype == pl.Boolean:
        return texts.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None)
    return texts.cast(dtype, strict=False)


def _no_rows(file: RowFile) -> Piece:
    return Piece(pl.Series("row", [], pl.Int64), pl.DataFrame(schema=dict.fromkeys(file.columns, pl.String)))


def _with_lines(piece: Piece, file: RowFile, lines: Sequence[tuple[int, str, Cells]]) -> Piece:
    """A piece with rows that did not fit the header, each in the place where it stands in the file."""
    if not lines:
        return piece
    columns = {name: [cells.get(name, "") for _, _, cells in lines] for name in file.columns}
    frame = pl.concat([piece.frame, pl.DataFrame(columns, schema=piece.frame.schema)])
    rows = pl.concat([piece.rows, pl.Series("row", [row for row, _, _ in lines], pl.Int64)])
    order = rows.arg_sort()
    came = {**piece.came, **{row: text for row, text, _ in lines}}
    good = pl.Series("bad", [None], pl.String).new_from_index(0, len(lines))
    bad = None if piece.bad is None else pl.concat([piece.bad, good])[order]
    return replace(piece, rows=rows[order], frame=frame[order], came=came, bad=bad)
