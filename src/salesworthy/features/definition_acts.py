"""Features measured over dated acts: ``count``, ``recency``, ``distinct``, ``sum`` and ``share``."""

from __future__ import annotations

from typing import Any

from salesworthy.domain.moments import parse_window
from salesworthy.domain.names import nearest
from salesworthy.features.catalogue import COUNTED, Dtype, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef, Columns, ValueKind
from salesworthy.features.entry_reader import EntryReader
from salesworthy.features.vocabulary import ACT_LOOK_UPS, ACTS, DAY

WITH_COLUMN = (FeatureKind.DISTINCT, FeatureKind.SUM)


def acts_of(entry: EntryReader, kind: FeatureKind) -> dict[str, Any]:
    """The parts of a feature that is measured over acts."""
    per = entry.choice("per", ("lead", "account"), "lead")
    dtype = Dtype.INTEGER if kind in COUNTED else Dtype.NUMBER
    window = _window(entry) if "window" in entry else ""
    table, of = _table(entry, kind)
    if not table:
        return {"dtype": dtype}
    if per == "account":
        entry.read("per", "leads", "account_id")
    parts = {"table": table, "per": per, "window": window, "dtype": dtype, **_conditions(entry, kind, table)}
    return {**parts, "column": _of(entry, kind, table, of)} if kind in WITH_COLUMN else parts


def _table(entry: EntryReader, kind: FeatureKind) -> tuple[str, str]:
    """The table of acts, and the column where both were written as ``table.column``."""
    written = entry.text(kind)
    table, _, of = written.partition(".")
    if table not in ACTS or (of and kind not in WITH_COLUMN):
        entry.add(kind, f"{written!r} is not a table of dated acts", nearest(table, ACTS))
        return "", ""
    if table not in entry.vocabulary.schema:
        entry.add(kind, f"there is no table {table!r}", f"declare it as [tables.{table}] in salesworthy.toml")
        return "", ""
    entry.reads.add((table, ACTS[table].occurred_at))
    return table, of


def _conditions(entry: EntryReader, kind: FeatureKind, table: str) -> dict[str, str]:
    if kind == FeatureKind.SHARE and "where" not in entry:
        entry.add(kind, "a share needs a condition", "write where: which acts are counted")
    columns = entry.vocabulary.act_columns(table)
    found = {key: entry.condition(key, columns, table=table) for key in ("where", "among") if key in entry}
    return {key: condition.text for key, condition in found.items() if condition is not None}


def _of(entry: EntryReader, kind: FeatureKind, table: str, of: str) -> str:
    """The column that is counted or added up, by name, or as ``table.column`` where it stands in a look-up."""
    written = of or entry.text("of", "value" if kind == FeatureKind.SUM else "")
    if kind == FeatureKind.DISTINCT and written == DAY:
        return DAY
    if not written:
        entry.add(kind, "it does not say what to count", f"write of: a column of {table}, or {DAY}")
        return ""
    columns = entry.vocabulary.act_columns(table)
    ref = _ref(written, table, columns)
    if ref not in columns:
        entry.add("of", f"there is no column {written!r}", nearest(written, map(str, columns)))
    elif kind == FeatureKind.SUM and columns[ref] != ValueKind.NUMBER:
        entry.add("of", f"{written!r} does not hold numbers", "name a column of numbers")
    entry.note_reads([ref], table)
    return str(ref)


def _ref(written: str, table: str, columns: Columns) -> ColumnRef:
    """What ``of`` names: a column of the table itself, also one with dots in its name, or one of a look-up."""
    own = ColumnRef("", written.removeprefix(f"{table}."))
    source, dot, column = written.partition(".")
    return ColumnRef(source, column) if dot and source in ACT_LOOK_UPS and own not in columns else own


def _window(entry: EntryReader) -> str:
    window = entry.text("window")
    try:
        if not window or parse_window(window) > 0:
            return window
        entry.add("window", f"{window!r} is a window of no length", "write 12h, 30d or 2w")
    except ValueError:
        entry.add("window", f"{window!r} is not a window", "write 12h, 30d or 2w")
    return ""
