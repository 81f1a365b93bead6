"""Form tokens: a change is taken only from a form that we made for this very browser.

A token is a secret of the browser's cookie, masked anew for every page, so that compressed pages do not leak it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from hashlib import sha256

from starlette.requests import Request

from salesworthy.web.refusals import no_form_token

FIELD = "csrf"
"""The field of every form."""
HEADER = "X-CSRF-Token"
"""The header that scripts may use in its place."""
_BYTES = 32


def secret_of(cookie: str) -> bytes:
    """The secret that goes with a cookie; it does not tell the cookie."""
    return sha256(b"form token of " + cookie.encode()).digest()


def masked(secret: bytes) -> str:
    """A token for one page.

    Example:
        >>> token = masked(secret_of("a cookie"))
        >>> matches(token, secret_of("a cookie")), matches(token, secret_of("another"))
        (True, False)
    """
    mask = secrets.token_bytes(_BYTES)
    return (mask + _xor(mask, secret)).hex()


def matches(token: str, secret: bytes) -> bool:
    """Whether a token was made from that secret."""
    try:
        given = bytes.fromhex(token)
    except ValueError:
        return False
    return len(given) == 2 * _BYTES and hmac.compare_digest(_xor(given[:_BYTES], given[_BYTES:]), secret)


async def check_form(request: Request, bound: str, origins: Collection[str]) -> None:
    """Refuse a change that another site sent.

    Args:
        request: Its form is read.
        bound: What the token must be bound to; empty where the browser has nothing that it could be.
        origins: Where our pages are, such as ``https://leads.acme.example``.

    Raises:
        Refused: When the browser names another origin, or the token is missing or wrong.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise no_form_token()
    told = request.headers.get("Origin")
    if told is not None and told not in origins:
        raise no_form_token()
    given = request.headers.get(HEADER)
    if given is None:
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else ""
    if not bound or not matches(given, secret_of(bound)):
        raise no_form_token()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
