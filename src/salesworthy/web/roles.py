"""Who looks at pages: people and consumers of the API, their roles, and how far they see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from salesworthy.domain.roles import WHOLE, Role
from salesworthy.web.scope import Scope

__all__ = ["TITLES", "WHOLE", "Role", "Viewer"]

TITLES = {
    Role.SALES: "Sales",
    Role.MARKETING: "Marketing",
    Role.COMPLIANCE: "Compliance",
    Role.DATA_SCIENCE: "Data science",
    Role.ADMIN: "Administration",
}
"""A role as pages write it."""


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks, or a program that asks with a token.

    Attributes:
        name: As the ledger writes it.
        roles: What they do.
        territories: For sales: teams that the policy routes to, or regions; ``*`` is all of them.
        signs_as: The role in which they vote in a calibration review; None where they do not.
        is_program: Whether a token was shown instead of a person signing in.
    """

    name: str
    roles: frozenset[Role]
    territories: frozenset[str] = frozenset()
    signs_as: str | None = None
    is_program: bool = False

    def may(self, roles: Collection[Role]) -> bool:
        """Whether one of their roles is among these."""
        return not self.roles.isdisjoint(roles)

    def scope(self, roles: Collection[Role]) -> Scope:
        """The leads that they see where these roles are let in: sales their own, everybody else all, others none."""
        counted = self.roles & frozenset(roles)
        if counted - {Role.SALES} or (counted and WHOLE in self.territories):
            return Scope.everything()
        return Scope.of(self.territories) if counted else Scope.nothing()
