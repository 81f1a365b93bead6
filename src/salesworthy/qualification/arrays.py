"""Columns as decisions need them: numpy arrays out of Arrow tables, and words out of codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

NOTHING = -1
"""The code of no word."""


def numbers(table: pa.Table, name: str) -> Floats:
    """A column of numbers; not a number where it is null."""
    column = table.column(name).combine_chunks().cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def yes(table: pa.Table, name: str) -> Bools:
    """A yes-or-no column; no where it is null."""
    column = pc.fill_null(table.column(name), False).combine_chunks()
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.bool_)


def coded(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Codes of a text column, ``NOTHING`` where it is null, and the words behind them."""
    found = pc.dictionary_encode(column.combine_chunks())
    return np.asarray(pc.fill_null(found.indices, NOTHING).to_numpy(), dtype=np.int32), found.dictionary.to_pylist()


def worded(codes: npt.NDArray[np.integer], words: Sequence[str]) -> pa.Array:
    """Text behind codes, null where the code is ``NOTHING``."""
    if not len(words):
        return pa.nulls(len(codes), pa.string())
    indices = pa.array(np.asarray(codes, dtype=np.int32), mask=np.asarray(codes) < 0)
    return pa.array(list(words), pa.string()).take(indices)


def distinct_rows(codes: Codes) -> tuple[Codes, Ints]:
    """The different rows of a table of codes, and which of them each row is."""
    widths = codes.max(axis=0, initial=0) + 2
    keys = np.zeros(len(codes), np.int64)
    for column, width in zip(codes.T, widths, strict=True):
        keys = keys * int(width) + column + 1
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return codes[first], which
