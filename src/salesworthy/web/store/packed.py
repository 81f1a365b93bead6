"""Rows packed as fixed-width records: everything that a table says of one lead is one blob, read in microseconds.

A page about one lead needs some thirty reasons, a row of verdicts and a hundred acts out of tens of millions. Texts are
written as numbers of a dictionary that the readers share, so a lead costs a few hundred bytes.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.errors import InternalError

NOTHING = -1
"""The number of a missing text, moment or count; a missing fraction is NaN."""
POSITION = "pos"
"""The column with the position of a lead: its place in the order of lead ids."""
_TEXT = "text"
_WIDTHS = {"text": "<i4", "moment": "<i8", "float": "<f8", "small": "<i2"}
"""What a column may hold and how wide it is: ``moment`` whole numbers, ``small`` those below 32,768 and yes or no."""


class Packer:
    """Writes one table of blobs, ``name(pos, blob)``, from rows in order of position.

    Args:
        database: Where to; the caller commits.
        name: Of the table.
        columns: Column -> what it holds, in the order of the record.
    """

    def __init__(self, database: sqlite3.Connection, name: str, columns: Mapping[str, str]) -> None:
        self._database = database
        self._name = name
        self._columns = dict(columns)
        self._codes: dict[str, int] = {}
        self._last = NOTHING
        self._open: tuple[int, bytes] | None = None
        database.execute(f"CREATE TABLE {name} (pos INTEGER PRIMARY KEY, blob BLOB NOT NULL)")

    def add(self, rows: pa.Table) -> npt.NDArray[np.void]:
        """Add rows; those of one lead stand together, and leads come in order of position.

        Returns:
            The records, for whoever wants to count them.

        Raises:
            InternalError: When they come out of order.
        """
        positions = rows.column(POSITION).to_numpy()
        records = np.empty(rows.num_rows, dtype=_dtype(self._columns))
        for name, kind in self._columns.items():
            records[name] = self._values(rows.column(name), kind)
        if rows.num_rows:
            self._write(positions, records.tobytes(), records.dtype.itemsize)
        return records

    def finish(self) -> None:
        """Write the last lead and the dictionary."""
        self._insert([] if self._open is None else [self._open])
        texts = [(self._name, code, text) for text, code in self._codes.items()]
        self._database.executemany("INSERT INTO text VALUES (?, ?, ?)", texts)
        columns = [(self._name, place, *pair) for place, pair in enumerate(self._columns.items())]
        self._database.executemany("INSERT INTO packed VALUES (?, ?, ?, ?)", columns)

    @property
    def texts(self) -> list[str]:
        """The dictionary, in the order of its numbers."""
        return list(self._codes)

    def code(self, text: str) -> int:
        """The number of a text."""
        return self._codes.setdefault(text, len(self._codes))

    def _values(self, column: pa.ChunkedArray, kind: str) -> npt.NDArray[Any]:
        if kind == _TEXT:
            return self._text_codes(column)
        if kind == "float":
            return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), float("nan")))
        return np.asarray(pc.fill_null(pc.cast(column, pa.int64()), NOTHING))

    def _text_codes(self, column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
        encoded = pc.cast(column, pa.string()).combine_chunks().dictionary_encode()
        known = np.array([self.code(text) for text in encoded.dictionary.to_pylist()] or [NOTHING], dtype=np.int32)
        places = np.asarray(pc.fill_null(encoded.indices, NOTHING))
        return np.where(places == NOTHING, NOTHING, known[places]).astype(np.int32)

    def _write(self, positions: npt.NDArray[np.int64], data: bytes, size: int) -> None:
        if np.any(np.diff(positions) < 0) or positions[0] < self._last:
            raise InternalError(f"rows for {self._name} are not in the order of their leads")
        starts = np.concatenate([[0], np.flatnonzero(np.diff(positions)) + 1])
        ends = np.append(starts[1:], len(positions))
        done: list[tuple[int, bytes]] = []
        for start, stop in zip(starts.tolist(), ends.tolist(), strict=True):
            position, blob = int(positions[start]), data[start * size : stop * size]
            if self._open is not None and self._open[0] == position:
                blob = self._open[1] + blob
            elif self._open is not None:
                done.append(self._open)
            self._open = (position, blob)
        self._last = int(positions[-1])
        self._insert(done)

    def _insert(self, rows: Iterable[tuple[int, bytes]]) -> None:
        self._database.executemany(f"INSERT INTO {self._name} VALUES (?, ?)", rows)


class Unpacker:
    """Reads what ``Packer`` wrote.

    Args:
        database: Read for the columns and the dictionary, once.
        name: Of the table.
    """

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        found = database.execute("SELECT column_name, kind FROM packed WHERE name = ? ORDER BY place", (name,))
        self._columns: dict[str, str] = dict(found.fetchall())
        texts = database.execute("SELECT text FROM text WHERE name = ? ORDER BY code", (name,))
        self._texts: list[str | None] = [each for (each,) in texts] + [None]  # -1, for nothing, is the last
        self._sql = f"SELECT blob FROM {name} WHERE pos = ?"
        self._dtype = _dtype(self._columns)

    @property
    def is_there(self) -> bool:
        """Whether the table was written."""
        return bool(self._columns)

    def rows(self, database: sqlite3.Connection, position: int) -> Iterator[dict[str, Any]]:
        """The rows of a lead, in the order in which they were written."""
        blob = database.execute(self._sql, (position,)).fetchone() if self._columns else None
        if blob is None:
            return
        for record in np.frombuffer(blob[0], dtype=self._dtype).tolist():
            yield {
                name: self._read(value, kind) for (name, kind), value in zip(self._columns.items(), record, strict=True)
            }

    def _read(self, value: Any, kind: str) -> Any:
        if kind == _TEXT:
            return self._texts[value]
        if kind == "float":
            return None if math.isnan(value) else value
        return None if value == NOTHING else value


def _dtype(columns: Mapping[str, str]) -> np.dtype[np.void]:
    return np.dtype([(name, _WIDTHS[kind]) for name, kind in columns.items()])
