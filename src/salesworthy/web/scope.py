"""Which leads somebody may see, as a condition that every query about leads carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TEAM = "team"
"""Column of every table of leads in the store: the lead's owner; without one, the owner of the deal at its site."""
REGION = "region"
"""Column of every table of leads in the store: the region of the lead's site."""


@dataclass(frozen=True)
class Clause:
    """A piece of SQL with a ``?`` for each value."""

    sql: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """The leads that somebody may see: all, none, or those of some territories.

    There is no way to leave it out: what reads leads takes one, and puts ``clause`` into its SQL, counts included.

    Attributes:
        territories: Teams and regions; None is everything.

    Example:
        >>> Scope.of(["nordics", "emea_desk"]).clause("l").sql
        '(l.team IN (?, ?) OR l.region IN (?, ?))'
        >>> Scope.of(["nordics"]).clause("l").values
        ('nordics', 'nordics')
        >>> Scope.nothing().clause("l").sql
        '1 = 0'
    """

    territories: frozenset[str] | None

    @classmethod
    def everything(cls) -> Scope:
        """All leads."""
        return cls(None)

    @classmethod
    def nothing(cls) -> Scope:
        """No lead at all."""
        return cls(frozenset())

    @classmethod
    def of(cls, territories: Iterable[str]) -> Scope:
        """The leads of these teams, and those at sites in these regions."""
        return cls(frozenset(territories))

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.territories is None

    def clause(self, table: str) -> Clause:
        """The condition on a table or alias that has the columns ``team`` and ``region``; always a whole condition."""
        if self.territories is None:
            return Clause("1 = 1")
        if not self.territories:
            return Clause("1 = 0")
        values = tuple(sorted(self.territories))
        marks = ", ".join("?" * len(values))
        return Clause(f"({table}.{TEAM} IN ({marks}) OR {table}.{REGION} IN ({marks}))", values * 2)

    def holds(self, *, team: str | None, region: str | None) -> bool:
        """Whether a lead of that team and region is among them; the plain words of ``clause``."""
        return self.territories is None or bool({team, region} & self.territories)
