"""Parquet files written piece by piece: kept rows in parts of one schema each, rejected rows with their reasons."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
import pyarrow as pa

from salesworthy.intake.files import Ragged
from salesworthy.intake.rejection import Rejection
from salesworthy.intake.row_identity import line_text, row_id
from salesworthy.intake.suppression import NOBODY, Suppression

FILE, ROW = "salesworthy.file", "salesworthy.row"
"""Where a kept row came from, while duplicates are looked for."""

REJECTED = pa.schema(
    [
        ("id", pa.string()),
        ("code", pa.string()),
        ("sentence", pa.string()),
        ("column", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("raw", pa.string()),
        ("copy", pa.int64()),
    ]
)
ROWS_PER_GROUP = 500_000


def to_arrow(frame: pl.DataFrame) -> pa.Table:
    """A frame as an Arrow table with plain strings."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    fields = [(field.name, pa.string() if _is_text(field.type) else field.type) for field in table.schema]
    return table.cast(pa.schema(fields))


def rows_of(answer: Any) -> pl.DataFrame:
    """What a DuckDB query gives, as a frame."""
    return pl.DataFrame(answer.to_arrow_table())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


class PartsWriter:
    """Writes frames to one Parquet file, and to a further one whenever their schema changes.

    Args:
        path: The first file; further ones are called ``NAME.2.parquet`` and so on.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.paths: list[Path] = []
        self.rows = 0
        self._writer: Any = None
        self._schema: pa.Schema | None = None

    def __enter__(self) -> PartsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def write(self, frame: pl.DataFrame) -> None:
        """Write further rows."""
        from pyarrow import parquet

        table = to_arrow(frame)
        if self._writer is None or not table.schema.equals(self._schema):
            self._close()
            number = len(self.paths) + 1
            path = self.path if number == 1 else self.path.with_suffix(f".{number}.parquet")
            self._writer = parquet.ParquetWriter(path, table.schema, compression="zstd", store_schema=False)
            self._schema = table.schema
            self.paths.append(path)
        self._writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        self.rows += table.num_rows

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class RejectedWriter:
    """Writes rows that were set aside; the file appears with the first of them.

    Args:
        path: The Parquet file.
        table: The table that the rows were meant for.
        suppression: Rows that are written nowhere, not even here; they are counted in ``suppressed``.
    """

    def __init__(self, path: Path, table: str = "", suppression: Suppression = NOBODY) -> None:
        self.path = path
        self.table = table
        self.suppression = suppression
        self.suppressed = 0
        self.counts: Counter[str] = Counter()
        self.copies: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self._writer: Any = None

    def __enter__(self) -> RejectedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(
        self, faults: pl.DataFrame, *, file: str, rows: pl.Series, raw: pl.Series, kept: pl.Series | None = None
    ) -> None:
        """Set rows aside.

        Args:
            faults: ``code`` and ``column`` of each.
            file: Name of the file that they stand in.
            rows: Their numbers in it.
            raw: The rows as they came, as JSON.
            kept: Of rows that repeat another, whether that one came with the same text and is kept.
        """
        if len(faults):
            self._write(faults["code"], faults["column"], file, rows, raw, kept)

    def write_ragged(self, ragged: list[Ragged], *, file: str) -> None:
        """Set aside rows that do not fit their header."""
        codes = pl.Series("code", [Rejection.RAGGED_ROW.name] * len(ragged))
        texts = pl.Series("raw", [line_text(each.text) for each in ragged])
        rows = pl.Series("row", [each.row for each in ragged], pl.Int64)
        self._write(codes, pl.Series("column", [""] * len(ragged)), file, rows, texts)

    def _write(  # noqa: PLR0917
        self,
        codes: pl.Series,
        columns: pl.Series,
        file: str,
        rows: pl.Series,
        texts: pl.Series,
        kept: pl.Series | None = None,
    ) -> None:
        from pyarrow import parquet

        sentences = codes.replace_strict({code.name: code.value for code in Rejection}, return_dtype=pl.String)
        frame = pl.DataFrame(
            {"code": codes, "sentence": sentences, "column": columns, "row": rows, "raw": texts}
            | {"copy": self._copies(texts, kept)}
        ).with_columns(pl.lit(file).alias("file"))
        frame = self._without_suppressed(frame)
        if len(frame) == 0:
            return
        ids = [row_id(self.table, raw, copy) for raw, copy in frame.select("raw", "copy").iter_rows()]
        frame = frame.with_columns(pl.Series("id", ids, pl.String))
        for code, count in frame["code"].value_counts().iter_rows():
            self.counts[code] += count
        for code, text in frame.unique("code", keep="first", maintain_order=True).select("code", "raw").iter_rows():
            self.examples.setdefault(code, text)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self.path, REJECTED, compression="zstd", store_schema=False)
        self._writer.write_table(to_arrow(frame.select(REJECTED.names)).cast(REJECTED))

    def _copies(self, texts: pl.Series, kept: pl.Series | None) -> pl.Series:
        """Which of the equal rows of its table each is, from 1; the one that is kept counts."""
        found = []
        for place, text in enumerate(texts):
            self.copies[text] += 1
            found.append(self.copies[text] + (kept is not None and bool(kept[place])))
        return pl.Series("copy", found, pl.Int64)

    def _without_suppressed(self, frame: pl.DataFrame) -> pl.DataFrame:
        out = self.suppression.rows_out(self.table, frame["raw"])
        self.suppressed += int(out.sum())
        return frame.filter(~out)
