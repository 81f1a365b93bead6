"""The file in which people mend rows that were set aside: written for a spreadsheet, read back cell by cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import MistakeCollector, UserError
from salesworthy.domain.moments import format_moment
from salesworthy.intake.csv_dialect import read_dialect
from salesworthy.intake.plan import HIDDEN
from salesworthy.intake.rejected_rows import MendedRow
from salesworthy.intake.rejection import NEXT_STEPS, Rejection
from salesworthy.intake.suppression import as_written
from salesworthy.ledger.exports import WrittenFile, safe_cell, safe_text, write_csv

ID, TABLE, PLACE, ROW, CODE, COLUMN, SAYS, TODO, SEEN, LINE = OURS = tuple(
    f"salesworthy.{name}"
    for name in ("id", "table", "file", "row", "code", "column", "says", "todo", "first_seen", "line")
)
"""Columns of the file that stand before those of the source; only the first is read back."""
AS_A_LINE = "line"
Row = Mapping[str, Any]
"""A row that was set aside, as the record has it."""
Headers = Mapping[tuple[str, str], Sequence[str]]
"""Table and file -> the columns of its header, for rows that do not fit it."""


def is_line(row: Row) -> bool:
    """Whether a row does not fit its header, so that nobody knows which of its values is which."""
    return bool(json.loads(row["raw"]).keys() == {AS_A_LINE})


def write_rows(path: Path, rows: Sequence[Row], headers: Headers) -> WrittenFile:
    """Write rows to be mended: one line each, what is wrong with it first, then its cells.

    Args:
        path: The CSV file.
        rows: Rows with ``first_seen`` (microseconds) and ``mended`` (JSON; None where nobody mended them).
        headers: The columns of rows that do not fit their header.
    """
    cells = [_cells(row) for row in rows]
    columns = list(dict.fromkeys(name for row in rows for name in _columns(row, headers)))
    lines = ([*_about(row), *(given.get(name) for name in columns)] for row, given in zip(rows, cells, strict=True))
    return write_csv(path, [*OURS, *columns], lines)


def read_mended(path: Path, rows: Mapping[str, Row], headers: Headers) -> tuple[list[MendedRow], int]:
    """Rows that somebody mended in such a file, and how many of its rows are as they were.

    Args:
        path: The CSV file; a spreadsheet may have written it anew.
        rows: Id -> the row, as the record has it.
        headers: The columns of rows that do not fit their header.

    Raises:
        UserError: When there is no such file, or it was not written by ``write_rows``.
        ConfigurationMistakes: With every row and cell that cannot be used.
    """
    mistakes = MistakeCollector(of=path.name)
    mended, unchanged = [], 0
    for number, line in enumerate(_lines(path), start=2):
        row = rows.get((line.get(ID) or "").strip())
        if row is None:
            mistakes.add(
                f"row {number}", f"no row {line.get(ID)!r} was ever set aside", f"leave {ID} as it was written"
            )
            continue
        cells = _changed(row, line, headers, f"row {number}", mistakes)
        if cells == json.loads(row["mended"] or "{}"):
            unchanged += 1
        else:
            mended.append(MendedRow(row["id"], row["table"], row["raw"], row["copy"], cells))
    mistakes.raise_if_any()
    return mended, unchanged


def _cells(row: Row) -> dict[str, str]:
    """The cells of a row, as they should be as far as somebody said so."""
    came = {} if is_line(row) else json.loads(row["raw"])
    mended: dict[str, str] = json.loads(row["mended"] or "{}")
    return {name: "" if each is None else as_written(each) for name, each in came.items()} | mended


def _columns(row: Row, headers: Headers) -> Sequence[str]:
    return headers.get((row["table"], row["file"]), ()) if is_line(row) else list(json.loads(row["raw"]))


def _about(row: Row) -> list[str | int | None]:
    code = Rejection[row["code"]]
    seen = None if row["first_seen"] is None else format_moment(row["first_seen"])
    line = json.loads(row["raw"])[AS_A_LINE] if is_line(row) else None
    found = [row["id"], row["table"], row["file"], row["row"], code.name, row["column"]]
    return [*found, code.value, NEXT_STEPS[code], seen, line]


def _lines(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        todo = "name a file that was written with: salesworthy check --rejected FILE"
        raise UserError("there is no such file", where=str(path), todo=todo)
    written = read_dialect(path, delimiter=None, encoding=None)
    text = path.read_text(encoding=written.encoding).removeprefix("\ufeff")
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=written.delimiter, restval="")
    if ID not in (reader.fieldnames or ()):
        todo = "write the rows with salesworthy check --rejected FILE, and change cells of that file"
        raise UserError(f"there is no column {ID}", where=str(path), todo=todo)
    yield from reader


def _changed(
    row: Row, line: Mapping[str, str], headers: Headers, where: str, mistakes: MistakeCollector
) -> dict[str, str]:
    """The cells that are not as they came; of a row that did not fit its header all of them, once one is filled."""
    came = {} if is_line(row) else json.loads(row["raw"])
    columns = _columns(row, headers)
    found: dict[str, str] = {}
    for name, given in line.items():
        if name in OURS or name is None:
            continue
        before = "" if came.get(name) is None else as_written(came[name])
        if given == safe_cell(before):
            continue
        if name not in columns:
            mistakes.add(where, f"a row of {row['table']} in {row['file']} has no column {name!r}", "empty that cell")
        elif before == HIDDEN:
            mistakes.add(where, f"{name!r} is sensitive, and is not mended here", f"write {HIDDEN!r} there again")
        else:
            found[name] = _plain(given)
    return {name: found.get(name, "") for name in columns} if is_line(row) and found else found


def _plain(cell: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from reading it as a formula."""
    return cell[1:] if cell.startswith("'") and safe_text(cell[1:]) == cell else cell
