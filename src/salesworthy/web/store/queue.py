"""The queue: leads in the order in which sales works them, filtered, searched and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from salesworthy.web.scope import Scope
from salesworthy.web.store.filters import WORDS, Filters
from salesworthy.web.store.index import Index, Row
from salesworthy.web.store.words import expression

MOST_COUNTED = 2_000
"""Where counting stops; more is "more than 2,000"."""
_FORWARD, _BACK = ("> ?", "ASC"), ("< ?", "DESC")


@dataclass(frozen=True)
class Leads:
    """Some leads of the queue.

    Attributes:
        rows: Columns of ``schema.LEAD_COLUMNS``, in the order of the queue.
        more: Whether others follow.
    """

    rows: tuple[Row, ...]
    more: bool


def leads_of(
    index: Index, scope: Scope, filters: Filters, *, after: int = 0, before: int | None = None, limit: int = 25
) -> Leads:
    """Leads in the order of the queue.

    Args:
        index: Of which run.
        scope: What the reader may see.
        filters: What is asked for.
        after: The place in the queue after which they begin.
        before: The place before which they end, in place of ``after``.
        limit: How many at most.

    Returns:
        Leads that hold the words as they were typed; where there are none, those with words that begin so.
    """
    found = _some(index, scope, filters, after=after, before=before, limit=limit, beginnings=False)
    if found.rows or not filters.text:
        return found
    return _some(index, scope, filters, after=after, before=before, limit=limit, beginnings=True)


def _some(
    index: Index, scope: Scope, filters: Filters, *, after: int, before: int | None, limit: int, beginnings: bool
) -> Leads:
    source, values = _source(scope, filters, beginnings=beginnings)
    condition, order = _FORWARD if before is None else _BACK
    place = after if before is None else before
    column = "w.rowid" if source.startswith("words") else "l.no"
    sql = f"SELECT l.* FROM {source} AND {column} {condition} ORDER BY {column} {order} LIMIT ?"
    rows = index.rows(sql, [*values, place, limit + 1])
    some = rows[:limit]
    return Leads(tuple(some if before is None else reversed(some)), len(rows) > limit)


@lru_cache(maxsize=10_000)
def count_of(index: Index, scope: Scope, text: str, chosen: tuple[tuple[str, str], ...]) -> int:
    """How many leads are asked for, counted up to ``MOST_COUNTED`` + 1."""
    filters = Filters(text, dict(chosen))
    return _count(index, scope, filters, beginnings=False) or (
        _count(index, scope, filters, beginnings=True) if text else 0
    )


def _count(index: Index, scope: Scope, filters: Filters, *, beginnings: bool) -> int:
    source, values = _source(scope, filters, beginnings=beginnings)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {MOST_COUNTED + 1})"
    return int(index.database.execute(sql, values).fetchone()[0])


@lru_cache(maxsize=1_000)
def choices_of(index: Index, scope: Scope) -> dict[str, tuple[tuple[str, int], ...]]:
    """What can be filtered by: word of the address -> values with their leads, the most frequent first."""
    clause = scope.clause("f")
    sql = (
        "SELECT f.name, f.value, sum(f.leads) FROM facet f "
        f"WHERE {clause.sql} GROUP BY f.name, f.value ORDER BY 3 DESC, 2"
    )
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in WORDS}
    words = {column: word for word, column in WORDS.items()}
    for name, value, leads in index.database.execute(sql, clause.values):
        found[words[name]].append((value, leads))
    return {name: tuple(values) for name, values in found.items()}


def lead_row(index: Index, scope: Scope, lead_id: str) -> Row | None:
    """The row of a lead; None where there is none, or not for this reader."""
    clause = scope.clause("l")
    sql = f"SELECT l.* FROM lead l WHERE l.lead_id = ? AND {clause.sql}"
    rows = index.rows(sql, [lead_id, *clause.values])
    return rows[0] if rows else None


def leads_at(index: Index, scope: Scope, account_id: str, *, limit: int) -> Leads:
    """Leads at a site, as far as this reader may see them."""
    clause = scope.clause("l")
    sql = f"SELECT l.* FROM lead l WHERE l.account_id = ? AND {clause.sql} ORDER BY l.no LIMIT ?"
    rows = index.rows(sql, [account_id, *clause.values, limit + 1])
    return Leads(tuple(rows[:limit]), len(rows) > limit)


def _source(scope: Scope, filters: Filters, *, beginnings: bool) -> tuple[str, Sequence[Any]]:
    """Where leads are read from, with a whole condition; ``l`` is the lead."""
    clause = scope.clause("l")
    asked = expression(filters.text, filters.columns, scope, beginnings=beginnings)
    if asked is None:
        return f"lead l WHERE {clause.sql}", clause.values
    return f"words w JOIN lead l ON l.no = w.rowid WHERE w.words MATCH ? AND {clause.sql}", [asked, *clause.values]
