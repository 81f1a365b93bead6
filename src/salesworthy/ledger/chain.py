"""Linked tables: every row carries the hash of itself and the row before; one audit event speaks of a whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, Text, select, type_coerce

from salesworthy.ledger.columns import canonical_json, is_json
from salesworthy.ledger.records import LedgerDamaged

FIRST_HASH = "0" * 64
"""What the first row of a chain is linked to."""
_ROWS = 10_000


@dataclass(frozen=True)
class Batch:
    """Rows that one audit event speaks of: ``first`` to ``last`` of a table, and the hash of the last."""

    table: str
    first: int
    last: int
    head: str

    def as_dict(self) -> dict[str, Any]:
        """The batch as its audit event tells it."""
        return asdict(self)


def link(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Append rows to a linked table; the caller writes the audit event in the same transaction.

    Args:
        connection: A writing transaction.
        table: Where to.
        rows: Every column but ``sequence`` and ``hash``; at least one row.
    """
    number, head = _end(connection, table)
    first, names = number + 1, _hashed(table)
    json_names = [column.name for column in table.columns if is_json(column)]
    for start in range(0, len(rows), _ROWS):
        written = []
        for row in rows[start : start + _ROWS]:
            number += 1
            numbered = {"sequence": number, **row}
            stored = {**numbered, **{name: canonical_json(row[name]) for name in json_names}}
            head = row_hash(head, [stored[name] for name in names])
            written.append({**numbered, "hash": head})
        connection.execute(table.insert(), written)
    return Batch(table.name, first, number, head)


def row_hash(previous: str, values: Sequence[Any]) -> str:
    """SHA-256 over the hash of the row before and every value of a row but its own hash, in the order of the table."""
    return sha256(canonical_json([previous, *values]).encode()).hexdigest()


def check_chain(connection: Connection, table: Table, batches: Sequence[Batch]) -> None:
    """Check that a linked table holds what was written, all of it, and nothing else.

    Args:
        connection: A reading transaction.
        table: Which.
        batches: What the audit trail says was written, in order.

    Raises:
        LedgerDamaged: Naming the first bad row.
    """
    heads = _heads(table, batches)
    last = max(heads, default=0)
    previous, number = FIRST_HASH, 0
    rows = connection.execution_options(yield_per=_ROWS).execute(as_stored(table)).mappings()
    for row in rows:
        number += 1
        _check_row(table, row, number, previous)
        previous = row["hash"]
        where = f"{table.name} row {number}"
        if number > last:
            raise LedgerDamaged("no audit event speaks of it", where=where)
        if heads.get(number, previous) != previous:
            raise LedgerDamaged("it is not the row that its audit event speaks of", where=where)
    if number < last:
        raise LedgerDamaged("its audit event is there, the row is not", where=f"{table.name} row {number + 1}")


def as_stored(table: Table) -> Select[Any]:
    """All rows in order, JSON as the text that is stored."""
    columns = [type_coerce(column, Text).label(column.name) if is_json(column) else column for column in table.columns]
    return select(*columns).order_by(table.c.sequence)


def _check_row(table: Table, row: RowMapping, number: int, previous: str) -> None:
    where = f"{table.name} row {row['sequence']}"
    if row["sequence"] != number:
        raise LedgerDamaged(f"row {number} is missing", where=where)
    try:
        found = row_hash(previous, [row[name] for name in _hashed(table)])
    except (TypeError, ValueError):
        found = ""
    if found != row["hash"]:
        raise LedgerDamaged("its hash is not that of its content and of the row before it", where=where)


def _heads(table: Table, batches: Sequence[Batch]) -> dict[int, str]:
    """Last row of each batch -> its hash."""
    expected = 1
    for batch in batches:
        if batch.first != expected or batch.last < batch.first:
            raise LedgerDamaged("an audit event speaks of rows out of order", where=f"{table.name} row {batch.first}")
        expected = batch.last + 1
    return {batch.last: batch.head for batch in batches}


def _hashed(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "hash"]


def _end(connection: Connection, table: Table) -> tuple[int, str]:
    newest = select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    row = connection.execute(newest).first()
    return (0, FIRST_HASH) if row is None else (row.sequence, row.hash)
