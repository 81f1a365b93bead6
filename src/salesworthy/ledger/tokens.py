"""Tokens of the API: one per consumer, shown once, kept as a hash, with rights of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.tables import TOKENS

_ISSUED, _REVOKED = "issue", "revoke"
_START = "sw_"


@dataclass(frozen=True)
class Token:
    """That a program may ask the API.

    Attributes:
        token_id: What it is called when it is revoked; not the token.
        consumer: The program that it was issued for.
        roles: As whom it asks.
        territories: What it sees of leads, where a role is limited.
        expires_at: Until when, in microseconds; None is until it is revoked.
        by: Who issued it.
        at: When, in microseconds.
        revoked_at: When it was revoked; None while it stands.
    """

    token_id: str
    consumer: str
    roles: tuple[str, ...]
    territories: tuple[str, ...]
    expires_at: int | None
    by: str
    at: int
    revoked_at: int | None = None

    def stands(self, now: int) -> bool:
        """Whether it lets a program in at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Tokens:
    """Tokens of the API."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issue(
        self,
        consumer: str,
        *,
        roles: tuple[str, ...],
        territories: tuple[str, ...] = (),
        expires_at: int | None = None,
        by: str,
        now: int,
    ) -> tuple[Token, str]:
        """A new token; the text that the program sends is given here and never again.

        Raises:
            WrongUsage: When nobody is named.
        """
        actor, secret = named(by), _START + secrets.token_urlsafe(32)
        row = {
            "action": _ISSUED,
            "token_id": secrets.token_hex(6),
            "consumer": consumer,
            "roles": sorted(roles),
            "territories": sorted(territories),
            "token_sha256": _hash(secret),
            "expires_at": expires_at,
            "by": actor,
            "at": now,
        }
        with writing(self._engine) as connection:
            subject = f"token {row['token_id']}"
            audit.record(connection, row, at=now, actor=actor, action=Action.ISSUE_TOKEN, subject=subject)
        return Token(
            str(row["token_id"]), consumer, tuple(sorted(roles)), tuple(sorted(territories)), expires_at, actor, now
        ), secret

    def revoke(self, token_id: str, *, by: str, now: int) -> Token:
        """Take a token back; it lets nobody in from then on.

        Raises:
            WrongUsage: When there is no such token, or nobody is named.
            GateRefused: When it was revoked before.
        """
        actor = named(by)
        with writing(self._engine) as connection:
            rows = _rows(connection, TOKENS.c.token_id == token_id)
            if not rows:
                known = connection.execute(select(TOKENS.c.token_id)).scalars()
                raise WrongUsage(f"there is no token {token_id!r}", todo=nearest(token_id, known))
            if len(rows) > 1:
                raise GateRefused("it was revoked before", where=f"token {token_id}")
            taken = {name: value for name, value in rows[0]._mapping.items() if name != "sequence"}
            row = {**taken, "action": _REVOKED, "by": actor, "at": now}
            audit.record(connection, row, at=now, actor=actor, action=Action.REVOKE_TOKEN, subject=f"token {token_id}")
            return _token(_rows(connection, TOKENS.c.token_id == token_id))

    def find(self, secret: str, *, now: int) -> Token | None:
        """The token behind what a program sent; None where none stands."""
        with reading(self._engine) as connection:
            rows = _rows(connection, TOKENS.c.token_sha256 == _hash(secret))
        found = _token(rows) if rows else None
        return found if found is not None and found.stands(now) else None

    def all(self) -> tuple[Token, ...]:
        """Every token, oldest first, with those that were revoked."""
        with reading(self._engine) as connection:
            rows = _rows(connection, TOKENS.c.sequence > 0)
        by_id: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_id.setdefault(row.token_id, []).append(row)
        return tuple(_token(each) for each in by_id.values())


def _rows(connection: Connection, where: Any) -> list[Row[Any]]:
    return list(connection.execute(select(TOKENS).where(where).order_by(TOKENS.c.sequence)))


def _token(rows: list[Row[Any]]) -> Token:
    issued, last = rows[0], rows[-1]
    return Token(
        issued.token_id,
        issued.consumer,
        tuple(issued.roles),
        tuple(issued.territories),
        issued.expires_at,
        issued.by,
        issued.at,
        last.at if last.action == _REVOKED else None,
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
