"""Writing: columns in memory to Parquet files, in row groups, the same bytes for the same columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.market.arrays import Floats, Ints, Words

ROWS_PER_GROUP = 500_000
_MOMENT = pa.timestamp("us", tz="UTC")
_PARTIAL = ".partial"
ID_DIGITS = 7


def write_table(folder: Path, name: str, rows: int, columns: Callable[[slice], Mapping[str, pa.Array]]) -> None:
    """Write a table under a provisional name; ``columns`` gives the Arrow columns of a range of rows."""
    first = columns(slice(0, min(rows, ROWS_PER_GROUP)))
    schema = pa.schema([(column, array.type) for column, array in first.items()])
    with pq.ParquetWriter(
        folder / f"{name}.parquet{_PARTIAL}", schema, compression="zstd", store_schema=False
    ) as writer:
        for chunk in _chunks(rows):
            part = first if chunk.start == 0 else columns(chunk)
            writer.write_table(pa.table(dict(part), schema=schema), row_group_size=ROWS_PER_GROUP)


def publish(folder: Path, names: list[str]) -> None:
    """Give the tables their names, all at once as far as a folder allows; the last one says that all are there."""
    for name in names:
        (folder / f"{name}.parquet{_PARTIAL}").replace(folder / f"{name}.parquet")


def _chunks(rows: int) -> Iterator[slice]:
    for begin in range(0, max(rows, 1), ROWS_PER_GROUP):
        yield slice(begin, min(begin + ROWS_PER_GROUP, rows))


def ids(prefix: str, numbers: npt.NDArray[np.integer], *, digits: int = ID_DIGITS) -> pa.Array:
    """Identifiers such as L0000001, counted from 1; missing for a negative number."""
    powers = 10 ** np.arange(digits - 1, -1, -1)
    text = np.empty((len(numbers), digits + 1), np.uint8)
    text[:, 0] = ord(prefix)
    text[:, 1:] = ord("0") + (numbers.astype(np.int64)[:, None] + 1) // powers % 10
    return masked(pa.array(text.view(f"S{digits + 1}").ravel()).cast(pa.string()), numbers < 0)


def words(column: Words) -> pa.Array:
    """A text column."""
    codes = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.words, pa.string())).cast(pa.string())


def moments(column: Ints, *, missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of timestamps in UTC."""
    return pa.array(column, pa.int64(), mask=missing).cast(_MOMENT)


def numbers(column: Floats) -> pa.Array:
    """A column of numbers; NaN becomes missing."""
    return pa.array(column, pa.float64(), mask=np.isnan(column))


def yes_no(column: Floats) -> pa.Array:
    """A yes/no column from 1, 0 and NaN."""
    return pa.array(np.nan_to_num(column) > 0.5, pa.bool_(), mask=np.isnan(column))


def constant(text: str, rows: int) -> pa.Array:
    """The same text in every row."""
    return words(Words(np.zeros(rows, np.int16), (text,)))


def masked(column: pa.Array, missing: npt.NDArray[np.bool_]) -> pa.Array:
    """The column with missing values where the flags say so."""
    if not missing.any():
        return column
    return pa.compute.if_else(pa.array(~missing), column, pa.scalar(None, column.type))
