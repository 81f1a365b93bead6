"""Pages that are served: the parts put together for a way of signing in, and the server that answers."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import uvicorn
from fastapi import FastAPI

from salesworthy.domain.errors import UserError
from salesworthy.web.app import Site, create_app
from salesworthy.web.gate import Doorkeeper
from salesworthy.web.routes import Area
from salesworthy.web.services import Services
from salesworthy.web.sign_in.addresses import Proxies
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.sign_in.doorkeepers import BehindProxy, Sessions
from salesworthy.web.sign_in.pages import password_area, proxy_area
from salesworthy.web.sign_in.provider import Provider
from salesworthy.web.sign_in.provider_pages import BACK, provider_area

_STOP_SECONDS = 5


@dataclass(frozen=True)
class SignIn:
    """How people sign in.

    Attributes:
        kind: By a password here, by a proxy that vouches for them, or at an identity provider.
        proxies: Addresses or networks that are believed where a request comes from.
        proxy_header: Where the proxy names who is signed in.
        proxy_secret: What it shows.
        issuer: The identity provider.
        client_id: What it calls us.
        client_secret: What it gave us.
        name_claim: Which of its claims is the name of a person here.
    """

    kind: Literal["password", "proxy", "oidc"] = "password"
    proxies: tuple[str, ...] = ()
    proxy_header: str = "X-Forwarded-User"
    proxy_secret: str = field(default="", repr=False)
    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    name_claim: str = "email"


def pages(services: Services, sign_in: SignIn, site: Site, *, areas: Iterable[Area]) -> FastAPI:
    """The application for a way of signing in.

    Raises:
        ValueError: When a proxy signs people in, and has no address or no secret.
    """
    cookies, proxies = Cookies(site.is_secure), Proxies.of(sign_in.proxies)
    doorkeeper: Doorkeeper
    if sign_in.kind == "proxy":
        doorkeeper = BehindProxy(services.ledger, proxies, sign_in.proxy_header, sign_in.proxy_secret)
        return create_app(services, doorkeeper, site, areas=[*areas, proxy_area(cookies)])
    doorkeeper = Sessions(services.ledger, cookies)
    if sign_in.kind == "oidc":
        provider = Provider(
            sign_in.issuer, sign_in.client_id, sign_in.client_secret, site.origin + BACK, sign_in.name_claim
        )
        return create_app(services, doorkeeper, site, areas=[*areas, provider_area(provider, cookies)])
    return create_app(services, doorkeeper, site, areas=[*areas, password_area(cookies, proxies)])


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        UserError: When something else listens there, or the address is not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        todo = "stop what listens there, or choose another with --port"
        raise UserError(f"the pages cannot be opened: {error.strerror}", where=f"{host}:{port}", todo=todo) from error


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Answer until the process is told to stop.

    No line per request is written: addresses hold the names and ids that people look for.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=_STOP_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    uvicorn.Server(config).run(sockets=[listening])
