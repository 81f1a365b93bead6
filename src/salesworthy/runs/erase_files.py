"""Files without a person: whatever sort the product writes, written anew without them, everything else as it was."""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesworthy.domain.errors import UserError
from salesworthy.intake.duplicates_decisions import COLUMNS as PAIRS
from salesworthy.ledger.durable import sync
from salesworthy.ledger.exports import safe_text
from salesworthy.runs.erase_cells import GONE, People
from salesworthy.runs.parquet_parts import PartWriter

RAW = ("raw", "values", "mended")
"""Columns of set-aside rows that hold the whole row as JSON, or what a person made of it."""
STAGE = ".erasing-"


def count(path: Path, people: People) -> int:
    """How many rows or parts of a file are about these persons."""
    return _read(path, people, None)


def write_without(path: Path, target: Path, people: People) -> int:
    """Write a file anew without these persons, and return how many rows or parts went."""
    return _read(path, people, target)


def _read(path: Path, people: People, target: Path | None) -> int:
    reader = _SORTS.get(path.suffix.lower())
    try:
        return reader(path, people, target) if reader else 0
    except (ValueError, csv.Error) as error:
        if path.suffix.lower() == ".parquet":
            todo = "remove the file, or bring it back from a backup, and repeat"
            what = f"this cannot be read, so nobody knows who is in it: {error}"
            raise UserError(what, where=str(path), todo=todo) from error
        return _text(path, people, target)


def clean_file(path: Path, people: People) -> int:
    """Take these persons out of a file that stands for itself; it is complete or unchanged, whatever happens."""
    if not count(path, people):
        return 0
    stage = path.with_name(f"{STAGE}{secrets.token_hex(4)}-{path.name}")
    try:
        found = write_without(path, stage, people)
        sync(stage)
        stage.chmod(path.stat().st_mode & 0o777)
        stage.replace(path)
        sync(path.parent)
    finally:
        stage.unlink(missing_ok=True)
    return found


def _parquet(path: Path, people: People, target: Path | None) -> int:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        columns = ["lead_id"] if "lead_id" in schema.names else [name for name in RAW if name in schema.names]
        if not columns:
            return 0
        found = sum(int(_hits(batch, people).true_count) for batch in file.iter_batches(columns=columns))
        if target is not None:
            with PartWriter(target, schema) as part:
                for batch in file.iter_batches():
                    part.write(pa.Table.from_batches([batch]).filter(pc.invert(_hits(batch, people))))
    return found


def _hits(batch: pa.RecordBatch, people: People) -> pa.BooleanArray:
    if "lead_id" in batch.schema.names:
        return pc.is_in(batch.column("lead_id").cast(pa.string()), pa.array(sorted(people.ids), pa.string()))
    columns = [batch.column(name).to_pylist() for name in RAW if name in batch.schema.names]
    rows = zip(*columns, strict=True)
    return pa.array([any(people.in_raw_row(raw or "") for raw in row) for row in rows], pa.bool_())


def _json_lines(path: Path, people: People, target: Path | None) -> int:
    found = 0
    with path.open("rb") as lines, _writing(target) as write:
        for line in lines:
            value, parts = people.cleaned(json.loads(line)) if line.strip() else (line, 0)
            found += parts
            if not parts:
                write(line)
            elif value is not GONE:
                text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
                write(f"{text}\n".encode())
    return found


def _json(path: Path, people: People, target: Path | None) -> int:
    text = path.read_text(encoding="utf-8")
    value, found = people.cleaned(json.loads(text))
    if target is not None:
        changed = json.dumps(None if value is GONE else value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        target.write_text(changed if found else text, encoding="utf-8")
    return found


def _csv(path: Path, people: People, target: Path | None) -> int:
    """Upload files, whose first column is the key; what people said of pairs of entries."""
    names = {*people.ids, *map(safe_text, people.ids)}
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    pairs = bool(rows) and tuple(rows[0]) == PAIRS
    kept = [row for row in rows if not names & set(_keys(row, pairs=pairs))]
    if target is not None:
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(kept)
    return len(rows) - len(kept)


def _keys(row: list[str], *, pairs: bool) -> list[str]:
    """Cells of a row that are ids of leads."""
    if pairs:
        return row[1:3] if row[:1] == ["leads"] else []
    return row[:1]


def _text(path: Path, people: People, target: Path | None) -> int:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    without = people.without(text)
    if target is not None:
        target.write_text(without, encoding="utf-8", errors="surrogateescape")
    return int(without != text)


Sort = Callable[[Path, People, Path | None], int]
_SORTS: dict[str, Sort] = {
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".json": _json,
    ".csv": _csv,
    **dict.fromkeys((".html", ".md", ".svg", ".txt", ".log", ".yaml", ".yml"), _text),
}


class _writing:  # noqa: N801  # used as a statement
    """Gives a function that writes to a file, or nowhere."""

    def __init__(self, target: Path | None) -> None:
        self._file: Any = None if target is None else target.open("wb")

    def __enter__(self) -> Callable[[bytes], object]:
        return (lambda _: None) if self._file is None else self._file.write

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()


def files_below(folder: Path) -> Iterator[Path]:
    """Every file of a folder, in the order of names; none where it is not there. Links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            if not path.is_symlink():
                yield path
