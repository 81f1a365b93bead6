"""Pages for signing in at an identity provider."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from salesworthy.web.access import PUBLIC
from salesworthy.web.errors import SIGN_IN
from salesworthy.web.refusals import Refused
from salesworthy.web.routes import Area
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.sign_in.doorkeepers import new_session
from salesworthy.web.sign_in.pages import is_ours, outside_area
from salesworthy.web.sign_in.provider import Asked, Provider
from salesworthy.web.sign_in.viewers import viewer_of
from salesworthy.web.visit import Here

START = f"{SIGN_IN}/start"
BACK = f"{SIGN_IN}/back"
"""Where the provider sends browsers back to; it must be registered there."""
_HOME = "/"


def provider_area(provider: Provider, cookies: Cookies) -> Area:
    """Routes for signing in at an identity provider."""
    area = outside_area(cookies)

    @area.get(SIGN_IN, access=PUBLIC)
    def form(visit: Here, next: str = _HOME) -> Response:  # noqa: A002
        """The way there; a page, so that signing out is not signing in again."""
        if visit.viewer is not None:
            return visit.go(next if is_ours(next) else _HOME)
        return visit.page("sign_in_elsewhere.html", next=next if is_ours(next) else _HOME)

    @area.get(START, access=PUBLIC)
    def start(visit: Here, next: str = _HOME) -> Response:  # noqa: A002, ARG001
        """Off to the provider."""
        asked = Asked.new(next if is_ours(next) else _HOME)
        answer = RedirectResponse(provider.address(asked), status_code=303)
        cookies.set_asked(answer, asked.to_cookie())
        return answer

    @area.get(BACK, access=PUBLIC)
    def back(visit: Here, code: str = "", state: str = "") -> Response:
        """Back from the provider."""
        asked = Asked.from_cookie(cookies.asked(visit.request))
        name = provider.name(asked, state=state, code=code, now=visit.now)
        if viewer_of(visit.services.ledger.users.find(name)) is None:
            todo = "Ask an administrator to add you: salesworthy people add."
            raise Refused(403, "You are signed in there, but you have no rights here.", todo=todo)
        answer = visit.go(asked.then if is_ours(asked.then) else _HOME)
        cookies.set_session(answer, new_session(visit.services.ledger, name, now=visit.now))
        cookies.end_asked(answer)
        return answer

    return area
