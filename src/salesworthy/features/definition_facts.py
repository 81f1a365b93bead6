"""Features that are facts about a lead: ``column``, ``history`` and ``expression``."""

from __future__ import annotations

from typing import Any

from salesworthy.domain.names import nearest
from salesworthy.domain.tables import Kind
from salesworthy.features.catalogue import AT_CREATION, AT_HANDOFF, DEFAULT_STRENGTH, Dtype
from salesworthy.features.condition_kinds import ValueKind
from salesworthy.features.entry_reader import EntryReader
from salesworthy.features.vocabulary import FACTS, LEAD_LOOK_UPS

TYPES: dict[str, tuple[Dtype, tuple[Kind, ...]]] = {
    "number": (Dtype.NUMBER, (Kind.NUMBER, Kind.YES_NO)),
    "category": (Dtype.CATEGORY, (Kind.TEXT, Kind.ID, Kind.NUMBER, Kind.YES_NO)),
    "yes_no": (Dtype.YES_NO, (Kind.YES_NO, Kind.NUMBER)),
    "days_since": (Dtype.NUMBER, (Kind.MOMENT,)),
}
"""Type -> what the feature holds, and the columns that it can be read from."""
DEFAULT_TYPES = {
    Kind.NUMBER: "number",
    Kind.TEXT: "category",
    Kind.ID: "category",
    Kind.YES_NO: "yes_no",
    Kind.MOMENT: "days_since",
}


def column_of(entry: EntryReader) -> dict[str, Any]:
    """The parts of a ``column`` feature."""
    table, column = _fact(entry, "column")
    kind = entry.vocabulary.kind(table, column)
    chosen = entry.choice("type", TYPES, DEFAULT_TYPES.get(kind or Kind.TEXT, "category"))
    dtype, fitting = TYPES[chosen]
    if kind is not None and kind not in fitting:
        fits = [name for name, (_, kinds) in TYPES.items() if kind in kinds]
        entry.add("type", f"{table}.{column} cannot be read as {chosen}", f"write type: {' or '.join(fits)}")
    return {"table": table, "column": column, "type": chosen, "known": _known(entry, table), "dtype": dtype}


def history_of(entry: EntryReader) -> dict[str, Any]:
    """The parts of a ``history`` feature."""
    table, column = _fact(entry, "history")
    strength = entry.entry.values.get("strength", DEFAULT_STRENGTH)
    if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0 < strength < float("inf"):
        entry.add("strength", "strength is not a number above 0", "write how many results the overall rate weighs")
        strength = DEFAULT_STRENGTH
    return {"table": table, "column": column, "known": _known(entry, table), "strength": float(strength)}


def expression_of(entry: EntryReader) -> dict[str, Any]:
    """The parts of an ``expression`` feature."""
    columns = {**entry.features, **entry.vocabulary.fact_columns()}
    condition = entry.condition("expression", columns, gives=None)
    if condition is None:
        return {}
    if condition.kind == ValueKind.TEXT:
        entry.add("expression", "the expression gives text", "an expression gives a number, or yes or no")
    reads = tuple(ref.name for ref in condition.columns if not ref.table)
    return {"expression": condition.text, "reads": reads, "known": _known(entry, "leads")}


def _fact(entry: EntryReader, key: str) -> tuple[str, str]:
    """The table and column that a key names as ``table.column``."""
    written = entry.text(key)
    table, dot, column = written.partition(".")
    if not dot or table not in FACTS:
        todo = f"write one of {', '.join(f'{name}.COLUMN' for name in FACTS)}"
        entry.add(key, f"{written!r} does not name a fact about a lead", todo)
        return "", ""
    entry.read(key, table, column)
    if table in LEAD_LOOK_UPS:
        entry.read(key, "leads", LEAD_LOOK_UPS[table].key)
    return table, column


def _known(entry: EntryReader, table: str) -> str:
    """When a fact became known: ``at_creation``, ``at_handoff``, or a timestamp as ``table.column``."""
    known = entry.text("known", AT_CREATION)
    if known in (AT_CREATION, AT_HANDOFF) or not table:
        return known
    source, dot, column = known.partition(".")
    if not dot or source not in (table, "leads"):
        source, column = table, known
    if entry.vocabulary.kind(source, column) != Kind.MOMENT:
        names = entry.vocabulary.present(source)
        moments = [name for name in names if entry.vocabulary.kind(source, name) == Kind.MOMENT]
        what = f"{known!r} is neither at_creation nor at_handoff nor a timestamp of {source}"
        entry.add("known", what, nearest(known, [AT_CREATION, AT_HANDOFF, *moments]))
    entry.reads.add((source, column))
    return f"{source}.{column}"
