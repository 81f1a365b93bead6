"""What a cause is looked up from: the thing that strays, the other findings of its week, and the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from salesworthy.drift.evidence import Evidence
from salesworthy.drift.findings import Cause, Level
from salesworthy.drift.watched import Family, Watched
from salesworthy.drift.weeks import Weeks
from salesworthy.features.catalogue import Catalogue

LARGE_PART = 0.5
"""A cause explains at least this part of a change."""
TIMES = 2.0
"""So many times as much as before is a rise, so many times less a fall."""


@dataclass(frozen=True)
class Strayed:
    """One thing that strays: what, its figures (furthest first), and the weeks compared (ends excluded)."""

    watched: Watched
    levels: tuple[Level, ...]
    since: int
    now: tuple[int, int]
    before: tuple[int, int]

    @property
    def key(self) -> tuple[str, str]:
        """Family and thing."""
        return (str(self.watched.family), self.watched.thing)


@dataclass(frozen=True)
class Case:
    """Everything that a rule may look at.

    Attributes:
        found: All that strays this week.
        evidence: The tables.
        weeks: The weeks.
        catalogue: The features that are watched.
        doubted: Reasons whose worth has changed, though perhaps not by enough to be a finding, furthest first.
        explained: Which part of a change of the outcome rate the scores foresaw; None where there are no scores.
    """

    found: Sequence[Strayed]
    evidence: Evidence
    weeks: Weeks
    catalogue: Catalogue
    doubted: Sequence[str] = ()
    explained: float | None = None

    def other(self, family: Family, thing: str = "") -> Strayed | None:
        """Another finding of a family."""
        return next(
            (each for each in self.found if each.watched.family == family and thing in {"", each.watched.thing}), None
        )


Rule = Callable[[Strayed, Case], Cause | None]
