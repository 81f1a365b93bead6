"""Doorkeepers: who somebody is, by a session that was opened here or by a proxy that vouches for them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from starlette.requests import Request

from salesworthy.domain.moments import MICROSECONDS_PER_SECOND
from salesworthy.ledger.store import Ledger
from salesworthy.web.refusals import Refused
from salesworthy.web.roles import Viewer
from salesworthy.web.sign_in.addresses import Proxies, peer
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.sign_in.viewers import program_of, viewer_of

_HOUR = 3600 * MICROSECONDS_PER_SECOND
IDLE = 12 * _HOUR
"""A session that is not used for so long has ended."""
WHOLE = 7 * 24 * _HOUR
"""No session lasts longer."""
_NOTED = _HOUR // 12
"""Use of a session is written down so often."""
PROXY_SECRET = "X-Salesworthy-Proxy-Secret"  # noqa: S105  # the name of a header
"""The header by which a proxy shows that it is the one."""
_BEARER = "bearer "


@dataclass(frozen=True)
class Sessions:
    """People who signed in here, by the key in their cookie.

    Attributes:
        ledger: Sessions and rights.
        cookies: The cookies of the site.
    """

    ledger: Ledger
    cookies: Cookies

    def person(self, request: Request, now: int) -> Viewer | None:
        """Whose session it is."""
        key = self.cookies.session(request)
        found = self.ledger.users.session(key) if key else None
        if found is None or now - found.opened_at > WHOLE or now - found.seen_at > IDLE:
            return None
        if now - found.seen_at > _NOTED:
            self.ledger.users.touch_session(key, now=now)
        return viewer_of(found.user)

    def program(self, request: Request, now: int) -> Viewer | None:
        """Whose token it is."""
        return by_token(self.ledger, request, now)

    def bound(self, request: Request, form: str) -> str:
        """The key of the session, or else the form cookie."""
        return self.cookies.session(request) or form


@dataclass(frozen=True)
class BehindProxy:
    """People whom a proxy signed in: it names them in a header, from a known address, with a secret.

    Attributes:
        ledger: Rights; somebody whom it does not know gets in nowhere.
        proxies: From where the proxy asks.
        header: Where it names who is signed in.
        secret: What it shows.

    Raises:
        ValueError: When no address or no secret is given: anybody could then claim to be anybody.
    """

    ledger: Ledger
    proxies: Proxies
    header: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.proxies.networks or not self.secret:
            raise ValueError("a proxy is trusted by its address and its secret; one of them is missing")

    def person(self, request: Request, now: int) -> Viewer | None:  # noqa: ARG002
        """Whom the proxy names.

        Raises:
            Refused: When it is not the proxy that asks, it names nobody, or the ledger does not know whom it names.
        """
        self._check(request)
        named = request.headers.getlist(self.header)
        if len(named) != 1 or not named[0].strip():
            raise Refused(401, "The proxy did not say who you are.", todo="Sign in there, and come back.")
        viewer = viewer_of(self.ledger.users.find(named[0].strip()))
        if viewer is None:
            todo = "Ask an administrator to add you: salesworthy people add."
            raise Refused(403, "You are signed in, but you have no rights here.", todo=todo)
        return viewer

    def program(self, request: Request, now: int) -> Viewer | None:
        """Whose token it is."""
        self._check(request)
        return by_token(self.ledger, request, now)

    def bound(self, request: Request, form: str) -> str:
        """The form cookie with whom the proxy names, so that a form serves nobody else."""
        return f"{form} {request.headers.get(self.header, '')}" if form else ""

    def _check(self, request: Request) -> None:
        shown = request.headers.get(PROXY_SECRET, "").encode()
        if not self.proxies.holds(peer(request)) or not hmac.compare_digest(shown, self.secret.encode()):
            raise Refused(403, "These pages are reached through their proxy only.")


def new_session(ledger: Ledger, name: str, *, now: int) -> str:
    """A session for whoever signed in; returns its key. Sessions that have ended by themselves are cleared away."""
    ledger.users.end_sessions(opened_before=now - WHOLE, seen_before=now - IDLE)
    return ledger.users.open_session(name, now=now)


def by_token(ledger: Ledger, request: Request, now: int) -> Viewer | None:
    """Whose token a program sent."""
    sent = request.headers.get("Authorization", "")
    if not sent.lower().startswith(_BEARER):
        return None
    found = ledger.tokens.find(sent[len(_BEARER) :].strip(), now=now)
    return None if found is None else program_of(found)
