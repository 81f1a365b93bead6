"""Passwords: argon2id, with its own salt in each hash; looked at two at a time, for each takes memory on purpose."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 12
LONGEST = 512
_HASHER = PasswordHasher()
_ROOM = BoundedSemaphore(2)


def mistake(password: str, *, name: str) -> str:
    """What is wrong with a new password, as a sentence; empty where nothing is.

    Example:
        >>> mistake("short", name="J. Doe")
        'A password has at least 12 letters.'
        >>> mistake("four plain words here", name="J. Doe")
        ''
    """
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} letters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} letters."
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        return "That password is too easy to guess."
    return ""


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters."""
    with _ROOM:
        return _HASHER.hash(password)


def is_right(password: str, stands: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long where there is none."""
    with _ROOM:
        try:
            return _HASHER.verify(_nobodys() if stands is None else stands, password[: LONGEST + 1]) and bool(stands)
        except (Argon2Error, InvalidHashError):
            return False


_MADE: list[str] = []


def _nobodys() -> str:
    """A hash that no password has: looking at it takes as long as at any other."""
    if not _MADE:
        _MADE.append(_HASHER.hash("nobody's password, never accepted"))
    return _MADE[0]
