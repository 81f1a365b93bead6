"""Rows of a source as rows of a table: every column of the plan read as what it holds, bad rows told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import polars as pl

from salesworthy.domain.tables import Column, Disposition, Kind
from salesworthy.intake.contract import TYPES
from salesworthy.intake.moments import Written, empty_micros, read_moments
from salesworthy.intake.notes import Notes
from salesworthy.intake.orders import Order
from salesworthy.intake.plan import ColumnPlan, SourcePlan
from salesworthy.intake.rejection import Rejection
from salesworthy.intake.values import as_id, as_number, as_text, as_yes_no, key_form

UNLISTED = {"disposition": Rejection.UNKNOWN_DISPOSITION, "buying_step": Rejection.UNKNOWN_BUYING_STEP}
RANKS = {code: number for number, code in enumerate(Rejection)}


@dataclass
class Faults:
    """Why rows cannot be kept: the first reason of each, and the column that it is about."""

    rows: int
    found: list[tuple[Rejection, str, pl.Series]] = field(default_factory=list)

    def add(self, code: Rejection, column: str, bad: pl.Series) -> None:
        """Rows for which that reason holds."""
        if bad.any():
            self.found.append((code, column, bad))

    def per_row(self) -> pl.DataFrame:
        """``code`` and ``column`` of each row; null where nothing is wrong."""
        code = column = pl.lit(None, pl.String)
        for reason, about, bad in sorted(self.found, key=lambda each: -RANKS[each[0]]):
            code = pl.when(bad).then(pl.lit(reason.name)).otherwise(code)
            column = pl.when(bad).then(pl.lit(about)).otherwise(column)
        blank = pl.DataFrame({"row": pl.Series([0], dtype=pl.Int64).new_from_index(0, self.rows)})
        return blank.select(code.alias("code"), column.alias("column"))


@dataclass(frozen=True)
class Mapped:
    """Rows under our names, those that cannot be kept among them, and why they cannot."""

    frame: pl.DataFrame
    faults: pl.DataFrame


def map_rows(
    raw: pl.DataFrame,
    plan: SourcePlan,
    *,
    timezone: tzinfo,
    orders: Mapping[str, Order],
    refuse_undated: bool,
    notes: Notes,
) -> Mapped:
    """Map one piece of a source.

    Args:
        raw: Rows as they came, joins done, "not known" being null.
        plan: What each column is.
        timezone: For times without a zone.
        orders: Our column -> the order that stands for its moments.
        refuse_undated: Whether a settled outcome needs a date.
        notes: Told what was noticed.
    """
    faults = Faults(len(raw))
    reader = _Reader(raw, plan, timezone, orders, notes, faults)
    planned = {each.column.name: each for each in plan.columns}
    columns = [
        reader.read(planned[column.name]) if column.name in planned else _empty(column, len(raw))
        for column in plan.spec.columns
    ]
    carried = [reader.spelled(_get(raw, theirs), ours).alias(ours) for theirs, ours in plan.carried.items()]
    frame = pl.DataFrame([*columns, *carried])
    if plan.spec.name == "engagements":
        frame = _known_at(frame, notes)
    if plan.spec.name == "outcomes" and refuse_undated:
        settled = frame["disposition"].is_not_null() & (frame["disposition"] != Disposition.OPEN.value)
        faults.add(Rejection.UNDATED_OUTCOME, "at", settled & frame["at"].is_null())
    per_row = faults.per_row()
    _note_unlisted(plan, frame, per_row, notes)
    return Mapped(frame, per_row)


def _note_unlisted(plan: SourcePlan, frame: pl.DataFrame, faults: pl.DataFrame, notes: Notes) -> None:
    """Which spellings rows were set aside for, so that people can list them."""
    for column in plan.spec.columns:
        if column.allowed:
            code = UNLISTED.get(column.name, Rejection.UNKNOWN_VALUE).name
            bad = frame[column.name].filter((faults["code"] == code) & (faults["column"] == column.name))
            if len(bad):
                counts = bad.to_frame().group_by(column.name, maintain_order=True).len()
                notes.count_spellings(code, column.name, counts.iter_rows())


def _get(raw: pl.DataFrame, name: str) -> pl.Series:
    """A raw column; null throughout where this file lacks it."""
    if name in raw.columns:
        return raw[name]
    return pl.Series(name, [None], pl.String).new_from_index(0, len(raw))


def _filled(values: pl.Series, others: pl.Series) -> pl.Series:
    """Values, and the others where they are empty; as text where they hold different things."""
    if values.dtype != others.dtype:
        values, others = as_text(values), as_text(others)
    return pl.select(pl.coalesce(values, others).alias(values.name)).to_series()


def _empty(column: Column, rows: int) -> pl.Series:
    return pl.Series(column.name, [None], TYPES[column.kind]).new_from_index(0, rows)


def _known_at(frame: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """An act is known when it happened, unless something later is said."""
    early = frame["known_at"] < frame["occurred_at"]
    notes.count("KNOWN_TOO_EARLY", "known_at", int(early.sum()))
    return frame.with_columns(pl.max_horizontal("known_at", "occurred_at").alias("known_at"))


@dataclass
class _Reader:
    raw: pl.DataFrame
    plan: SourcePlan
    timezone: tzinfo
    orders: Mapping[str, Order]
    notes: Notes
    faults: Faults

    def read(self, each: ColumnPlan) -> pl.Series:
        """One of our columns."""
        column = each.column
        if each.origin.order is not None:
            return self._ordered(column)
        values = self.spelled(self._values(each), column.name)
        if column.kind == Kind.MOMENT:
            read = self._moment(column, values, each.origin.format)
        elif column.kind == Kind.ID:
            read = self._id(column, values)
        elif column.kind == Kind.NUMBER:
            read = as_number(values)
            self._unreadable("UNREADABLE_NUMBERS", column, values, read)
        elif column.kind == Kind.YES_NO:
            read = as_yes_no(values)
            self._unreadable("UNREADABLE_YES_NO", column, values, read)
        else:
            read = as_text(values)
        self._check(column, values, read)
        return read.alias(column.name)

    def _values(self, each: ColumnPlan) -> pl.Series:
        if each.origin.constant is not None:
            return pl.Series(each.column.name, [each.origin.constant], pl.String).new_from_index(0, len(self.raw))
        values = _get(self.raw, each.origin.column or "")
        for name in each.origin.otherwise:
            values = _filled(values, _get(self.raw, name))
        return values

    def spelled(self, values: pl.Series, ours: str) -> pl.Series:
        """Values with their spellings replaced by ours."""
        spellings = self.plan.values.get(ours)
        if not spellings:
            return values
        new = [our or None for our in spellings.values()]
        return as_text(values).replace(pl.Series(list(spellings)), pl.Series(new, dtype=pl.String))

    def _id(self, column: Column, values: pl.Series) -> pl.Series:
        read = as_id(values)
        if values.dtype == pl.String:
            formed = key_form(values)
            self.notes.count("KEY_FORMS", column.name, int((formed != values).sum()))
            self.notes.count("WHOLE_FLOAT_IDS", column.name, int((read != formed).sum()))
        return read

    def _moment(self, column: Column, values: pl.Series, written: Written) -> pl.Series:
        found = read_moments(values, self.timezone, written)
        self.notes.count("TIMES_WITHOUT_ZONE", column.name, found.without_zone)
        self.notes.count("SKIPPED_TIMES", column.name, found.skipped)
        self.notes.count("REPEATED_TIMES", column.name, found.repeated)
        if not column.required:
            self._unreadable("UNREADABLE_MOMENTS", column, values, found.micros)
        return found.micros

    def _ordered(self, column: Column) -> pl.Series:
        if len(self.raw) == 0:
            return empty_micros(0).alias(column.name)
        micros = self.orders[column.name].micros(self.raw)
        self.notes.count("ORDER_NOT_DATES", column.name, len(micros) - micros.null_count())
        self.faults.add(Rejection.MISSING_MOMENT, column.name, micros.is_null() & pl.Series([column.required]))
        return micros.alias(column.name)

    def _unreadable(self, code: str, column: Column, values: pl.Series, read: pl.Series) -> None:
        bad = read.is_null() & values.is_not_null()
        count = int(bad.sum())
        if count:
            self.notes.count(code, column.name, count, str(as_text(values.filter(bad).head(1))[0]))

    def _check(self, column: Column, values: pl.Series, read: pl.Series) -> None:
        if column.required:
            missing = {Kind.ID: Rejection.MISSING_ID, Kind.MOMENT: Rejection.MISSING_MOMENT}
            code = missing.get(column.kind, Rejection.MISSING_VALUE)
            empty = values.is_null() if column.kind == Kind.MOMENT else read.is_null()
            self.faults.add(code, column.name, empty)
            if column.kind == Kind.MOMENT:
                self.faults.add(Rejection.UNREADABLE_MOMENT, column.name, read.is_null() & values.is_not_null())
        if column.allowed:
            unlisted = read.is_not_null() & ~read.is_in(list(column.allowed))
            self.faults.add(UNLISTED.get(column.name, Rejection.UNKNOWN_VALUE), column.name, unlisted)
