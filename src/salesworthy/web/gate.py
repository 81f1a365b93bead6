"""The gate: every request goes through it, and is refused unless the policy of its route lets it in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from salesworthy.web.access import Access, Entry, Leads
from salesworthy.web.form_tokens import check_form, masked, secret_of
from salesworthy.web.refusals import NotSignedIn, Refused, no_right
from salesworthy.web.rendering import Rendering
from salesworthy.web.roles import Viewer
from salesworthy.web.routes import SAFE
from salesworthy.web.scope import Scope
from salesworthy.web.services import Services
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.visit import Visit


class Doorkeeper(Protocol):
    """Tells who somebody is: by a session, by what a proxy vouches for, or by a token of the API."""

    def person(self, request: Request, now: int) -> Viewer | None:
        """Who is signed in; None is nobody."""

    def program(self, request: Request, now: int) -> Viewer | None:
        """Whose token was shown; None is nobody's."""

    def bound(self, request: Request, form: str) -> str:
        """What form tokens of this browser are bound to, given its form cookie; empty where there is nothing."""


@dataclass(frozen=True)
class Gate:
    """The gate of an application.

    Attributes:
        doorkeeper: Tells who somebody is.
        services: What pages work with.
        rendering: What templates are filled with.
        cookies: The cookies of the site.
        origins: Where our pages are, as browsers write it.
    """

    doorkeeper: Doorkeeper
    services: Services
    rendering: Rendering
    cookies: Cookies
    origins: frozenset[str]

    async def admit(self, request: Request, access: Access) -> None:
        """Let a request in, and put its ``Visit`` into ``request.state``.

        Raises:
            NotSignedIn: When somebody must sign in first.
            Refused: When the viewer's role is not let in, or a change did not come from a form of ours.
        """
        now = self.services.clock()
        viewer = await run_in_threadpool(self._viewer, request, access, now)
        if viewer is not None and access.roles is not None and not viewer.may(access.roles):
            raise no_right()
        bound = self._bound(request, access)
        if access.entry is Entry.PAGE and request.method not in SAFE:
            await check_form(request, bound, self.origins)
        scope = Scope.nothing()
        if viewer is not None and access.leads is Leads.SCOPED and access.roles is not None:
            scope = viewer.scope(access.roles)
        token = masked(secret_of(bound))
        request.state.visit = Visit(request, viewer, scope, now, self.services, token, self.rendering)

    def dismiss(self, request: Request, response: Response) -> None:
        """Give a browser that has none yet what its form tokens are bound to."""
        form = getattr(request.state, "new_form_cookie", "")
        if form:
            self.cookies.set_form(response, form)

    def _bound(self, request: Request, access: Access) -> str:
        form = self.cookies.form(request)
        bound = self.doorkeeper.bound(request, form)
        if bound or access.entry is not Entry.PAGE or request.method not in SAFE:
            return bound
        request.state.new_form_cookie = secrets.token_urlsafe(24)
        return self.doorkeeper.bound(request, request.state.new_form_cookie)

    def _viewer(self, request: Request, access: Access, now: int) -> Viewer | None:
        """Who asks.

        Raises:
            Refused: When nobody does, and somebody must.
        """
        if access.entry is Entry.FILE:
            return None
        if access.entry is Entry.API:
            viewer = self.doorkeeper.program(request, now)
            if viewer is None and not access.is_public:
                todo = "Send a token: Authorization: Bearer TOKEN."
                raise Refused(401, "No valid token was sent.", todo=todo, headers={"WWW-Authenticate": "Bearer"})
            return viewer
        viewer = self.doorkeeper.person(request, now)
        if viewer is None and not access.is_public:
            raise NotSignedIn
        return viewer
