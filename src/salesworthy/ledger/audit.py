"""The audit trail: one event per recorded row, each hash-chained to the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select, Table, Text, select, type_coerce

from salesworthy.ledger.records import Action, AuditCheck, AuditEvent, LedgerDamaged
from salesworthy.ledger.tables import AUDIT, MODEL_VERSIONS, PROMOTIONS, RUNS, CanonicalJson, canonical_json

RECORDED: dict[str, Table] = {
    Action.REGISTER_MODEL: MODEL_VERSIONS,
    Action.PROMOTE: PROMOTIONS,
    Action.ROLLBACK: PROMOTIONS,
    Action.RECORD_RUN: RUNS,
}
"""The table whose row each action writes."""

FIRST_HASH = "0" * 64
"""What the first event is chained to."""


def event_hash(event: Mapping[str, Any] | RowMapping) -> str:
    """SHA-256 over every field of an event but the hash itself, in the order of the table."""
    fields = [event[column.name] for column in AUDIT.columns if column.name != "hash"]
    return sha256(canonical_json(fields).encode()).hexdigest()


def record(
    connection: Connection, row: Mapping[str, Any], *, at: int, actor: str, action: Action, subject: str
) -> dict[str, Any]:
    """Write a row and its audit event in the caller's transaction.

    Returns:
        The row with the sequence it was given.
    """
    table = RECORDED[action]
    numbered = {"sequence": last_sequence(connection, table) + 1, **row}
    connection.execute(table.insert().values(numbered))
    _append(connection, at=at, actor=actor, action=str(action), subject=subject, details=canonical_json(numbered))
    return numbered


def last_sequence(connection: Connection, table: Table) -> int:
    """The number of the newest row; 0 when there is none."""
    sequence = table.c.sequence
    return connection.execute(select(sequence).order_by(sequence.desc()).limit(1)).scalar() or 0


def _append(connection: Connection, **fields: Any) -> None:
    newest = select(AUDIT.c.sequence, AUDIT.c.hash).order_by(AUDIT.c.sequence.desc()).limit(1)
    last = connection.execute(newest).first()
    event = {**fields, "sequence": last.sequence + 1 if last else 1, "previous_hash": last.hash if last else FIRST_HASH}
    connection.execute(AUDIT.insert().values({**event, "hash": event_hash(event)}))


def events(connection: Connection) -> Iterator[AuditEvent]:
    """All events in order."""
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)):
        yield AuditEvent(**row._mapping)


def verify(connection: Connection) -> AuditCheck:
    """Check the chain of events, then that recorded rows and events say the same.

    Raises:
        LedgerDamaged: Naming the first bad row.
    """
    expected: dict[str, dict[int, dict[str, Any]]] = {table.name: {} for table in RECORDED.values()}
    previous, count = FIRST_HASH, 0
    for event in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)).mappings():
        count += 1
        _check_link(event, count, previous)
        row = json.loads(event["details"])
        expected[RECORDED[event["action"]].name][row["sequence"]] = row
        previous = event["hash"]
    for table in dict.fromkeys(RECORDED.values()):
        _check_rows(connection, table, expected[table.name])
    return AuditCheck(count, previous)


def _check_link(event: RowMapping, place: int, previous: str) -> None:
    where = f"audit event {event['sequence']}"
    if event["sequence"] != place:
        raise LedgerDamaged(f"event {place} is missing", where=where)
    if event["previous_hash"] != previous:
        raise LedgerDamaged("it does not follow the event before it", where=where)
    if event["hash"] != event_hash(event):
        raise LedgerDamaged("its hash is not that of its content", where=where)


def _check_rows(connection: Connection, table: Table, expected: Mapping[int, Mapping[str, Any]]) -> None:
    found: set[int] = set()
    for row in connection.execute(_stored(table)).mappings():
        found.add(row["sequence"])
        if row["sequence"] not in expected or dict(row) != _as_stored(table, expected[row["sequence"]]):
            raise LedgerDamaged("it is not what its audit event says", where=f"{table.name} row {row['sequence']}")
    missing = sorted(expected.keys() - found)
    if missing:
        raise LedgerDamaged("its audit event is there, the row is not", where=f"{table.name} row {missing[0]}")


def _stored(table: Table) -> Select[Any]:
    columns = [type_coerce(column, Text).label(column.name) if _is_json(column) else column for column in table.columns]
    return select(*columns).order_by(table.c.sequence)


def _as_stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = table.columns
    return {c.name: canonical_json(row[c.name]) if _is_json(c) else row[c.name] for c in columns}


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, CanonicalJson)
