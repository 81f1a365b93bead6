"""Routes that every page needs: static files, reports of browsers, a sign of life."""

from __future__ import annotations

from fastapi import Response
from starlette.requests import Request

from salesworthy.web.access import FILES
from salesworthy.web.assets import PREFIX, Assets
from salesworthy.web.headers import REPORTS
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area

area = Area()
_YEAR = "public, max-age=31536000, immutable"


@area.get(PREFIX + "{name:path}", access=FILES)
def static(request: Request, name: str) -> Response:
    """A static file; its address changes with its content, so it is kept for a year."""
    assets: Assets = request.app.state.assets
    found = assets.files.get(name)
    if found is None:
        raise NotFound("file")
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if packs else {})}
    return Response(found.packed if packs else found.content, media_type=found.kind, headers=headers)


@area.post(REPORTS, access=FILES)
def report(request: Request) -> Response:
    """Count what a page tried and was not allowed to; the report itself may hold text of leads and is not kept."""
    request.app.state.counters.csp_reports += 1
    return Response(status_code=204)


@area.get("/health", access=FILES)
def health() -> Response:
    """A sign of life."""
    return Response("ok\n", media_type="text/plain")
