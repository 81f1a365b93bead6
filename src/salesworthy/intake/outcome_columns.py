"""Columns that say what became of a lead, in files that hold leads and outcomes side by side."""

from __future__ import annotations

from collections.abc import Iterator

from salesworthy.intake.settings import SourceSettings, Tables

KEYS = ("lead_id",)


def outcome_columns(tables: Tables) -> frozenset[str]:
    """Columns, as ``table.column``, of leads and accounts whose file the outcome table reads as well.

    Such a column is carried along with the lead, and is what the model is to foretell: never a feature.

    Example:
        >>> deals = SourceSettings.model_validate({"path": "d.csv", "columns": {"lead_id": "id", "disposition": "won"}})
        >>> leads = SourceSettings.model_validate({"path": "d.csv", "columns": {"lead_id": "id"}})
        >>> sorted(outcome_columns({"leads": (leads,), "outcomes": (deals,)}))
        ['leads.won']
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
    return (one.path, one.source, one.table) == (other.path, other.source, other.table)


def _columns(source: SourceSettings) -> Iterator[str]:
    for ours, theirs in source.columns.items():
        if ours not in KEYS and theirs.column is not None:
            yield theirs.column
