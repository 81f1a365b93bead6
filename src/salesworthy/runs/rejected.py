"""Rows that were set aside: recorded, written to a file that a person mends, and taken in again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import RunLocked
from salesworthy.domain.moments import format_moment
from salesworthy.intake.locations import find_files
from salesworthy.intake.rejected_rows import FOLDER, MendedRow, RejectedRows, mending_of
from salesworthy.intake.suppression import read_suppression
from salesworthy.ledger.exports import WrittenFile
from salesworthy.runs.lock import run_lock
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.rejected_files import Headers, Row, is_line, read_mended, write_rows
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from salesworthy.intake.checked import CheckedTables


def record_rejected(workspace: Workspace, checked: CheckedTables, *, now: int) -> int:
    """Add what a check set aside to the workspace's record; returns how many rows were new.

    While somebody is erased nothing is recorded: the next check does it.

    Args:
        workspace: Whose record.
        checked: What the check gave.
        now: This moment, in microseconds.
    """
    if checked.rejected:
        with suppress(RunLocked), run_lock(workspace.folder / FOLDER):
            found = read_suppression(workspace.folder)
            return RejectedRows(workspace.folder).record(checked, now=now, suppression=found)
    return 0


def write_rejected(workspace: Workspace, checked: CheckedTables, path: Path) -> WrittenFile:
    """Write the rows that are set aside now to a file that a person can mend.

    Args:
        workspace: Whose record.
        checked: What the check gave, recorded already.
        path: The CSV file. It holds rows as they came: remove it when it has served.
    """
    rows = rejected_now(workspace, checked)
    return write_rows(path, rows, _headers(workspace, rows))


def export_rejected(workspace: Workspace, path: Path, *, now: int, progress: Progress = silent) -> WrittenFile:
    """Check the tables, record what is set aside, and write it to a file that a person can mend.

    No limit holds here: where too many rows are set aside to go on, they can be mended all the same.

    Args:
        workspace: Whose rows.
        path: The CSV file. It holds rows as they came: remove it when it has served.
        now: This moment, in microseconds.
        progress: Told about the steps.
    """
    from salesworthy.runs.check import read_tables

    mending = RejectedRows(workspace.folder).mending()
    checked = read_tables(workspace, mending, limit=1.0, progress=progress)
    record_rejected(workspace, checked, now=now)
    return write_rejected(workspace, checked, path)


def rejected_now(workspace: Workspace, checked: CheckedTables) -> Sequence[Row]:
    """The rows that a check set aside, in the order in which they stand.

    Each with ``first_seen`` (microseconds) and ``mended``, what somebody made of it (JSON).
    """
    import polars as pl

    rows = [pl.read_parquet(path).with_columns(table=pl.lit(table)) for table, path in checked.rejected.items()]
    if not rows:
        return []
    found = _with_memory(pl.concat(rows), RejectedRows(workspace.folder))
    return found.sort("table", "file", "row", maintain_order=True).to_dicts()


def _with_memory(rows: pl.DataFrame, record: RejectedRows) -> pl.DataFrame:
    import polars as pl

    first = record.rows().group_by("id").agg(pl.col("first_seen").min().dt.epoch("us"))
    rows = rows.drop("first_seen", strict=False).join(first, on="id", how="left", maintain_order="left")
    return rows.join(record.mended().select("id", "mended"), on="id", how="left", maintain_order="left")


def _headers(workspace: Workspace, rows: Sequence[Row]) -> Headers:
    """The header of every file that holds a row that does not fit it, as far as it is still there."""
    from salesworthy.intake.plan import open_file

    wanted = {(row["table"], row["file"]) for row in rows if is_line(row)}
    return {
        (table, path.name): open_file(path, source).columns
        for table in sorted({table for table, _ in wanted})
        for source in workspace.settings.tables.get(table, ())
        if source.path is not None
        for path in find_files(source, workspace.folder)
        if (table, path.name) in wanted
    }


@dataclass(frozen=True)
class Replay:
    """What became of a file of mended rows.

    Attributes:
        taken: Rows that are read as somebody put them right.
        unchanged: Rows of the file in which nothing was changed.
        still: Code -> rows among the taken ones that are set aside all the same.
    """

    taken: int
    unchanged: int
    still: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The replay as ``check --json`` prints it."""
        return {"taken_in": self.taken, "unchanged": self.unchanged, "still_set_aside": dict(self.still)}


def replay(workspace: Workspace, path: Path, *, by: str, now: int) -> Replay:
    """Take in what a person mended, so that the tables are as if the rows had never been bad.

    The source is not changed: the record remembers what the rows should be, and every reading puts it in their places.
    Nothing is taken in when something in the file cannot be used.

    Args:
        workspace: Whose rows.
        path: A file that ``write_rejected`` wrote, and somebody changed.
        by: Who mended it; may be empty.
        now: This moment, in microseconds.

    Raises:
        UserError: When it is no such file, or a cell does not fit its column.
        ConfigurationMistakes: With every row and cell that cannot be used.
        RunLocked: When somebody is erased at this moment.
    """
    from salesworthy.runs.check import read_tables

    record = RejectedRows(workspace.folder)
    with run_lock(workspace.folder / FOLDER):
        known = _with_memory(record.rows(), record).to_dicts()
        rows, unchanged = read_mended(path, {row["id"]: row for row in known}, _headers(workspace, known))
        checked = read_tables(workspace, mending_of([*record.events(), *rows]), limit=1.0)
        record.mend(rows, by=by, now=now)
        record.record(checked, now=now, suppression=read_suppression(workspace.folder))
    return Replay(len(rows), unchanged, _still(rejected_now(workspace, checked), rows))


def _still(now_aside: Sequence[Row], rows: Sequence[MendedRow]) -> dict[str, int]:
    taken = {row.id for row in rows}
    codes = [row["code"] for row in now_aside if row["id"] in taken]
    return {code: codes.count(code) for code in sorted(set(codes))}


def record_says(workspace: Workspace, checked: CheckedTables) -> dict[str, Any]:
    """The record in figures, as ``check --json`` prints it."""
    record = RejectedRows(workspace.folder)
    rows, aside = record.rows().unique("id"), rejected_now(workspace, checked)
    mended = set(record.mended()["id"]) - {row["id"] for row in aside}
    seen = [row["first_seen"] for row in aside if row["first_seen"] is not None]
    return {
        "ever": len(rows),
        "now": len(aside),
        "mended": len(mended),
        "oldest_since": format_moment(min(seen)) if seen else None,
        "folder": str(record.folder),
    }
