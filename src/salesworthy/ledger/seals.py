"""Personal values of the ledger: kept apart, provable by a salted hash, and gone for good once they are erased.

A linked row holds a number or a random key, and a seal: the hash of a random salt and the value. The salt lies beside
the value, so that after an erasure nobody can find the value by trying.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, select

from salesworthy.ledger.columns import canonical_json
from salesworthy.ledger.records import LedgerDamaged
from salesworthy.ledger.tables import ERASURES, FEEDBACK, LEAD_IDS, LEADS, PASSWORDS, TEXTS, USERS

_SOME = 5_000


def new_salt() -> str:
    """A salt, or a key that says nothing about anybody."""
    return secrets.token_hex(16)


def seal(salt: str, value: str) -> str:
    """The salted hash of a value."""
    return sha256(canonical_json([salt, value]).encode()).hexdigest()


def keys_of_leads(connection: Connection, leads: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Lead id -> its key and salt, for those that are known."""
    asked = list(dict.fromkeys(leads))
    found = {}
    for start in range(0, len(asked), _SOME):
        some = LEAD_IDS.c.lead_id.in_(asked[start : start + _SOME])
        for row in connection.execute(select(LEAD_IDS).where(some)):
            found[row.lead_id] = (row.lead_key, row.salt)
    return found


def ids_of_keys(connection: Connection) -> dict[int, str]:
    """Key -> lead id, for every lead that was not erased."""
    return {row.lead_key: row.lead_id for row in connection.execute(select(LEAD_IDS))}


def check_seals(connection: Connection) -> None:
    """Check that personal values are those that were sealed, and that none is missing that was not erased.

    Raises:
        LedgerDamaged: Naming the first bad row.
    """
    erased = set(connection.execute(select(ERASURES.c.lead_key)).scalars())
    leads = connection.execute(select(LEADS.c.sequence, LEADS.c.seal).order_by(LEADS.c.sequence))
    _check(connection, LEAD_IDS, {key: sealed for key, sealed in leads if key not in erased}, "lead_key", "lead_id")
    noted = select(FEEDBACK.c.text_key, FEEDBACK.c.text_seal, FEEDBACK.c.lead_key).where(
        FEEDBACK.c.text_key.is_not(None)
    )
    texts = connection.execute(noted.order_by(FEEDBACK.c.sequence)).all()
    seals = {str(row.text_key): str(row.text_seal) for row in texts if row.lead_key not in erased}
    _check(connection, TEXTS, seals, "text_key", "text")
    owners = {str(row.text_key): row.lead_key for row in texts}
    for row in connection.execute(select(TEXTS).order_by(TEXTS.c.text_key)):
        if owners[row.text_key] != row.lead_key:
            raise LedgerDamaged("it is filed under another lead", where=f"texts row {row.text_key}")


def password_seal(password_hash: str) -> str:
    """What the record of a user says of a password's hash; the hash has a salt of its own."""
    return sha256(password_hash.encode()).hexdigest()


def check_passwords(connection: Connection) -> None:
    """Check that every user has the password that was recorded, and nobody else has one.

    Raises:
        LedgerDamaged: Naming the first that differs.
    """
    users = connection.execute(select(USERS.c.name, USERS.c.password_seal).order_by(USERS.c.sequence))
    seals = {row.name: row.password_seal for row in users}
    left = {name for name, sealed in seals.items() if sealed is not None}
    for row in connection.execute(select(PASSWORDS).order_by(PASSWORDS.c.name)):
        where = f"passwords row {row.name}"
        if row.name not in left or not isinstance(row.hash, str) or password_seal(row.hash) != seals[row.name]:
            raise LedgerDamaged("it is not the password that was recorded", where=where)
        left.remove(row.name)
    if left:
        raise LedgerDamaged("it is gone, and nothing that was recorded says so", where=f"passwords row {min(left)}")


def _check(connection: Connection, table: Table, seals: Mapping[Any, str], key: str, value: str) -> None:
    left = dict(seals)
    for row in connection.execute(select(table).order_by(table.c[key])).mappings():
        where = f"{table.name} row {row[key]}"
        expected = left.pop(row[key], None)
        if expected is None:
            raise LedgerDamaged("nothing that was recorded speaks of it, or it was erased", where=where)
        if not _is_sealed(row["salt"], row[value], expected):
            raise LedgerDamaged("it is not the value that was sealed", where=where)
    if left:
        raise LedgerDamaged("it is gone, and no erasure was recorded", where=f"{table.name} row {min(left)}")


def _is_sealed(salt: object, value: object, expected: str) -> bool:
    return isinstance(salt, str) and isinstance(value, str) and seal(salt, value) == expected
