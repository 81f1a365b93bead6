"""Rows that were set aside, and what people made of them, when somebody goes or a row is past its limit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from salesworthy.intake.rejected_rows import RejectedRows
from salesworthy.intake.suppression import Suppression, as_written
from salesworthy.runs.erase_cells import People
from salesworthy.runs.erase_find import people_of
from salesworthy.runs.workspace import Workspace


def without_rejected(found: Suppression, workspace: Workspace, people: People, *, at: int) -> Suppression:
    """The list of who stays out, with the recorded rows about these persons: also those that only a mended cell names.

    Args:
        found: The list.
        workspace: Whose record.
        people: Whom.
        at: This moment, in microseconds.
    """
    return found.adding_rows(((table, raw) for _, table, raw in _about(workspace, people)), at=at)


def take_rejected_away(workspace: Workspace, people: People) -> None:
    """Take the recorded rows about these persons out of the record, with what people made of them."""
    RejectedRows(workspace.folder).take_away([row for row, _, _ in _about(workspace, people)])


def purge_rejected(found: Suppression, workspace: Workspace, before: Mapping[str, int], *, at: int) -> Suppression:
    """The list with the recorded rows that are past the limit of their table; they are taken away afterwards."""
    old = RejectedRows(workspace.folder).past(before)
    return found.adding_rows(old.select("table", "raw").iter_rows(), at=at)


def take_suppressed_away(workspace: Workspace, found: Suppression) -> None:
    """Take the rows that the list names out of the record."""
    record = RejectedRows(workspace.folder)
    rows = record.rows().select("id", "table", "raw").iter_rows()
    record.take_away([row for row, table, raw in rows if found.names_row(table, raw)])


def ids_in_record(workspace: Workspace) -> set[str]:
    """Lead ids that recorded rows name, where a lead id belongs."""
    columns = people_of(workspace, frozenset()).columns
    record = RejectedRows(workspace.folder)
    texts = [*record.rows()["raw"], *record.mended()["mended"]]
    cells: Iterator[dict[str, Any]] = map(json.loads, texts)
    return {as_written(row[name]).strip() for row in cells for name in columns & row.keys() if row[name]}


def _about(workspace: Workspace, people: People) -> Iterator[tuple[str, str, str]]:
    """The id, the table and the text of every recorded row about somebody."""
    record = RejectedRows(workspace.folder)
    rows, mended = record.rows(), record.mended()
    named = {row for row, text in mended.select("id", "mended").iter_rows() if people.in_raw_row(text)}
    every = {*rows.select("id", "table", "raw").iter_rows(), *mended.select("id", "table", "raw").iter_rows()}
    for row, table, raw in sorted(every):
        if row in named or people.in_raw_row(raw):
            yield row, table, raw
