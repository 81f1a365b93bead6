"""Routes: declared with the policy of who may use them, and registered with it or not at all."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from salesworthy.domain.errors import InternalError
from salesworthy.web.access import Access, Entry

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Declared:
    """A route before it is registered: one line of the route table."""

    path: str
    methods: frozenset[str]
    access: Access
    handler: Handler
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return not self.methods <= SAFE


class Area:
    """The routes of one part of the pages; ``create_app`` registers them.

    Example:
        >>> from salesworthy.web.access import SIGNED_IN
        >>> area = Area()
        >>> @area.get("/handbook", access=SIGNED_IN)
        ... def handbook() -> str:
        ...     return "the handbook"
        >>> [(each.path, sorted(each.methods)) for each in area.routes]
        [('/handbook', ['GET'])]
    """

    def __init__(self) -> None:
        self.routes: list[Declared] = []

    def get(self, path: str, *, access: Access, **options: Any) -> Callable[[Handler], Handler]:
        """A page or document; it changes nothing."""
        return self._declare(path, {"GET"}, access, options)

    def post(self, path: str, *, access: Access, **options: Any) -> Callable[[Handler], Handler]:
        """A change; pages carry a form token, see ``gate``."""
        return self._declare(path, {"POST"}, access, options)

    def _declare(
        self, path: str, methods: Iterable[str], access: Access, options: dict[str, Any]
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.routes.append(Declared(path, frozenset(methods), access, handler, options))
            return handler

        return keep


class GatedRoute(APIRoute):
    """A route behind the gate: its handler is called once the gate has let the request in.

    Raises:
        InternalError: When it has no policy.
    """

    access: ClassVar[Access | None] = None

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:
        if self.access is None:
            raise InternalError(f"the route {path} says nothing about who may use it")
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the gate."""
        handle = super().get_route_handler()
        access = self.access
        if access is None:
            raise InternalError("a route without a policy was registered")

        async def gated(request: Request) -> Response:
            gate = request.app.state.gate
            await gate.admit(request, access)
            response = await handle(request)
            gate.dismiss(request, response)
            return response

        return gated


def register(app: FastAPI, declared: Iterable[Declared]) -> None:
    """Put routes behind the gate."""
    for each in declared:
        kind = type("Gated", (GatedRoute,), {"access": each.access})
        of_api = each.access.entry is Entry.API
        options = {"include_in_schema": of_api, **({} if of_api else {"response_class": HTMLResponse}), **each.options}
        app.router.add_api_route(
            each.path, each.handler, methods=sorted(each.methods), route_class_override=kind, **options
        )


def check_gated(app: FastAPI) -> None:
    """Refuse an application with a route beside the gate.

    Raises:
        InternalError: Naming the first such route.
    """
    for route in app.router.routes:
        if not isinstance(route, GatedRoute):
            raise InternalError(f"the route {getattr(route, 'path', route)} does not go through the gate")
