"""The first pass over a table: its sources read piece by piece, mapped, bad rows set aside, the others staged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property
from pathlib import Path

import polars as pl

from salesworthy.domain.tables import Kind, TableSpec
from salesworthy.intake.carried import CarriedKinds
from salesworthy.intake.contract import TYPES, hold
from salesworthy.intake.files import Piece, Ragged
from salesworthy.intake.free_text import TABLES as MAY_BE_FEATURES
from salesworthy.intake.free_text import FreeTexts
from salesworthy.intake.joins import load_look_up, look_up
from salesworthy.intake.mapping import Mapped, map_rows
from salesworthy.intake.mended_rows import MendedTable
from salesworthy.intake.mending import NOTHING_MENDED, Mending
from salesworthy.intake.notes import Notes
from salesworthy.intake.orders import read_orders
from salesworthy.intake.plan import HIDDEN, SourcePlan
from salesworthy.intake.row_identity import raw_texts
from salesworthy.intake.row_writers import FILE, ROW, PartsWriter, RejectedWriter
from salesworthy.intake.suppression import NOBODY, Suppression
from salesworthy.intake.swallowed_rows import without_swallowed
from salesworthy.intake.values import without_missing


@dataclass(frozen=True)
class Desk:
    """Where and how tables are checked.

    Attributes:
        folder: Where they are written.
        timezone: How times without a zone are read.
        refuse_undated: Whether settled outcomes need a date.
        suppression: Who stays out.
        mending: Rows that people put right.
    """

    folder: Path
    timezone: tzinfo
    refuse_undated: bool
    suppression: Suppression = NOBODY
    mending: Mending = NOTHING_MENDED

    def kept(self, table: str) -> Path:
        """The Parquet file of kept rows."""
        return self.folder / f"{table}.parquet"

    def rejected(self, table: str) -> Path:
        """The Parquet file of rejected rows."""
        return self.folder / "rejected" / f"{table}.parquet"

    def mended(self, table: str) -> MendedTable:
        """Rows of a table that people put right, to read its sources with from first to last."""
        return MendedTable(self.mending.tables.get(table, {}))


@dataclass
class TableReading:
    """A table while it is read.

    Attributes:
        spec: The table.
        plans: Its sources.
        desk: Where and how.
        notes: Told what is noticed.
        kept: Takes the rows that are kept.
        rejected: Takes the others.
        told: Told the number of rows read, now and then.
        carried: What the carried columns can be.
        texts: What their values look like.
        rows_in: How many rows came in.
        suppressed: How many of them are written nowhere.
        passed_over: How many of them are not about the table.
        mended: How many of them are read as somebody put them right.
    """

    spec: TableSpec
    plans: Sequence[SourcePlan]
    desk: Desk
    notes: Notes
    kept: PartsWriter
    rejected: RejectedWriter
    told: Callable[[int], None]
    carried: CarriedKinds = field(default_factory=CarriedKinds)
    texts: FreeTexts = field(default_factory=FreeTexts)
    rows_in: int = 0
    suppressed: int = 0
    passed_over: int = 0
    mended: int = 0

    @cached_property
    def carried_names(self) -> list[str]:
        """Names of the carried columns of all sources."""
        return list(dict.fromkeys(name for plan in self.plans for name in plan.carried.values()))

    @cached_property
    def refuse_undated(self) -> bool:
        """Whether a settled outcome needs a date; where no source has dates at all, the settings decide."""
        dated = any(each.column.name == "at" for plan in self.plans for each in plan.columns)
        return self.desk.refuse_undated and dated

    def run(self) -> None:
        """Read every source."""
        number = 0
        mended = self.desk.mended(self.spec.name)
        for plan in self.plans:
            source = _Source(self, plan, mended)
            for file in plan.files:
                for piece in mended.pieces(file, plan):
                    if isinstance(piece, Piece):
                        self.rows_in += len(piece.frame)
                        whole = without_swallowed(piece, file, plan, self.notes)
                        self.kept.write(source.keep(source.asked(whole), number, file.name))
                    else:
                        self.rows_in += len(piece)
                        if ragged := self._may_be_kept(piece, plan):
                            self.rejected.write_ragged(ragged, file=file.name)
                    self.told(self.rows_in)
                number += 1
        self.mended = mended.applied
        self.notes.count("MENDED_ROWS", "", self.mended)
        if not self.kept.paths:
            self.kept.write(self._nothing())

    def _may_be_kept(self, ragged: list[Ragged], plan: SourcePlan) -> list[Ragged]:
        """Ragged rows that may be written down; which of their values are sensitive nobody knows."""
        kept = [each for each in ragged if not self.desk.suppression.speaks_of(each.text)]
        self.suppressed += len(ragged) - len(kept)
        return [replace(each, text=HIDDEN) for each in kept] if plan.sensitive else kept

    def _nothing(self) -> pl.DataFrame:
        columns = {column.name: TYPES[column.kind] for column in self.spec.columns}
        columns |= dict.fromkeys(self.carried_names, pl.String)
        return pl.DataFrame(schema=columns | ({FILE: pl.Int64, ROW: pl.Int64} if self.spec.key else {}))


class _Source:
    """A source while it is read."""

    def __init__(self, reading: TableReading, plan: SourcePlan, mended: MendedTable) -> None:
        self.reading = reading
        self.plan = plan
        self.look_ups = [load_look_up(join, reading.notes) for join in plan.joins]
        self.orders = read_orders(plan, mended)

    def asked(self, piece: Piece) -> Piece:
        """The rows of a piece that are about the table; the others are counted, and told as a finding."""
        if self.plan.rows is None:
            return piece
        about = self.plan.rows.keeps(piece, self.plan.missing)
        others = len(piece.frame) - len(about.frame)
        self.reading.passed_over += others
        self.reading.notes.count("ROWS_PASSED_OVER", self.plan.rows.says, others)
        return about

    def keep(self, piece: Piece, number: int, file: str) -> pl.DataFrame:
        """The rows of a piece of file ``number`` that are kept; the others are set aside."""
        reading = self.reading
        self._count_padded(piece.frame)
        raw = without_missing(piece.frame, self.plan.missing)
        for table in self.look_ups:
            raw = look_up(raw, table, reading.notes)
        mapped = map_rows(
            raw,
            self.plan,
            timezone=reading.desk.timezone,
            orders=self.orders,
            refuse_undated=reading.refuse_undated,
            notes=reading.notes,
        )
        piece, mapped = self._without_suppressed(piece, _without_bad(piece, mapped))
        frame, good = mapped.frame, mapped.faults["code"].is_null()
        if reading.spec.key:
            frame = frame.with_columns(pl.lit(number, pl.Int64).alias(FILE), piece.rows.alias(ROW))
        if not good.all():
            bad = ~good
            reading.rejected.write(
                mapped.faults.filter(bad),
                file=file,
                rows=piece.rows.filter(bad),
                raw=as_came(piece.filter(bad), self.plan),
            )
            frame = frame.filter(good)
        hold(reading.spec.name, frame)
        carried = [name for name in reading.carried_names if name in frame.columns]
        reading.carried.see(frame, carried)
        if reading.spec.name in MAY_BE_FEATURES:
            reading.texts.see(frame, carried)
        return frame

    def _count_padded(self, raw: pl.DataFrame) -> None:
        """How many identifiers have blanks around them."""
        for each in self.plan.columns:
            name = each.origin.column
            if each.column.kind == Kind.ID and name in raw.columns and raw.schema[name] == pl.String:
                padded = int((raw[name].str.strip_chars() != raw[name]).sum())
                self.reading.notes.count("PADDED_KEYS", each.column.name, padded)

    def _without_suppressed(self, piece: Piece, mapped: Mapped) -> tuple[Piece, Mapped]:
        """Rows that may be written down. A row that cannot be kept is looked through for ids in any of its cells."""
        found = self.reading.desk.suppression
        if found.is_empty:
            return piece, mapped
        out = found.mask(self.plan.spec, mapped.frame)
        bad = ~out & mapped.faults["code"].is_not_null()
        if bad.any():
            rows = pl.DataFrame({"row": pl.arange(0, len(out), eager=True), "bad": bad}).filter("bad")["row"]
            out = out.scatter(rows, found.mentioned(piece.frame.filter(bad)))
        self.reading.suppressed += int(out.sum())
        stay = ~out
        return piece.filter(stay), Mapped(mapped.frame.filter(stay), mapped.faults.filter(stay))


def _without_bad(piece: Piece, mapped: Mapped) -> Mapped:
    """Rows that cannot be trusted as they stand cannot be kept, whatever they seem to say."""
    if piece.bad is None:
        return mapped
    bad = pl.lit(piece.bad)
    faults = mapped.faults.select(
        pl.coalesce(bad, "code").alias("code"),
        pl.when(bad.is_null()).then("column").otherwise(pl.lit("")).alias("column"),
    )
    return Mapped(mapped.frame, faults)


def as_came(piece: Piece, plan: SourcePlan) -> pl.Series:
    """Rows as they came, as JSON; also those that people put right."""
    texts = raw_texts(plan.shown(piece.frame))
    if not piece.came:
        return texts
    return pl.Series("raw", [piece.came.get(row, text) for row, text in zip(piece.rows, texts, strict=True)], pl.String)
