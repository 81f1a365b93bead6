"""``salesworthy serve``: the pages."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from salesworthy.cli.app import AsJson, app
from salesworthy.cli.terminal import now, print_result, say

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.app import Site
    from salesworthy.web.routes import Area
    from salesworthy.web.serving import SignIn

PORT = 8642


@app.command(epilog="Example: salesworthy serve --port 8642")
def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Listen there. Others than this machine need [web].")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = PORT,
    as_json: AsJson = False,
) -> None:
    """Open the pages and the API, until stopped by Ctrl-C; with --json, where they are is printed first, once."""
    from salesworthy.cli.serve_store import store_of
    from salesworthy.cli.serve_work import work_of
    from salesworthy.runs.settings_web import check_serving
    from salesworthy.web import serving
    from salesworthy.web.services import Services

    workspace = context.obj.open()
    check_serving(workspace.settings.web, host=host, environ=os.environ)
    listening = serving.bound_socket(host, port)
    say("reading the newest run ...")
    site = _site(workspace, host, listening.getsockname()[1])
    services = Services(
        workspace.ledger, store_of(workspace), work_of(workspace), now, workspace.settings.workspace.name
    )
    pages = serving.pages(services, _sign_in(workspace), site, areas=areas())
    people = len(workspace.ledger.users.all())
    print_result({"url": site.origin, "people": people}, f"The pages are at {site.origin}", as_json=as_json)
    sys.stdout.flush()
    if not people:
        say("Nobody can sign in yet. In another terminal, in this folder, run: " + FIRST)
    serving.serve(pages, listening)


FIRST = 'salesworthy people add "YOUR NAME" --role admin --role marketing'
"""How the first person comes in."""


def areas() -> tuple[Area, ...]:
    """Every route that is served, beside those for signing in."""
    from salesworthy.web.api import AREA as API
    from salesworthy.web.exports import AREA as EXPORTS
    from salesworthy.web.people import AREA as PEOPLE
    from salesworthy.web.views import AREAS

    return (*AREAS, API, EXPORTS, PEOPLE)


def _site(workspace: Workspace, host: str, port: int) -> Site:
    from salesworthy.web.app import Site

    if workspace.settings.web.public_url:
        return Site(workspace.settings.web.public_url)
    shown = f"[{host}]" if ":" in host else host
    return Site(f"http://{shown}:{port}", (f"http://localhost:{port}",))


def _sign_in(workspace: Workspace) -> SignIn:
    from salesworthy.runs.settings_web import OIDC_SECRET, PROXY_SECRET
    from salesworthy.web.serving import SignIn

    web = workspace.settings.web
    return SignIn(
        web.sign_in,
        web.proxies,
        web.proxy.user_header,
        os.environ.get(PROXY_SECRET, ""),
        web.oidc.issuer,
        web.oidc.client_id,
        os.environ.get(OIDC_SECRET, ""),
        web.oidc.name_claim,
    )
