"""One attempt to sign in with a password: slowed down per account and per address, and alike for every wrong answer."""

from __future__ import annotations

from salesworthy.ledger.store import Ledger
from salesworthy.web.refusals import Refused
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
    account = f"account {name.casefold()}"
    keys = {account: FREE_PER_ACCOUNT, f"address {address}": FREE_PER_ADDRESS}
    wait = ledger.attempts.wait(keys, now=now)
    if wait:
        says = f"Too many attempts failed. Try again in {_words(wait)}."
        raise Refused(429, says, headers={"Retry-After": str(wait)})
    if not is_right(password, ledger.users.password_hash(name)):
        ledger.attempts.failed(keys, now=now)
        raise Refused(401, WRONG)
    ledger.attempts.succeeded(account)
    return ledger.users.open_session(name, now=now)


def check_again(ledger: Ledger, name: str, password: str, *, now: int) -> None:
    """Refuse somebody who is signed in and does not know the password; counted like an attempt.

    Raises:
        Refused: When it is wrong, or too many attempts failed.
    """
    keys = {f"account {name.casefold()}": FREE_PER_ACCOUNT}
    wait = ledger.attempts.wait(keys, now=now)
    if wait:
        raise Refused(429, f"Too many attempts failed. Try again in {_words(wait)}.")
    if not is_right(password, ledger.users.password_hash(name)):
        ledger.attempts.failed(keys, now=now)
        raise Refused(401, "That is not your present password.")


def _words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{-(-seconds // 60)} minutes"
