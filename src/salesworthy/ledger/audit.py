"""The audit trail: one event per recorded row or batch of rows, each hash-chained to the one before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from salesworthy.ledger.chain import FIRST_HASH, Batch, as_stored, check_chain, link
from salesworthy.ledger.columns import canonical_json, is_json
from salesworthy.ledger.records import Action, AuditCheck, AuditEvent, LedgerDamaged
from salesworthy.ledger.seals import check_passwords, check_seals
from salesworthy.ledger.tables import (
    ADOPTIONS,
    APPROVALS,
    AUDIT,
    DECISIONS,
    ERASURES,
    FEEDBACK,
    LEADS,
    MODEL_VERSIONS,
    OVERRIDES,
    PROMOTIONS,
    PROPOSALS,
    REVIEWS,
    RUNS,
    TOKENS,
    USERS,
    VOTES,
)

TOLD: dict[str, Table] = {
    Action.REGISTER_MODEL: MODEL_VERSIONS,
    Action.PROMOTE: PROMOTIONS,
    Action.ROLLBACK: PROMOTIONS,
    Action.RECORD_RUN: RUNS,
    Action.APPROVE_POLICY: APPROVALS,
    Action.RECORD_OVERRIDE: OVERRIDES,
    Action.OPEN_REVIEW: REVIEWS,
    Action.PROPOSE: PROPOSALS,
    Action.VOTE: VOTES,
    Action.ADOPT: ADOPTIONS,
    Action.REVERT: ADOPTIONS,
    Action.ERASE: ERASURES,
    Action.SET_USER: USERS,
    Action.ISSUE_TOKEN: TOKENS,
    Action.REVOKE_TOKEN: TOKENS,
}
"""The table whose row each action writes, and whose row its event repeats."""
LINKED: dict[str, Table] = {
    Action.RECORD_LEADS: LEADS,
    Action.RECORD_DECISIONS: DECISIONS,
    Action.RECORD_FEEDBACK: FEEDBACK,
}
"""The linked table that each action appends a batch of rows to."""


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
    table = TOLD[action]
    numbered = {"sequence": last_sequence(connection, table) + 1, **row}
    connection.execute(table.insert().values(numbered))
    _append(connection, at=at, actor=actor, action=str(action), subject=subject, details=canonical_json(numbered))
    return numbered


def record_batch(
    connection: Connection, rows: Sequence[Mapping[str, Any]], *, at: int, actor: str, action: Action, subject: str
) -> Batch:
    """Append rows, at least one, to a linked table with one audit event, in the caller's transaction."""
    batch = link(connection, LINKED[action], rows)
    details = canonical_json(batch.as_dict())
    _append(connection, at=at, actor=actor, action=str(action), subject=subject, details=details)
    return batch


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


def verify(connection: Connection, *, head: str | None = None) -> AuditCheck:
    """Check the chain of events, then that recorded rows and events say the same.

    Args:
        connection: A reading transaction.
        head: The hash that some earlier check ended with; it must still stand in the trail.

    Raises:
        LedgerDamaged: Naming the first bad row.
    """
    told: dict[str, dict[int, dict[str, Any]]] = {table.name: {} for table in TOLD.values()}
    batches: dict[str, list[Batch]] = {table.name: [] for table in LINKED.values()}
    previous, count, heads = FIRST_HASH, 0, {FIRST_HASH}
    for event in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)).mappings():
        count += 1
        _check_link(event, count, previous)
        details, previous = json.loads(event["details"]), event["hash"]
        heads.add(previous)
        if event["action"] in LINKED:
            batches[LINKED[event["action"]].name].append(Batch(**details))
        else:
            told[TOLD[event["action"]].name][details["sequence"]] = details
    if head is not None and head not in heads:
        raise LedgerDamaged("the trail that ended with that hash is no longer part of this one", where="audit trail")
    for table in dict.fromkeys(TOLD.values()):
        _check_rows(connection, table, told[table.name])
    for table in LINKED.values():
        check_chain(connection, table, batches[table.name])
    check_seals(connection)
    check_passwords(connection)
    return AuditCheck(count, previous)


def _check_link(event: RowMapping, place: int, previous: str) -> None:
    where = f"audit event {event['sequence']}"
    if event["sequence"] != place:
        raise LedgerDamaged(f"event {place} is missing", where=where)
    if event["previous_hash"] != previous:
        raise LedgerDamaged("it does not follow the event before it", where=where)
    try:
        found = event_hash(event)
    except (TypeError, ValueError):
        found = ""
    if event["hash"] != found:
        raise LedgerDamaged("its hash is not that of its content", where=where)


def _check_rows(connection: Connection, table: Table, expected: Mapping[int, Mapping[str, Any]]) -> None:
    found: set[int] = set()
    for row in connection.execute(as_stored(table)).mappings():
        found.add(row["sequence"])
        if row["sequence"] not in expected or dict(row) != _as_text(table, expected[row["sequence"]]):
            raise LedgerDamaged("it is not what its audit event says", where=f"{table.name} row {row['sequence']}")
    missing = sorted(expected.keys() - found)
    if missing:
        raise LedgerDamaged("its audit event is there, the row is not", where=f"{table.name} row {missing[0]}")


def _as_text(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {c.name: canonical_json(row[c.name]) if is_json(c) else row[c.name] for c in table.columns}
