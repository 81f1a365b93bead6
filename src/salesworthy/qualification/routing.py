"""Routing: who works an MQL; one owner for a site, capacity with stand-ins in the policy's order, samples apart.

People at one site are one deal. The strongest of them is the primary: the one who must be answered first, then the
higher propensity (or points), then the lower lead id. The deal's owner is the one that the route of the lead handed
over first names, so that a site stays with its owner while its leads come and go; of the primary, where none was handed
over yet. Who an earlier lead was really given to is not on record.

Sites choose in the order of their primaries. An owner with room for all leads of the site takes them, or else the first
stand-in with room; where nobody has room the owner of the route takes them, over capacity, and that is said.

A request on another path, such as a sample, goes to the desk of that path. A site of which nothing else is known has
that desk as its owner; otherwise the deal keeps its one owner, and the desk serves the request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from salesworthy.policy.in_force import PolicyInForce

SALES = "sales"


@dataclass(frozen=True)
class Waiting:
    """An MQL that needs an owner.

    Attributes:
        trigger: The action behind it, if any.
        path: The road that the trigger takes.
        strength: Propensity, or points where there is none.
        handed_at: When it was handed over last, in microseconds.
    """

    lead_id: str
    account_id: str | None
    path: str
    trigger: str | None
    region: str | None
    country: str | None
    specialty: str | None
    product: str | None
    strength: float
    handed_at: int | None = None

    @property
    def site(self) -> str:
        """The deal that it belongs to; a lead whose site is not known is one of its own."""
        return f"site {self.account_id}" if self.account_id is not None else f"lead {self.lead_id}"


@dataclass(frozen=True)
class Assigned:
    """Who works an MQL.

    Attributes:
        owner: Of the deal; None where no route is in force.
        desk: Who serves the request, where that is not the owner.
        primary: The strongest lead of the deal.
        leads: All MQLs of the deal, the primary first.
        stands_in_for: Whose stand-in the owner is.
        is_over_capacity: Whether nobody had room.
    """

    owner: str | None
    desk: str | None
    primary: str
    leads: tuple[str, ...]
    stands_in_for: str | None = None
    is_over_capacity: bool = False


@dataclass(frozen=True)
class _Place:
    owner: str | None
    stands_in_for: str | None = None
    is_over_capacity: bool = False


def route_leads(
    waiting: Iterable[Waiting],
    policy: PolicyInForce,
    *,
    site_owners: Mapping[str, str] | None = None,
    full: Collection[str] = (),
) -> dict[str, Assigned]:
    """Who works each MQL of a run, by lead id. The same leads in any order give the same.

    Args:
        waiting: The MQLs.
        policy: What is in force on the day.
        site_owners: Account -> who works it already, where that is known.
        full: Owners whose capacity of the week is used up.
    """
    deals: dict[str, list[Waiting]] = defaultdict(list)
    for lead in waiting:
        deals[lead.site].append(lead)
    router = _Router(policy, site_owners or {}, full)
    ranked = [sorted(leads, key=router.rank) for leads in deals.values()]
    found: dict[str, Assigned] = {}
    for leads in sorted(ranked, key=lambda leads: router.rank(leads[0])):
        found.update(router.assign(leads))
    return found


class _Router:
    """Assigns deals one after the other, and keeps count."""

    def __init__(self, policy: PolicyInForce, site_owners: Mapping[str, str], full: Collection[str]) -> None:
        self.policy = policy
        self.site_owners = site_owners
        self.full = frozenset(full)
        self.taken: dict[str, int] = defaultdict(int)
        self.hours: dict[str | None, float] = {}
        self.routes: dict[tuple[str | None, ...], str | None] = {}
        self.orders: dict[str, tuple[str, ...]] = {}
        self.capacities: dict[str, float | None] = {}

    def rank(self, lead: Waiting) -> tuple[float, float, str]:
        """Order of leads: who must be answered first, then the strongest, then by id."""
        if lead.trigger not in self.hours:
            self.hours[lead.trigger] = self.policy.response_hours(lead.trigger) or 0.0
        return self.hours[lead.trigger], -lead.strength, lead.lead_id

    def assign(self, leads: Sequence[Waiting]) -> dict[str, Assigned]:
        """The owner of a deal, and the desks of its requests on other paths."""
        paths = {lead.path for lead in leads}
        path = SALES if SALES in paths else leads[0].path
        place = self._place(_anchor([lead for lead in leads if lead.path == path]), len(leads))
        primary, ids = leads[0].lead_id, tuple(lead.lead_id for lead in leads)
        found = {}
        for lead in leads:
            desk = None if lead.path == path else self._place(lead, 1, keeps_site=False).owner
            found[lead.lead_id] = Assigned(place.owner, desk, primary, ids, place.stands_in_for, place.is_over_capacity)
        return found

    def _place(self, lead: Waiting, room: int, *, keeps_site: bool = True) -> _Place:
        known = self.site_owners.get(lead.account_id or "") if keeps_site else None
        owner = known or self._route_owner(lead)
        if owner is None:
            return _Place(None)
        chosen = owner if known else next((each for each in self._order(owner) if self._has_room(each, room)), None)
        self.taken[chosen or owner] += room
        if chosen is None:
            return _Place(owner, is_over_capacity=True)
        return _Place(chosen, stands_in_for=None if chosen == owner else owner)

    def _route_owner(self, lead: Waiting) -> str | None:
        key = (lead.path, lead.region, lead.country, lead.specialty, lead.product, lead.trigger)
        if key not in self.routes:
            route = self.policy.route(
                path=lead.path,
                region=lead.region,
                country=lead.country,
                specialty=lead.specialty,
                product=lead.product,
                trigger=lead.trigger,
            )
            self.routes[key] = None if route is None else route.owner
        return self.routes[key]

    def _order(self, owner: str) -> tuple[str, ...]:
        if owner not in self.orders:
            self.orders[owner] = self.policy.spill_order(owner)
        return self.orders[owner]

    def _has_room(self, owner: str, room: int) -> bool:
        if owner not in self.capacities:
            self.capacities[owner] = self.policy.capacity(owner)
        capacity = self.capacities[owner]
        is_there = owner not in self.full and self.policy.owner(owner) is not None
        return is_there and (capacity is None or self.taken[owner] + room <= capacity)


def _anchor(leads: Sequence[Waiting]) -> Waiting:
    """The lead whose route names the owner of the deal."""
    handed = [lead for lead in leads if lead.handed_at is not None]
    return min(handed, key=lambda lead: (lead.handed_at, lead.lead_id)) if handed else leads[0]
