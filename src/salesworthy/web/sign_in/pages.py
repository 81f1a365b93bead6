"""Pages for signing in and out, and for one's own password."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form, Response

from salesworthy.web.access import PUBLIC, SIGNED_IN
from salesworthy.web.errors import SIGN_IN
from salesworthy.web.refusals import Refused
from salesworthy.web.routes import Area
from salesworthy.web.sign_in.addresses import Proxies, origin_of
from salesworthy.web.sign_in.attempt import check_again, sign_in
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.sign_in.passwords import hashed, mistake
from salesworthy.web.visit import Here

ME = "/me"
SIGN_OUT = "/sign-out"
_HOME = "/"

Typed = Annotated[str, Form(max_length=512)]


def is_ours(path: str) -> bool:
    """Whether a path leads to a page of ours, and nowhere else.

    Example:
        >>> [is_ours(path) for path in ("/queue?page=2", "//evil.example", "https://evil.example")]
        [True, False, False]
    """
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return plain and path.startswith("/") and not path.startswith("//")


def password_area(cookies: Cookies, proxies: Proxies) -> Area:
    """Routes for signing in with a password.

    Args:
        cookies: The cookies of the site.
        proxies: Who is believed where an attempt comes from.
    """
    area = _leaving(cookies)

    @area.get(SIGN_IN, access=PUBLIC)
    def form(visit: Here, next: str = _HOME) -> Response:  # noqa: A002
        """The form."""
        if visit.viewer is not None:
            return visit.go(next if is_ours(next) else _HOME)
        nobody = not visit.services.ledger.users.all()
        return visit.page("sign_in.html", next=next, name="", refused=None, nobody=nobody)

    @area.post(SIGN_IN, access=PUBLIC)
    def attempt(visit: Here, name: Typed = "", password: Typed = "", next: Typed = _HOME) -> Response:  # noqa: A002
        """An attempt."""
        address = origin_of(visit.request, proxies)
        typed = name.strip()
        try:
            key = sign_in(visit.services.ledger, typed, password, address=address, now=visit.now)
        except Refused as refused:
            page = visit.page(
                "sign_in.html", status=refused.status, next=next, name=typed, refused=refused, nobody=False
            )
            page.headers.update(refused.headers)
            return page
        answer = visit.go(next if is_ours(next) else _HOME)
        cookies.set_session(answer, key)
        return answer

    @area.get(ME, access=SIGNED_IN)
    def me(visit: Here) -> Response:
        """What one may do here, and the form for another password."""
        return visit.page("me.html", refused=None, has_password=True)

    @area.post(ME, access=SIGNED_IN)
    def change(visit: Here, present: Typed = "", password: Typed = "", again: Typed = "") -> Response:
        """Another password; every session of this person ends, and this one goes on."""
        ledger, name = visit.services.ledger, visit.person.name
        try:
            check_again(ledger, name, present, now=visit.now)
            _check_new(password, again, name)
        except Refused as refused:
            return visit.page("me.html", status=refused.status, refused=refused, has_password=True)
        stands = ledger.users.find(name)
        if stands is None or not stands.active:
            raise Refused(403, "You have no rights here any more.")
        ledger.users.record(replace(stands, has_password=True), by=name, now=visit.now, password_hash=hashed(password))
        answer = visit.go(ME)
        cookies.set_session(answer, ledger.users.open_session(name, now=visit.now))
        return answer

    return area


def outside_area(cookies: Cookies) -> Area:
    """Routes for people who sign in elsewhere."""
    area = _leaving(cookies)

    @area.get(ME, access=SIGNED_IN)
    def me(visit: Here) -> Response:
        """What one may do here."""
        return visit.page("me.html", refused=None, has_password=False)

    return area


def proxy_area(cookies: Cookies) -> Area:
    """Routes for people whom a proxy signs in."""
    area = outside_area(cookies)

    @area.get(SIGN_IN, access=SIGNED_IN)
    def signed_in(visit: Here) -> Response:
        """Whoever gets here is signed in already."""
        return visit.go(_HOME)

    return area


def _leaving(cookies: Cookies) -> Area:
    area = Area()

    @area.post(SIGN_OUT, access=SIGNED_IN)
    def sign_out(visit: Here) -> Response:
        """The end of a session."""
        visit.services.ledger.users.end_session(cookies.session(visit.request))
        answer = visit.go(SIGN_IN)
        cookies.end_session(answer)
        return answer

    return area


def _check_new(password: str, again: str, name: str) -> None:
    says = mistake(password, name=name) or ("" if password == again else "The two new passwords differ.")
    if says:
        raise Refused(400, says)
