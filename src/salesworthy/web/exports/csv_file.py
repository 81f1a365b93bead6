"""CSV for people, written piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from salesworthy.ledger.exports import Cell, safe_cell
from salesworthy.web.exports.columns import Column, Row, Value

_BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets read UTF-8 as something else
_ROWS = 500


def csv_pieces(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """The pieces of a CSV file (UTF-8 with a mark, commas, CRLF): no cell begins a formula, numbers stay numbers."""
    yield _BYTE_ORDER_MARK + _lines([[column.title for column in columns]])
    waiting: list[list[Cell]] = []
    for row in rows:
        waiting.append([_cell(column.value(row)) for column in columns])
        if len(waiting) == _ROWS:
            yield _lines(waiting)
            waiting.clear()
    yield _lines(waiting)


def _cell(value: Value) -> Cell:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value


def _lines(rows: Iterable[Iterable[Cell]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue()
