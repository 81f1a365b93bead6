"""Files of rows, read in pieces: delimited text as text, Parquet with its types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import pyarrow as pa

from salesworthy.domain.errors import UserError
from salesworthy.intake.csv_dialect import DAMAGED, Dialect, open_bytes, read_dialect, unique_names
from salesworthy.intake.file_faults import FileFault, fault_of, file_error
from salesworthy.intake.rejection import Rejection
from salesworthy.intake.text_streams import MARK, Marked, Watched, is_open
from salesworthy.intake.values import plain

ROWS = 250_000
REPLACED = "\ufffd"
"""What people know as the sign for a letter that was lost."""
PARQUET = b"PAR1"
_BLOCK = 16 * 1024 * 1024


@dataclass(frozen=True)
class Ragged:
    """A row with more or fewer values than the header: its number in the file, and its text."""

    row: int
    text: str


@dataclass(frozen=True)
class Piece:
    """Some rows of a file, in their order; ``rows`` are their numbers in it, as a person counts them."""

    rows: pl.Series
    frame: pl.DataFrame
    came: Mapping[int, str] = field(default_factory=dict)
    """Number of a row that somebody mended -> its text as it came."""
    bad: pl.Series | None = None
    """Code of the reason for which a row cannot be trusted as it stands, null where it can; None where all can."""

    def filter(self, mask: pl.Series) -> Piece:
        """Some of its rows."""
        bad = None if self.bad is None else self.bad.filter(mask)
        return replace(self, rows=self.rows.filter(mask), frame=self.frame.filter(mask), bad=bad)


class RowFile(Protocol):
    """A file of rows."""

    @property
    def name(self) -> str:
        """Its name, without a folder."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What was noticed about how it is written: code and sentence."""

    def pieces(self) -> Iterator[Piece | list[Ragged]]:
        """Its rows, and those that are ragged as soon as they are met."""


@dataclass
class TextFile:
    """A delimited text file, perhaps compressed. Row 1 is the header; blank lines are not counted."""

    path: Path
    delimiter: str | None = None
    encoding: str | None = None

    @property
    def name(self) -> str:
        """Its name, without a folder."""
        return self.path.name

    @cached_property
    def dialect(self) -> Dialect:
        """How it is written."""
        return read_dialect(self.path, delimiter=self.delimiter, encoding=self.encoding)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""
        return self.dialect.columns

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What was noticed about how it is written: code and sentence."""
        notes = []
        if self.encoding is None and self.dialect.encoding in ("cp1252", "latin-1"):
            notes.append(("ENCODING", f"{self.name} is not UTF-8; it was read as {self.dialect.encoding}"))
        if self.dialect.repeated:
            names = ", ".join(repr(name) for name in self.dialect.repeated)
            notes.append(("REPEATED_HEADER", f"{self.name} has more than one column called {names}; numbered"))
        return notes

    def pieces(self) -> Iterator[Piece | list[Ragged]]:
        """Its rows, all of them text, and those that are ragged as soon as they are met.

        Raises:
            UserError: When the file is damaged, or a quotation mark is never closed.
        """
        from pyarrow import csv

        damaged = self.dialect.damaged
        ragged: list[Ragged] = []

        def set_aside(row: Any) -> str:
            ragged.append(Ragged(row.number, row.text))
            return "skip"

        names = list(self.columns)
        try:
            with open_bytes(self.path) as stream:
                watched = Watched(Marked(stream) if damaged else stream)
                reader = csv.open_csv(
                    watched,
                    csv.ReadOptions(
                        use_threads=False,  # rows keep their numbers
                        block_size=_BLOCK,
                        column_names=names,
                        skip_rows_after_names=1,
                        encoding=self.dialect.encoding,
                    ),
                    csv.ParseOptions(
                        delimiter=self.dialect.delimiter, newlines_in_values=True, invalid_row_handler=set_aside
                    ),
                    csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
                )
                found = self._all_closed(self._numbered(reader, ragged), watched)
                yield from map(_unmarked, found) if damaged else found
        except (pa.ArrowInvalid, UnicodeError) as error:
            raise file_error(FileFault.UNREADABLE_TEXT, self.name, error) from error
        except DAMAGED as error:
            raise file_error(fault_of(error), self.name, error) from error

    def _all_closed(self, rows: Iterator[Piece | list[Ragged]], watched: Watched) -> Iterator[Piece | list[Ragged]]:
        """The rows, unless one begins a quotation that never ends: it would swallow all that follow."""
        last: Piece | None = None
        ragged = 0
        for each in rows:
            if isinstance(each, Piece):
                last = each
            else:
                ragged = each[-1].row
                if found := next((row for row in each if "\n" in row.text and self._is_open(row.text)), None):
                    raise file_error(FileFault.UNCLOSED_QUOTE, self.name, f"row {found.row}")
            yield each
        if last is None or last.rows[-1] < ragged:
            return
        if "\n" in last.frame[-1, -1] and not watched.ends_with_a_quote:
            raise file_error(FileFault.UNCLOSED_QUOTE, self.name, f"row {last.rows[-1]}")

    def _is_open(self, text: str) -> bool:
        return is_open(text, self.dialect.delimiter)

    def _numbered(self, reader: Any, ragged: list[Ragged]) -> Iterator[Piece | list[Ragged]]:
        told = seen = 0
        while True:
            batch = next(reader, None)
            if len(ragged) > told:
                yield ragged[told:]
                told = len(ragged)
            if batch is None:
                return
            if batch.num_rows:
                yield Piece(_numbers(seen, batch.num_rows, ragged), _frame(pa.table(batch)))
                seen += batch.num_rows


def _unmarked(rows: Piece | list[Ragged]) -> Piece | list[Ragged]:
    """Rows in which the usual sign stands for bytes that are no text, and which of them have such bytes."""
    if not isinstance(rows, Piece):
        return [Ragged(each.row, each.text.replace(MARK, REPLACED)) for each in rows]
    marked = pl.any_horizontal(pl.all().str.contains(MARK, literal=True))
    bad = rows.frame.select(pl.when(marked).then(pl.lit(Rejection.DAMAGED_TEXT.name)).alias("bad"))["bad"]
    frame = rows.frame.with_columns(pl.all().str.replace_all(MARK, REPLACED, literal=True))
    return replace(rows, frame=frame, bad=bad)


def _numbers(seen: int, count: int, ragged: list[Ragged]) -> pl.Series:
    """Numbers in the file of good rows: after the header, and after the ragged rows that stand before each."""
    good = np.arange(seen, seen + count)
    before = np.array([each.row for each in ragged], np.int64) - 2 - np.arange(len(ragged))
    return pl.Series("row", good + 2 + np.searchsorted(before, good, side="right"), pl.Int64)


@dataclass
class ParquetFile:
    """A Parquet file; rows are counted from 1."""

    path: Path
    label: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name, without a folder."""
        return self.label or self.path.name

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns."""
        from pyarrow import parquet

        try:
            header = parquet.read_schema(self.path).names
        except (pa.ArrowException, OSError) as error:
            raise file_error(self._fault(), self.name, error) from error
        columns, repeated = unique_names(header)
        if repeated:
            raise UserError(
                f"more than one column is called {', '.join(map(repr, repeated))}",
                where=self.name,
                todo="rename one of them",
            )
        return columns

    def pieces(self) -> Iterator[Piece | list[Ragged]]:
        """Its rows.

        Raises:
            UserError: When the file is damaged.
        """
        from pyarrow import parquet

        seen = 0
        try:
            with parquet.ParquetFile(self.path, page_checksum_verification=True) as file:
                for batch in file.iter_batches(batch_size=ROWS):
                    table = pa.table(batch).rename_columns(list(self.columns))
                    rows = pl.Series("row", np.arange(seen + 1, seen + 1 + table.num_rows), pl.Int64)
                    yield Piece(rows, _frame(table))
                    seen += table.num_rows
        except (pa.ArrowException, OSError) as error:
            raise file_error(FileFault.DAMAGED_FILE, self.name, error) from error

    def _fault(self) -> FileFault:
        """Whether the end of the file is missing: it begins as Parquet, and does not end so."""
        with self.path.open("rb") as file:
            start = file.read(len(PARQUET))
            file.seek(0, 2)
            file.seek(max(file.tell() - len(PARQUET), 0))
            return FileFault.TRUNCATED_FILE if start == PARQUET != file.read() else FileFault.DAMAGED_FILE


def _frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as a frame of plain values; what polars does not know is carried as text."""
    columns = [_known(column) for column in table.columns]
    frame = pl.from_arrow(pa.table(columns, names=table.column_names))
    return plain(frame if isinstance(frame, pl.DataFrame) else frame.to_frame())


def _known(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.unit != "us":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column
