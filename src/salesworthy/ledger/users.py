"""People who use the pages: their rights as the record has them, their passwords, their sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, select, update

from salesworthy.ledger import audit
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.records import Action, named
from salesworthy.ledger.seals import password_seal
from salesworthy.ledger.tables import PASSWORDS, SESSIONS, USERS


@dataclass(frozen=True)
class User:
    """Somebody who may sign in, as the latest record about them says.

    Attributes:
        name: How they sign in, and how the ledger writes them.
        roles: What they do; the pages know which there are.
        territories: What they see of leads, where a role is limited.
        signs_as: The role in which they vote in a calibration review.
        active: Whether they may sign in.
        has_password: Whether a password is theirs; without one a proxy or an identity provider vouches for them.
        by: Who recorded this.
        at: When, in microseconds.
    """

    name: str
    roles: tuple[str, ...]
    territories: tuple[str, ...] = ()
    signs_as: str | None = None
    active: bool = True
    has_password: bool = False
    by: str = ""
    at: int = 0


@dataclass(frozen=True)
class Session:
    """A signed-in browser: who, since when, and when it last asked; microseconds."""

    user: User
    opened_at: int
    seen_at: int


class Users:
    """People, passwords and sessions. Rights are recorded for good; passwords and sessions stand until they change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, user: User, *, by: str, now: int, password_hash: str | None = None) -> User:
        """Record what somebody may do from now on; a new password, or none any more, ends their sessions.

        Args:
            user: ``has_password``: a password that stands is kept, or else removed.
            by: Who says so.
            now: Microseconds UTC.
            password_hash: Of a new password.

        Raises:
            WrongUsage: When nobody is named.
        """
        actor = named(by)
        with writing(self._engine) as connection:
            stands = _password(connection, user.name) if user.has_password else None
            kept = password_hash or stands
            row = {
                "name": user.name,
                "roles": sorted(user.roles),
                "territories": sorted(user.territories),
                "signs_as": user.signs_as,
                "active": int(user.active),
                "password_seal": None if kept is None else password_seal(kept),
                "by": actor,
                "at": now,
            }
            audit.record(connection, row, at=now, actor=actor, action=Action.SET_USER, subject=f"user {user.name}")
            _keep_password(connection, user.name, kept)
            if password_hash is not None or kept is None or not user.active:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.name == user.name))
            return _user(_written(connection, user.name))

    def find(self, name: str) -> User | None:
        """That user, active or not; None when there never was one."""
        with reading(self._engine) as connection:
            return _find(connection, name)

    def all(self) -> tuple[User, ...]:
        """Everybody, by name."""
        with reading(self._engine) as connection:
            latest: dict[str, Row[Any]] = {
                row.name: row for row in connection.execute(select(USERS).order_by(USERS.c.sequence))
            }
        return tuple(_user(latest[name]) for name in sorted(latest))

    def password_hash(self, name: str) -> str | None:
        """The hash of an active user's password, where it is the one that was recorded."""
        with reading(self._engine) as connection:
            row = _latest(connection, name)
            found = _password(connection, name)
        if row is None or found is None or not row.active or password_seal(found) != row.password_seal:
            return None
        return found

    # Sessions

    def open_session(self, name: str, *, now: int) -> str:
        """A new session of a user; returns its key, which is kept nowhere else."""
        key = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            row = {"session_sha256": _hash(key), "name": name, "opened_at": now, "seen_at": now}
            connection.execute(SESSIONS.insert().values(row))
        return key

    def session(self, key: str) -> Session | None:
        """The session of a key, with the rights that its user has now; None when it ended or the user is not active."""
        with reading(self._engine) as connection:
            row = connection.execute(select(SESSIONS).where(SESSIONS.c.session_sha256 == _hash(key))).first()
            user = None if row is None else _find(connection, row.name)
        if row is None or user is None or not user.active:
            return None
        return Session(user, row.opened_at, row.seen_at)

    def touch_session(self, key: str, *, now: int) -> None:
        """Note that a session was used."""
        with writing(self._engine) as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.session_sha256 == _hash(key)).values(seen_at=now))

    def end_session(self, key: str) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.session_sha256 == _hash(key)))

    def end_sessions(self, *, opened_before: int, seen_before: int) -> None:
        """End sessions that are too old, or were not used for too long."""
        old = (SESSIONS.c.opened_at < opened_before) | (SESSIONS.c.seen_at < seen_before)
        with writing(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(old))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _keep_password(connection: Connection, name: str, kept: str | None) -> None:
    connection.execute(delete(PASSWORDS).where(PASSWORDS.c.name == name))
    if kept is not None:
        connection.execute(PASSWORDS.insert().values(name=name, hash=kept))


def _password(connection: Connection, name: str) -> str | None:
    found: str | None = connection.execute(select(PASSWORDS.c.hash).where(PASSWORDS.c.name == name)).scalar()
    return found


def _latest(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(_of(name)).first()


def _of(name: str) -> Select[Any]:
    return select(USERS).where(USERS.c.name == name).order_by(USERS.c.sequence.desc()).limit(1)


def _find(connection: Connection, name: str) -> User | None:
    row = _latest(connection, name)
    return None if row is None else _user(row)


def _written(connection: Connection, name: str) -> Row[Any]:
    return connection.execute(_of(name)).one()


def _user(row: Row[Any]) -> User:
    return User(
        row.name,
        tuple(row.roles),
        tuple(row.territories),
        row.signs_as,
        bool(row.active),
        row.password_seal is not None,
        row.by,
        row.at,
    )
