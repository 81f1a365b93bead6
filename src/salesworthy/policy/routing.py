"""Routing: who works a lead, how soon, how many a week, and who steps in when they are full."""

from __future__ import annotations

from salesworthy.policy.dated import DatedHours, DatedLeads
from salesworthy.policy.parts import Code, Decided, Text, Word
from salesworthy.policy.rule import Path


class Owner(Decided):
    """A person or team that works leads.

    Attributes:
        capacity: Leads a week that they can take; without limit where it is not given.
        spills_to: Who takes what is over their capacity, in this order.
    """

    code: Word
    title: Text
    capacity: DatedLeads | None = None
    spills_to: tuple[Word, ...] = ()


class Route(Decided):
    """Which leads an owner works; a list that is not given means all. The first route that matches counts."""

    code: Code
    title: Text
    path: Path = "sales"
    regions: tuple[Word, ...] = ()
    countries: tuple[Word, ...] = ()
    specialties: tuple[Word, ...] = ()
    products: tuple[Word, ...] = ()
    triggers: tuple[Code, ...] = ()
    owner: Word

    @property
    def is_for_all(self) -> bool:
        """Whether it matches every lead on its path."""
        return not (self.regions or self.countries or self.specialties or self.products or self.triggers)

    def covers(
        self,
        *,
        path: str,
        region: str | None,
        country: str | None,
        specialty: str | None,
        product: str | None,
        trigger: str | None,
    ) -> bool:
        """Whether a lead takes this route; what is not known matches no given list."""
        asked = (
            (self.regions, region),
            (self.countries, country),
            (self.specialties, specialty),
            (self.products, product),
            (self.triggers, trigger),
        )
        return self.path == path and all(not allowed or value in allowed for allowed, value in asked)


class ResponseWindow(Decided):
    """How soon sales makes first contact after a trigger; the one without triggers is for all others."""

    triggers: tuple[Code, ...] = ()
    within: DatedHours
