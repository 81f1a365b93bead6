"""Sign-ins that failed lately, counted per account and per address, so that guessing takes too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from sqlalchemy import Connection, Engine, delete, select, update

from salesworthy.domain.moments import MICROSECONDS_PER_SECOND
from salesworthy.ledger.connection import reading, writing
from salesworthy.ledger.tables import ATTEMPTS

LONGEST_SECONDS = 900
"""No wait is longer; after as long without an attempt, all is forgotten."""


class Attempts:
    """Failures per key; what is kept of a key is its hash."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, keys: Mapping[str, int], *, now: int) -> int:
        """Count an attempt as failed until it is known to be right, so that many at once are no way round the wait.

        Args:
            keys: Key -> how many failures cost nothing; each one after doubles the wait.
            now: Microseconds UTC.

        Returns:
            Seconds until the next attempt is looked at; this one is not, and is not counted. 0: it is counted.
        """
        with reading(self._engine) as connection:  # whoever waits already keeps nobody from writing
            wait = _wait(connection, keys, now)
        if wait:
            return wait
        with writing(self._engine) as connection:
            wait = _wait(connection, keys, now)
            if not wait:
                _forget_old(connection, now)
                for key in keys:
                    _count(connection, _hash(key), now)
        return wait

    def succeeded(self, key: str, *, others: Iterable[str] = ()) -> None:
        """The attempt was right: forget the failures of a key, and take this one back from the others."""
        with writing(self._engine) as connection:
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key == _hash(key)))
            for other in others:
                one_less = {"failures": ATTEMPTS.c.failures - 1}
                connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.key == _hash(other)).values(one_less))


def wait_seconds(failures: int, *, free: int) -> int:
    """How long to wait after so many failures, of which some are free.

    Example:
        >>> [wait_seconds(number, free=5) for number in (4, 5, 6, 9, 40)]
        [0, 1, 2, 16, 900]
    """
    if failures < free:
        return 0
    return int(min(2 ** min(failures - free, 20), LONGEST_SECONDS))


def _wait(connection: Connection, keys: Mapping[str, int], now: int) -> int:
    free = {_hash(key): failures for key, failures in keys.items()}
    rows = connection.execute(select(ATTEMPTS).where(ATTEMPTS.c.key.in_(free))).all()
    waits = (_left(wait_seconds(row.failures, free=free[row.key]), row.last_at, now) for row in rows)
    return max(waits, default=0)


def _left(wait: int, last_at: int, now: int) -> int:
    if not wait:  # of two at once, the one that began later may be counted first: then last_at is after now
        return 0
    until = last_at + wait * MICROSECONDS_PER_SECOND
    return max(0, -((now - until) // MICROSECONDS_PER_SECOND))


def _count(connection: Connection, key: str, now: int) -> None:
    failures = connection.execute(select(ATTEMPTS.c.failures).where(ATTEMPTS.c.key == key)).scalar() or 0
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key == key))
    connection.execute(ATTEMPTS.insert().values(key=key, failures=failures + 1, last_at=now))


def _forget_old(connection: Connection, now: int) -> None:
    limit = now - LONGEST_SECONDS * MICROSECONDS_PER_SECOND
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.last_at < limit))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
