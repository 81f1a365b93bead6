"""The application: routes behind the gate, and nothing beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from salesworthy.web import core
from salesworthy.web.assets import Assets
from salesworthy.web.errors import handlers
from salesworthy.web.gate import Doorkeeper, Gate
from salesworthy.web.headers import Headers
from salesworthy.web.rendering import Rendering
from salesworthy.web.routes import Area, Declared, check_gated, register
from salesworthy.web.services import Services
from salesworthy.web.sign_in.cookies import Cookies

_MAX_BODY = 256 * 1024
THREADS = 8
"""Pages that are made at once. More threads wait for each other: a page then costs more of the processor."""


@dataclass
class Counters:
    """What the pages count of themselves.

    Attributes:
        csp_reports: What pages tried and browsers refused, since the start.
    """

    csp_reports: int = 0


@dataclass(frozen=True)
class Site:
    """Where pages are and how they are reached.

    Attributes:
        origin: As browsers write it: ``http://127.0.0.1:8642``, ``https://leads.acme.example``.
        also: Other names of the same place.
    """

    origin: str
    also: tuple[str, ...] = ()

    @property
    def is_secure(self) -> bool:
        """Whether they are reached by HTTPS; cookies are then sent by nothing else."""
        return self.origin.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """Every name of the place."""
        return frozenset({self.origin, *self.also})

    @property
    def hosts(self) -> list[str]:
        """Hosts under which they may be asked for; a request for another one was led here."""
        found = {urlsplit(each).hostname or "" for each in self.origins}
        return sorted(f"[{each}]" if ":" in each else each for each in found)


def create_app(services: Services, doorkeeper: Doorkeeper, site: Site, *, areas: Iterable[Area]) -> FastAPI:
    """The application.

    Args:
        services: What pages work with.
        doorkeeper: Tells who somebody is.
        site: Where the pages are.
        areas: The routes, beside those that every page needs.

    Raises:
        InternalError: When a route says nothing about who may use it.
    """
    assets = Assets()
    rendering = Rendering(assets, services.workspace)
    app = FastAPI(
        title="salesworthy",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_with_few_threads,
        max_body_size=_MAX_BODY,
        exception_handlers=handlers(),
        middleware=[
            Middleware(Headers, secure=site.is_secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=site.hosts, www_redirect=False),
        ],
    )
    declared: list[Declared] = [route for area in (core.area, *areas) for route in area.routes]
    app.state.assets = assets
    app.state.counters = Counters()
    app.state.site = site
    app.state.route_table = tuple(declared)
    app.state.gate = Gate(doorkeeper, services, rendering, Cookies(site.is_secure), site.origins)
    register(app, declared)
    check_gated(app)
    return app


@asynccontextmanager
async def _with_few_threads(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield
