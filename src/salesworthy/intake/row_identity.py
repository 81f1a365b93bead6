"""What a row that was set aside is known by, wherever and whenever it is seen again."""

from __future__ import annotations

import hashlib
import json

import polars as pl

ID_LENGTH = 24


def row_id(table: str, raw: str, copy: int) -> str:
    """What a row that was set aside is called, in every run and every file.

    Args:
        table: Its table.
        raw: The row as it came, as JSON.
        copy: Which of several equal rows of the table it is, from 1.
    """
    return hashlib.sha256(json.dumps([table, raw, copy]).encode()).hexdigest()[:ID_LENGTH]


def raw_texts(rows: pl.DataFrame) -> pl.Series:
    """Rows as they came, as JSON."""
    return rows.select(pl.struct(pl.all()).struct.json_encode().alias("raw"))["raw"]


def line_text(line: str) -> str:
    """A row that does not fit its header, as JSON."""
    return str(raw_texts(pl.DataFrame({"line": [line]}))[0])
