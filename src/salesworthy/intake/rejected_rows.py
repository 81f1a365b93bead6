"""The record of rows that were set aside: append-only, beside the workspace's tables, with what became of each row.

``checks/rejected/*.parquet`` holds every row once per reason, with the check that met it first and when that was; the
same row in a later check or a later export is the same row, and keeps its first day. ``checks/mended/*.parquet`` holds
what people made of rows. Files are added and never changed; an erasure or a purge writes them anew without a person.

The record holds rows as they came, names and addresses among them, as the exports do: whoever may read those may read
it. What is sensitive, and who stays out, is never written to it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.intake.mending import NOTHING_MENDED, Cells, Mending
from salesworthy.intake.suppression import NOBODY, Suppression
from salesworthy.ledger.durable import sync

if TYPE_CHECKING:
    import polars as pl

    from salesworthy.intake.checked import CheckedTables

FOLDER = "checks"
REJECTED, MENDED = "rejected", "mended"
RUN_SHOWN = 16
AS_THEY_CAME = ("id", "code", "sentence", "column", "file", "row", "raw", "copy")
"""Columns of a row that was set aside, as the checked tables have them."""


@dataclass(frozen=True)
class MendedRow:
    """What a person made of a row that was set aside.

    Attributes:
        id: The row.
        table: Its table.
        raw: The row as it came.
        copy: Which of several equal rows it is.
        cells: Column of the source -> its text, as it should be.
    """

    id: str
    table: str
    raw: str
    copy: int
    cells: Cells


@dataclass(frozen=True)
class RejectedRows:
    """The record in a workspace."""

    workspace: Path

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.workspace / FOLDER

    def record(self, checked: CheckedTables, *, now: int, suppression: Suppression = NOBODY) -> int:
        """Add the rows that a check set aside and that were not met before; returns how many.

        Args:
            checked: What the check gave.
            now: This moment, in microseconds.
            suppression: Who stays out at this moment; somebody may have been erased since the check began.
        """
        import polars as pl

        met = [
            pl.read_parquet(path).select(pl.lit(table).alias("table"), *AS_THEY_CAME)
            for table, path in sorted(checked.rejected.items())
        ]
        if not met:
            return 0
        known = self.rows().select("id", "code", "first_seen")
        rows = pl.concat(met).join(known, on=["id", "code"], how="anti", maintain_order="left")
        since = known.group_by("id").agg(pl.col("first_seen").min())
        rows = rows.join(since, on="id", how="left", maintain_order="left").with_columns(
            pl.col("first_seen").fill_null(_moment(now)), pl.lit(checked.fingerprint[:RUN_SHOWN]).alias("run")
        )
        stay = [not suppression.is_out(table, raw) for table, raw in rows.select("table", "raw").iter_rows()]
        return self._add(REJECTED, rows.filter(pl.Series(stay, dtype=pl.Boolean)), now)

    def rows(self) -> pl.DataFrame:
        """Every row once per reason, as it was met first: ``table``, ``AS_THEY_CAME``, ``run``, ``first_seen``."""
        import polars as pl

        schema = {"table": pl.String, **dict.fromkeys(AS_THEY_CAME, pl.String), "row": pl.Int64, "copy": pl.Int64}
        found = self._read(REJECTED, schema | {"first_seen": pl.Datetime("us", "UTC"), "run": pl.String})
        return found.sort("first_seen", maintain_order=True).unique(["id", "code"], keep="first", maintain_order=True)

    def mend(self, rows: Iterable[MendedRow], *, by: str, now: int) -> int:
        """Add what a person made of rows; what was said of a row before no longer holds. Returns how many.

        Args:
            rows: The rows.
            by: Who says so.
            now: This moment, in microseconds.
        """
        import polars as pl

        said = [
            (each.id, each.table, each.raw, each.copy, json.dumps(dict(each.cells), ensure_ascii=False), by, now)
            for each in rows
        ]
        names = ["id", "table", "raw", "copy", "mended", "by", "at"]
        frame = pl.DataFrame(said, schema=names, orient="row").with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
        return self._add(MENDED, frame, now)

    def mended(self) -> pl.DataFrame:
        """What was said of each row last: ``id``, ``table``, ``raw``, ``copy``, ``mended`` (JSON), ``by``, ``at``."""
        import polars as pl

        schema = dict.fromkeys(["id", "table", "raw", "mended", "by"], pl.String) | {"copy": pl.Int64}
        found = self._read(MENDED, schema | {"at": pl.Datetime("us", "UTC")})
        return found.sort("at", maintain_order=True).unique("id", keep="last", maintain_order=True)

    def mending(self) -> Mending:
        """What people made of rows, to read the sources with."""
        if not any((self.folder / MENDED).glob("*.parquet")):
            return NOTHING_MENDED
        return mending_of(self.events())

    def events(self) -> list[MendedRow]:
        """What was said of each row last."""
        rows = self.mended().iter_rows(named=True)
        return [MendedRow(row["id"], row["table"], row["raw"], row["copy"], json.loads(row["mended"])) for row in rows]

    def past(self, before: Mapping[str, int]) -> pl.DataFrame:
        """Rows that were met first before a moment of their table: ``id``, ``table``, ``raw``.

        Rows of leads and consents that somebody put right are as old as their lead, and not among them.

        Args:
            before: Table -> moment, in microseconds.
        """
        import polars as pl

        in_force = self.mended().filter(pl.col("table").is_in(["leads", "consents"]))["id"]
        limits = pl.DataFrame(
            {"table": list(before), "before": list(before.values())},
            schema_overrides={"table": pl.String, "before": pl.Int64},
        )
        rows = self.rows().join(limits, on="table", how="inner", maintain_order="left")
        old = rows.filter(
            pl.col("first_seen").dt.epoch("us") < pl.col("before"), ~pl.col("id").is_in(in_force.implode())
        )
        return old.select("id", "table", "raw").unique(maintain_order=True)

    def take_away(self, ids: Iterable[str]) -> None:
        """Write the record anew without some rows; each file is complete or as it was."""
        import polars as pl

        gone = pl.Series("id", sorted(set(ids)), pl.String)
        for path in self._files(REJECTED, MENDED) if len(gone) else ():
            frame = pl.read_parquet(path)
            left = frame.filter(~pl.col("id").is_in(gone.implode()))
            if len(left) < len(frame):
                _write(left, path)

    def _files(self, *parts: str) -> list[Path]:
        return [path for part in parts for path in sorted((self.folder / part).glob("[!.]*.parquet"))]

    def _read(self, part: str, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
        import polars as pl

        empty = pl.DataFrame(schema=schema)
        return pl.concat([empty, *(pl.read_parquet(path).select(empty.columns) for path in self._files(part))])

    def _add(self, part: str, rows: pl.DataFrame, now: int) -> int:
        if len(rows):
            folder = self.folder / part
            folder.mkdir(parents=True, exist_ok=True)
            _write(rows, folder / f"{now:020d}-{secrets.token_hex(4)}.parquet")
        return len(rows)


def mending_of(rows: Iterable[MendedRow]) -> Mending:
    """What people made of rows; of two that name the same row the later stands."""
    tables: dict[str, dict[tuple[str, int], Cells]] = {}
    for each in rows:
        tables.setdefault(each.table, {})[each.raw, each.copy] = each.cells
    return Mending(tables)


def _moment(now: int) -> pl.Expr:
    import polars as pl

    return pl.lit(now).cast(pl.Datetime("us", "UTC"))


def _write(rows: pl.DataFrame, path: Path) -> None:
    """Write a file of the record: whole, or not at all."""
    stage = path.with_name(f".{path.name}.{secrets.token_hex(4)}.stage")
    try:
        rows.write_parquet(stage)
        sync(stage)
        stage.replace(path)
        sync(path.parent)
    finally:
        stage.unlink(missing_ok=True)
