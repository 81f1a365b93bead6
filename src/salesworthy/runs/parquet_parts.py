"""Parquet files whose bytes do not depend on how the rows arrived."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 65_536


class PartWriter:
    """Writes batches of any size to one Parquet file, in row groups of one fixed size.

    Example:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "t.parquet"
        >>> with PartWriter(path, pa.schema([("x", pa.int64())])) as part:
        ...     part.write(pa.table({"x": [1, 2]}))
        >>> pq.read_table(path).num_rows
        2
    """

    def __init__(self, path: Path, schema: pa.Schema, *, rows_per_group: int = ROWS_PER_GROUP) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=3)
        self._waiting: list[pa.Table] = []
        self._rows_waiting = 0
        self._rows_per_group = rows_per_group
        self._schema = schema
        self.rows = 0

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush(self._rows_waiting)
        self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows; they reach the file when a row group is full."""
        if not table.num_rows:
            return
        self._waiting.append(table.cast(self._schema))
        self._rows_waiting += table.num_rows
        self.rows += table.num_rows
        self._flush(self._rows_waiting - self._rows_waiting % self._rows_per_group)

    def _flush(self, rows: int) -> None:
        if not rows:
            return
        waiting = pa.concat_tables(self._waiting)
        full = waiting.slice(0, rows).combine_chunks()
        self._writer.write_table(full, row_group_size=self._rows_per_group)
        rest = waiting.slice(rows)
        self._waiting, self._rows_waiting = ([rest] if rest.num_rows else []), rest.num_rows
