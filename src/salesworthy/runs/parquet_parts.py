"""Parquet files whose bytes do not depend on how the rows arrived."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 65_536
LOOKED_UP = ("lead_id",)
"""Columns by which people look for rows."""


class PartWriter:
    """Writes batches of any size to one Parquet file, in row groups of one fixed size.

    Text that is held as a dictionary is written as one and read as text; its figures are written as they are, and only
    the columns by which rows are looked up are described per row group.

    Example:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "t.parquet"
        >>> with PartWriter(path, pa.schema([("x", pa.int64())])) as part:
        ...     part.write(pa.table({"x": [1, 2]}))
        >>> pq.read_table(path).num_rows
        2
    """

    def __init__(self, path: Path, schema: pa.Schema, *, rows_per_group: int = ROWS_PER_GROUP) -> None:
        options = _coded_options(schema) if any(map(pa.types.is_dictionary, schema.types)) else {}
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, **options)
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
        full = waiting.slice(0, rows).unify_dictionaries().combine_chunks()
        self._writer.write_table(_in_order_of_use(full), row_group_size=self._rows_per_group)
        rest = waiting.slice(rows)
        self._waiting, self._rows_waiting = ([rest] if rest.num_rows else []), rest.num_rows


def _coded_options(schema: pa.Schema) -> dict[str, Any]:
    texts = [field.name for field in schema if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type)]
    described = [name for name in LOOKED_UP if name in schema.names]
    return {"use_dictionary": texts, "write_statistics": described or False, "store_schema": False}


def _in_order_of_use(table: pa.Table) -> pa.Table:
    """The table with every dictionary holding the words that are used, each once, in order of first use."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and table.num_rows:
            table = table.set_column(place, field, _tidy(table.column(place).chunk(0)))
    return table


def _tidy(column: pa.DictionaryArray) -> pa.DictionaryArray:
    words = column.dictionary.to_pylist()
    first_of: dict[str, int] = {}
    same = np.asarray([first_of.setdefault(word, place) for place, word in enumerate(words)], dtype=np.int64)
    which = same[column.indices.to_numpy()]
    first = np.full(len(words), len(which))
    first[which[::-1]] = np.arange(len(which))[::-1]  # the last one written stands: the first row that says it
    used = np.argsort(first, kind="stable")[: int((first < len(which)).sum())]
    new_place = np.empty(len(words), np.int32)
    new_place[used] = np.arange(len(used))
    return pa.DictionaryArray.from_arrays(pa.array(new_place[which]), column.dictionary.take(pa.array(used)))
