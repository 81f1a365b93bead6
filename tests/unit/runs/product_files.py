"""A plain reader of everything in a folder, independent of the product: where does a text stand, in whatever form?"""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import polars as pl


def names(folder: Path, needle: str, *, besides: tuple[str, ...] = ()) -> list[str]:
    """Files below a folder that hold a text, those of the folders ``besides`` left out.

    Parquet is read cell by cell, gzip is unpacked, of databases every byte counts, free pages and journals too, and
    the dump of every table on top. File names count.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] not in besides and path.is_file() and (needle in name or needle in content(path)):
            found.append(name)
    return found


def content(path: Path) -> str:
    """Everything that a file says."""
    raw = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".gz":
        raw += gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    if path.suffix == ".parquet":
        raw += "\n".join(str(row) for row in pl.read_parquet(path).rows())
    if path.suffix == ".db":
        with sqlite3.connect(path) as database:
            raw += "\n".join(database.iterdump())
    return raw
