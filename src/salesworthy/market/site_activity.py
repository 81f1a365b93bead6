"""What the people of a site had done by a moment, the lead itself included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.market.act_counts import known_to_people
from salesworthy.market.arrays import Floats, Ints, expand
from salesworthy.market.calendar import DAY, SECOND, START
from salesworthy.market.engagements import Engagements

_ACTS_DAYS = 30
_PEOPLE_DAYS = 90
_BITS = 27
"""Enough for the seconds of the market's two years and of the quarter before it."""
_BEFORE_START = 90 * DAY
_PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class SiteActivity:
    """One entry per question: acts at the site in 30 days, and leads with an act in 90; 0 for a lead without a site."""

    acts: Floats
    people: Floats


@dataclass(frozen=True)
class _Sites:
    """The acts in the order of site and second; for each lead its place among the leads of its site."""

    acts: Engagements
    keys: Ints
    place: Ints
    leads_of_site: Ints


def site_activity(engagements: Engagements, account: Ints, lead: Ints, as_of: Ints) -> SiteActivity:
    """Activity at the sites of the leads asked about; ``account`` is each lead's site, -1 for none."""
    sites = _sites(engagements, account)
    site = account[lead]
    first = np.searchsorted(sites.keys, _key(site, as_of - _PEOPLE_DAYS * DAY), side="left")
    last = np.searchsorted(sites.keys, _key(site, as_of), side="right")
    pairs = np.where(site >= 0, last - first, 0)
    cuts = np.searchsorted(np.cumsum(pairs), np.arange(0, pairs.sum(), _PAIRS_AT_ONCE)[1:])
    acts, people = np.zeros(len(lead)), np.zeros(len(lead))
    for rows in np.split(np.arange(len(lead)), cuts):
        acts[rows], people[rows] = _count(sites, site[rows], as_of[rows], first[rows], pairs[rows])
    return SiteActivity(acts, people)


def _count(sites: _Sites, site: Ints, as_of: Ints, first: Ints, pairs: Ints) -> tuple[Floats, Floats]:
    row, position = expand(pairs)
    here = sites.acts.rows(first[row] + position)
    age = as_of[row] - here.occurred_at
    counted = known_to_people(here, as_of[row]) & (age < _PEOPLE_DAYS * DAY)
    recent = np.bincount(row[counted & (age < _ACTS_DAYS * DAY)], minlength=len(site))
    places = np.where(site >= 0, sites.leads_of_site[site], 0)
    offset = np.cumsum(places) - places
    seen = np.zeros(int(places.sum()), np.bool_)
    seen[(offset[row] + sites.place[here.lead])[counted]] = True
    until = np.append(0, np.cumsum(seen))
    return recent.astype(float), (until[offset + places] - until[offset]).astype(float)


def _sites(engagements: Engagements, account: Ints) -> _Sites:
    keys = _key(account[engagements.lead], engagements.occurred_at)
    order = np.argsort(keys, kind="stable")
    order = order[np.searchsorted(keys[order], 0) :]
    by_site = np.argsort(account, kind="stable")
    leads_of_site = np.bincount(account[account >= 0])
    starts = np.cumsum(leads_of_site) - leads_of_site
    place = np.zeros(len(account), np.int64)
    at_a_site = by_site[int((account < 0).sum()) :]
    place[at_a_site] = np.arange(len(at_a_site)) - starts[account[at_a_site]]
    return _Sites(engagements.rows(order), keys[order], place, leads_of_site)


def _key(account: Ints, moment: Ints) -> Ints:
    """Site and second as one ascending number; negative without a site."""
    second = np.maximum((moment - START + _BEFORE_START) // SECOND, 0)
    return np.where(account >= 0, (account << _BITS) + second, -1)
