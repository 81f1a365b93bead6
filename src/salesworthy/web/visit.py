"""A visit: one admitted request, with who asks, what they may see, and what a page is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from salesworthy.domain.errors import InternalError
from salesworthy.web.rendering import Rendering
from salesworthy.web.roles import Viewer
from salesworthy.web.scope import Scope
from salesworthy.web.services import Services


@dataclass(frozen=True)
class Visit:
    """An admitted request.

    Attributes:
        request: The request; its form was checked.
        viewer: Who asks; None on public pages without a signed-in person.
        scope: The leads that they may see on this route; give it to every function of the store.
        now: This moment, in microseconds.
        services: The store, and what pages may have done.
        form_token: The value of the field ``csrf`` of every form.
        rendering: What templates are filled with.
    """

    request: Request
    viewer: Viewer | None
    scope: Scope
    now: int
    services: Services
    form_token: str
    rendering: Rendering

    @property
    def person(self) -> Viewer:
        """Who asks, where somebody must have signed in.

        Raises:
            InternalError: On a public route.
        """
        if self.viewer is None:
            raise InternalError("a public route asked who is there")
        return self.viewer

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("HX-Request") == "true" and "HX-Boosted" not in self.request.headers

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A template filled in; ``visit`` is there as well, and every text is escaped."""
        text = self.rendering.fill(template, {"visit": self, **values})
        return HTMLResponse(text, status_code=status)

    def go(self, path: str) -> RedirectResponse:
        """Send the browser to another page of ours, as after every change."""
        if not path.startswith("/") or path.startswith(("//", "/\\")):
            raise InternalError(f"{path!r} is no page of ours")
        return RedirectResponse(path, status_code=303)


def current(request: Request) -> Visit:
    """The visit that the gate admitted.

    Raises:
        InternalError: When the request went past the gate.
    """
    visit = getattr(request.state, "visit", None)
    if not isinstance(visit, Visit):
        raise InternalError("the request went past the gate")
    return visit


Here = Annotated[Visit, Depends(current)]
"""The type of a handler's parameter that receives the visit."""
