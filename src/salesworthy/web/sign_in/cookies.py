"""Cookies: what scripts cannot read and other sites cannot send; over HTTPS bound to this very host."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

_SESSION, _FORM, _ASKED = "salesworthy-session", "salesworthy-form", "salesworthy-asked"
_HOST = "__Host-"


@dataclass(frozen=True)
class Cookies:
    """The cookies of a site.

    Attributes:
        secure: Whether the pages are reached by HTTPS; cookies then travel by nothing else.
    """

    secure: bool

    def session(self, request: Request) -> str:
        """The key of the session; empty where there is none."""
        return request.cookies.get(self._name(_SESSION), "")

    def form(self, request: Request) -> str:
        """What form tokens are bound to before somebody signs in."""
        return request.cookies.get(self._name(_FORM), "")

    def asked(self, request: Request) -> str:
        """What an identity provider was asked for."""
        return request.cookies.get(self._name(_ASKED), "")

    def set_session(self, response: Response, key: str) -> None:
        """Give the browser the key of its session; gone when the browser closes."""
        self._set(response, _SESSION, key, same_site="Lax")

    def set_form(self, response: Response, value: str) -> None:
        """Give the browser what its form tokens are bound to."""
        self._set(response, _FORM, value, same_site="Strict")

    def set_asked(self, response: Response, value: str) -> None:
        """Remember what an identity provider is asked for; it comes back from another site."""
        self._set(response, _ASKED, value, same_site="Lax")

    def end_session(self, response: Response) -> None:
        """Take the key away."""
        self._drop(response, _SESSION)

    def end_asked(self, response: Response) -> None:
        """Forget what was asked."""
        self._drop(response, _ASKED)

    def _set(self, response: Response, name: str, value: str, *, same_site: str) -> None:
        secure = "; Secure" if self.secure else ""
        told = f"{self._name(name)}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}"
        response.headers.append("Set-Cookie", told)

    def _drop(self, response: Response, name: str) -> None:
        self._set(response, name, "; Max-Age=0", same_site="Strict")

    def _name(self, name: str) -> str:
        return f"{_HOST if self.secure else ''}{name}"
