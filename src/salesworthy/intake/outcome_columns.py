"""Columns that say what became of a lead, in files that hold leads and outcomes side by side."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from salesworthy.domain.tables import OUTCOMES
from salesworthy.intake.settings import SourceSettings, Tables

KEYS = ("lead_id",)


def outcome_columns(tables: Tables) -> frozenset[str]:
    """Columns, as ``table.column``, of leads and accounts whose file the outcome table reads as well.

    Such a column is carried along with the lead, and is what the model is to foretell: never a feature.

    Example:
        >>> deals = SourceSettings.model_validate({"path": "d.csv", "columns": {"lead_id": "id", "disposition": "won"}})
        >>> leads = SourceSettings.model_validate({"path": "d.csv", "columns": {"lead_id": "id"}})
        >>> sorted(outcome_columns({"leads": (leads,), "outcomes": (deals,)}) - {"leads.reason"})
        ['leads.at', 'leads.first_contact_at', 'leads.reason_matched', 'leads.won']
    """
    told = list(tables.get("outcomes", ()))
    return frozenset(
        f"{table}.{column}"
        for table in ("leads", "accounts")
        for source in tables.get(table, ())
        for other in told
        if _same_place(source, other)
        for column in _columns(other)
    )


def _same_place(one: SourceSettings, other: SourceSettings) -> bool:
    return _place(one) == _place(other)


def _place(source: SourceSettings) -> tuple[str | None, ...]:
    return (None if source.path is None else normpath(source.path), source.source, source.table)


def _columns(source: SourceSettings) -> Iterator[str]:
    """What its columns are called there; one that nobody declared is read under our own name."""
    for column in OUTCOMES.columns:
        if column.name not in KEYS:
            yield from _names(source, column.name)


def _names(source: SourceSettings, column: str) -> tuple[str, ...]:
    if column in source.columns:
        origin = source.columns[column]
        return tuple(name for name in (origin.column, *origin.otherwise) if name is not None)
    if source.field_map is not None and column in source.field_map.tables["outcomes"].columns:
        return source.field_map.tables["outcomes"].columns[column].spellings
    return (column,)
