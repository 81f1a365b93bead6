"""What a workspace never uses: columns and features by name, and everything that reads them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from salesworthy.domain.marks import NEVER_FEATURES, ColumnMark, MarkKind
from salesworthy.domain.names import nearest
from salesworthy.features.catalogue import Catalogue
from salesworthy.features.definitions import Defined
from salesworthy.features.vocabulary import Schema

AUTO = "features.auto"
"""The place of features that nobody wrote."""
LeftOut = tuple[str, str]
"""A feature, and why it was left out."""
OUTCOME_READ = " is what the outcome is read from"
"""Behind the columns that are left out because the outcome table reads them too."""


def removed(
    defined: Sequence[Defined], remove: Collection[str], schema: Schema, *, outcomes: Collection[str] = ()
) -> tuple[list[Defined], tuple[LeftOut, ...]]:
    """Take away what ``features.remove`` names, what is the outcome itself, and what must never be a feature.

    A name stands for a feature, for a column of any table, or, as ``table.column``, for that column. A feature that
    reads a removed column, or a removed feature, goes as well.

    Args:
        defined: All features.
        remove: Names of columns and features.
        schema: Tables and columns at hand.
        outcomes: Columns, as ``table.column``, that the outcome table reads too.

    Returns:
        The features that stay; and those that went, each with why, with a line for every name that matched nothing.
    """
    names = set(remove)
    why = {each.feature.name: reason for each in defined if (reason := _why(each, names, set(outcomes), schema))}
    catalogue = Catalogue(tuple(each.feature for each in defined))
    for name in sorted(catalogue.dependents(why) - set(why)):
        why[name] = f"it reads {', '.join(read for read in catalogue[name].reads if read in catalogue.dependents(why))}"
    kept = [each for each in defined if each.feature.name not in why]
    gone = [(each.feature.name, why[each.feature.name]) for each in defined if each.feature.name in why]
    return kept, (*gone, *_unmatched(defined, names, schema))


def _why(each: Defined, names: Collection[str], outcomes: Collection[str], schema: Schema) -> str:
    if each.feature.name in names:
        return "features.remove names it"
    columns = sorted(f"{table}.{column}" for table, column in each.reads if {column, f"{table}.{column}"} & set(names))
    if columns:
        return f"features.remove names {', '.join(columns)}"
    leaked = sorted(f"{table}.{column}" for table, column in each.reads if f"{table}.{column}" in outcomes)
    if leaked:
        return f"{', '.join(leaked)}{OUTCOME_READ}"
    found = marks_of(each, schema)
    marked = {reference: mark for reference, mark in found.items() if mark.kind in NEVER_FEATURES}
    if each.place == AUTO:
        free = [reference for reference, mark in found.items() if mark.kind is MarkKind.LOOKS_FREE]
        marked |= {reference: found[reference] for reference in free}
    says = next((f"{reference} {mark.says}" for reference, mark in marked.items()), "")
    todo = "; where it is a category all the same, name it in a catalogue file"
    return f"{says}{todo}" if any(mark.kind is MarkKind.LOOKS_FREE for mark in marked.values()) else says


def marks_of(each: Defined, schema: Schema) -> dict[str, ColumnMark]:
    """Columns that a feature reads, as ``table.column``, with what a field map knows about each."""
    found = {}
    for table, column in sorted(each.reads):
        facts = schema.get(table, {}).get(column)
        if facts is not None and facts.mark is not None:
            found[f"{table}.{column}"] = facts.mark
    return found


def _unmatched(defined: Sequence[Defined], names: Collection[str], schema: Schema) -> list[LeftOut]:
    columns = {column for table in schema.values() for column in table}
    qualified = {f"{table}.{column}" for table, columns_ in schema.items() for column in columns_}
    known = columns | qualified | {each.feature.name for each in defined}
    return [
        (name, f"features.remove names no column and no feature; {nearest(name, columns)}")
        for name in sorted(set(names) - known)
    ]
