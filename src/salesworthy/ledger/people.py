"""The leads that the ledger knows: by a number in what is chained, by their id where an erasure reaches it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, select

from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.seals import ids_of_keys, keys_of_leads, new_salt, seal
from salesworthy.ledger.tables import DECISIONS, ERASURES, FEEDBACK, LEAD_IDS, TEXTS


@dataclass(frozen=True)
class Erasure:
    """That a person was erased: by whom, when (microseconds), and how many personal rows went.

    ``lead_key`` is what still stands in the chain: a number that now leads nowhere.
    """

    lead_key: int
    by: str
    at: int
    removed: dict[str, int]


def known_or_new(connection: Connection, leads: Iterable[str], *, at: int, actor: str) -> dict[str, tuple[int, str]]:
    """Lead id -> key and salt; leads that the ledger never heard of are recorded, in the caller's transaction."""
    asked = list(dict.fromkeys(leads))
    found = keys_of_leads(connection, asked)
    new = [(lead, new_salt()) for lead in asked if lead not in found]
    if not new:
        return found
    rows = [{"seal": seal(salt, lead)} for lead, salt in new]
    told = f"{len(rows)} new"
    batch = audit.record_batch(connection, rows, at=at, actor=actor, action=Action.RECORD_LEADS, subject=told)
    keys = {lead: (key, salt) for key, (lead, salt) in enumerate(new, start=batch.first)}
    ids = [{"lead_key": key, "salt": salt, "lead_id": lead} for lead, (key, salt) in keys.items()]
    connection.execute(LEAD_IDS.insert(), ids)
    return found | keys


class People:
    """What the ledger holds about persons, and their erasure."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lead_ids(self) -> dict[int, str]:
        """Key -> lead id, for every lead that was not erased."""
        with reading(self._engine) as connection:
            return ids_of_keys(connection)

    def holds(self, lead_id: str) -> dict[str, int]:
        """How many rows of each table speak of a lead; nothing when the ledger never heard of it, or it was erased."""
        with reading(self._engine) as connection:
            found = keys_of_leads(connection, [lead_id])
            if not found:
                return {}
            key = found[lead_id][0]
            return {table.name: _count(connection, table, key) for table in (DECISIONS, FEEDBACK, LEAD_IDS, TEXTS)}

    def erase(self, lead_id: str, *, by: str, now: int) -> Erasure | None:
        """Erase a person: the id and every text go, decisions and feedback stay under a key that leads nowhere.

        The chain of hashes holds afterwards. None when the ledger never heard of the lead.

        Args:
            lead_id: Whom.
            by: Who says so.
            now: Microseconds UTC.

        Raises:
            WrongUsage: When nobody is named.
        """
        actor = named(by)
        with writing(self._engine) as connection:
            found = keys_of_leads(connection, [lead_id])
            if not found:
                return None
            key = found[lead_id][0]
            removed = {table.name: _count(connection, table, key) for table in (LEAD_IDS, TEXTS)}
            row: dict[str, Any] = {"lead_key": key, "by": actor, "at": now, "removed": removed}
            audit.record(connection, row, at=now, actor=actor, action=Action.ERASE, subject=f"lead {key}")
            for table in (TEXTS, LEAD_IDS):
                connection.execute(delete(table).where(table.c.lead_key == key))
        return Erasure(key, actor, now, removed)

    def erasures(self) -> tuple[Erasure, ...]:
        """Every erasure, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(ERASURES).order_by(ERASURES.c.sequence))
            return tuple(Erasure(row.lead_key, row.by, row.at, row.removed) for row in rows)


def _count(connection: Connection, table: Table, key: int) -> int:
    found: int = connection.execute(select(func.count()).select_from(table).where(table.c.lead_key == key)).scalar_one()
    return found
