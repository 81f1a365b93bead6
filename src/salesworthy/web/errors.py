"""Errors as answers: a page for people, JSON for programs, and never more than their reader may know."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from salesworthy.domain.errors import ExitCode, UserError
from salesworthy.web.headers import ALWAYS
from salesworthy.web.refusals import NotFound, NotSignedIn, Refused

API = "/api/"
SIGN_IN = "/sign-in"
_LOG = logging.getLogger("salesworthy.web")
_SAYS = {
    400: "The request cannot be read.",
    405: "This cannot be done here.",
    413: "The request is too large.",
}
_STATUS = {ExitCode.WRONG_USAGE: 400, ExitCode.GATE_REFUSED: 409, ExitCode.LOCKED: 409}


def handlers() -> dict[int | type[Exception], Any]:
    """Which error is answered how."""
    return {
        Refused: _refused,
        HTTPException: _http,
        RequestValidationError: _invalid,
        UserError: _user_error,
        Exception: _internal,
    }


def _refused(request: Request, error: Refused) -> Response:
    if isinstance(error, NotSignedIn) and not _is_api(request):
        return _to_sign_in(request)
    return _answer(request, error)


def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return _answer(request, NotFound())
    says = _SAYS.get(error.status_code, "The request was refused.")
    return _answer(request, Refused(error.status_code, says, headers=dict(error.headers or {})))


def _invalid(request: Request, error: RequestValidationError) -> Response:
    if not _is_api(request):
        return _answer(request, Refused(400, "Something on this page's address or form cannot be read."))
    found = [{"where": ".".join(map(str, each["loc"])), "what": each["msg"]} for each in error.errors()]
    return JSONResponse({"error": {"what": "The request cannot be read.", "mistakes": found}}, 422)


def _user_error(request: Request, error: UserError) -> Response:
    return _answer(request, Refused(_STATUS.get(error.exit_code, 400), error.what, todo=error.todo))


def _internal(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, getattr(request.scope.get("route"), "path", "?"), exc_info=error)
    told = Refused(500, "Something went wrong on our side.", todo="Try again; tell us if it stays.", headers=ALWAYS)
    return _answer(request, told)  # made outside of the middleware that adds the headers elsewhere


def _answer(request: Request, refused: Refused) -> Response:
    if _is_api(request):
        told = {"error": {"what": refused.says, "todo": refused.todo}}
        return JSONResponse(told, refused.status, headers=refused.headers)
    rendering = request.app.state.gate.rendering
    text = rendering.fill("error.html", {"visit": getattr(request.state, "visit", None), "refused": refused})
    return HTMLResponse(text, refused.status, headers=refused.headers)


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = SIGN_IN if request.method != "GET" or here == "/" else f"{SIGN_IN}?next={quote(here, safe='')}"
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    return RedirectResponse(address, status_code=303)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)
