"""Viewers from what the ledger says of people and tokens; a role that is not known gives no right."""

from __future__ import annotations

from collections.abc import Iterable

from salesworthy.ledger.tokens import Token
from salesworthy.ledger.users import User
from salesworthy.web.roles import Role, Viewer

_KNOWN = frozenset(Role)


def viewer_of(user: User | None) -> Viewer | None:
    """Somebody who may look at pages; None where the ledger knows nobody, or no longer lets them."""
    if user is None or not user.active:
        return None
    return Viewer(user.name, _roles(user.roles), frozenset(user.territories), user.signs_as)


def program_of(token: Token) -> Viewer:
    """A program that shows a token."""
    name = f"{token.consumer} (token {token.token_id})"
    return Viewer(name, _roles(token.roles), frozenset(token.territories), is_program=True)


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names if name in _KNOWN)
