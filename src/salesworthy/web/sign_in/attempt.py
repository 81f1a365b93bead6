"""One attempt to sign in with a password: slowed down per account and per address, and alike for every wrong answer."""

from __future__ import annotations

from collections.abc import Mapping

from salesworthy.ledger.store import Ledger
from salesworthy.web.refusals import Refused
from salesworthy.web.sign_in.doorkeepers import new_session
from salesworthy.web.sign_in.passwords import is_right

FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 20
WRONG = "That name and password do not belong together."
"""What is said of every wrong attempt: it does not tell whether there is such a name."""


def sign_in(ledger: Ledger, name: str, password: str, *, address: str, now: int) -> str:
    """Open a session for whoever knows the password; returns its key.

    Args:
        ledger: People, passwords, and attempts.
        name: As it was typed.
        password: As it was typed.
        address: Where the attempt comes from.
        now: Microseconds UTC.

    Raises:
        Refused: 401 when the two do not belong together; 429 when too many attempts failed: this one was not looked at.
    """
    account, place = _account(name), f"address {address}"
    _check(ledger, {account: FREE_PER_ACCOUNT, place: FREE_PER_ADDRESS}, name, password, now=now, says=WRONG)
    ledger.attempts.succeeded(account, others=[place])
    return new_session(ledger, name, now=now)


def check_again(ledger: Ledger, name: str, password: str, *, now: int) -> None:
    """Refuse somebody who is signed in and does not know the password; counted like an attempt.

    Raises:
        Refused: When it is wrong, or too many attempts failed.
    """
    says = "That is not your present password."
    _check(ledger, {_account(name): FREE_PER_ACCOUNT}, name, password, now=now, says=says)
    ledger.attempts.succeeded(_account(name))


def _check(ledger: Ledger, keys: Mapping[str, int], name: str, password: str, *, now: int, says: str) -> None:
    wait = ledger.attempts.begin(keys, now=now)
    if wait:
        told = f"Too many attempts failed. Try again in {_words(wait)}."
        raise Refused(429, told, headers={"Retry-After": str(wait)})
    if not is_right(password, ledger.users.password_hash(name)):
        raise Refused(401, says)


def _account(name: str) -> str:
    return f"account {name.casefold()}"


def _words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{-(-seconds // 60)} minutes"
