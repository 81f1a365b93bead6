"""Sites: health systems, facility types, sizes, regions and service lines."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from salesworthy.market.arrays import Flags, Floats, Ints, Words, choose, choose_given, pick, stream, taken
from salesworthy.market.calendar import DAY, DRIFT_START, START
from salesworthy.market.distributions import (
    COUNTRIES,
    FACILITY_TYPES,
    MEDIAN_BEDS,
    NEW_REGION,
    PEOPLE_WEIGHT,
    REGIONS,
    SERVICE_LINES,
)
from salesworthy.market.names import SITE_SPELLINGS
from salesworthy.market.vocabulary import SCANNER_AGENTS

LEADS_PER_ACCOUNT = 8
_IN_A_SYSTEM = 0.6
_SITES_PER_SYSTEM = 9
_SCANNED_MAIL = 0.35
_SYSTEM_NOT_TOLD = 0.3


@dataclass(frozen=True)
class Accounts:
    """One row per site. ``system`` is -1 for a site on its own, ``scanner`` -1 for one without a mail scanner."""

    facility_type: Words
    region: Words
    country: Words
    beds: Floats
    service_lines: Ints
    """Bits, in the order of ``SERVICE_LINES`` of the facility type."""
    system: Ints
    existing_customer: Flags
    created_at: Ints
    weight: Floats
    scanner: Ints
    name: Ints
    spelling: Ints
    """How the name is written; 0 as the site itself does."""
    site: Ints
    """The row of the first entry of the same site."""

    def __len__(self) -> int:
        return len(self.beds)


def make_accounts(leads: int, seed: int) -> Accounts:
    """Sites for a market of so many leads, eight people to a site on average."""
    rng = stream(seed, "accounts")
    count = max(20, leads // LEADS_PER_ACCOUNT)
    facility = choose(rng, FACILITY_TYPES, count)
    region = choose(rng, REGIONS, count)
    system = _systems(rng, count)
    return Accounts(
        facility_type=facility,
        region=region,
        country=choose_given(rng, COUNTRIES, region),
        beds=_beds(rng, facility),
        service_lines=_service_lines(rng, facility),
        system=system,
        existing_customer=rng.random(count) < np.where(system >= 0, 0.34, 0.22),
        created_at=START - (rng.random(count) * 6 * 365 * DAY).astype(np.int64),
        weight=facility.values({each: PEOPLE_WEIGHT.get(each or "", 1.0) for each in facility.words})
        * rng.lognormal(0.0, 0.8, count),
        scanner=np.where(rng.random(count) < _SCANNED_MAIL, rng.integers(0, len(SCANNER_AGENTS), count), -1),
        name=rng.integers(0, 10**6, count),
        spelling=np.zeros(count, np.int64),
        site=np.arange(count),
    )


def with_mirrors(accounts: Accounts, mirrored: Ints, seed: int) -> Accounts:
    """The sites, and at their end a copy of each of the given ones in the region that was off until then."""
    rows = np.concatenate([np.arange(len(accounts)), mirrored])
    new = np.arange(len(rows)) >= len(accounts)
    sites = replace(accounts, **{field.name: taken(getattr(accounts, field.name), rows) for field in fields(Accounts)})
    region = sites.region.where(new, Words(np.zeros(len(rows), np.int16), (NEW_REGION,)))
    rng = stream(seed, "mirrors")
    country = choose_given(rng, COUNTRIES, region)
    return replace(
        sites,
        region=region,
        country=sites.country.where(new, country),
        system=np.where(new, -1, sites.system),
        created_at=np.where(new, DRIFT_START, sites.created_at),
        name=np.where(new, rng.integers(0, 10**6, len(rows)), sites.name),
        site=np.arange(len(rows)),
    )


def with_second_entries(accounts: Accounts, entered: Ints, seed: int) -> Accounts:
    """The sites, and at their end a second entry of each of the given ones, by another feed in another spelling."""
    rng = stream(seed, "second entries of sites")
    rows = np.concatenate([np.arange(len(accounts)), entered])
    new = np.arange(len(rows)) >= len(accounts)
    sites = replace(accounts, **{field.name: taken(getattr(accounts, field.name), rows) for field in fields(Accounts)})
    beds = np.maximum(5, np.round(sites.beds * rng.uniform(0.96, 1.04, len(rows))))
    return replace(
        sites,
        beds=np.where(new, beds, sites.beds),
        system=np.where(new & (rng.random(len(rows)) < _SYSTEM_NOT_TOLD), -1, sites.system),
        created_at=np.where(new, DRIFT_START, sites.created_at),
        spelling=np.where(new, rng.integers(0, SITE_SPELLINGS, len(rows)), sites.spelling),
    )


def _systems(rng: np.random.Generator, count: int) -> Ints:
    systems = max(3, int(count * _IN_A_SYSTEM / _SITES_PER_SYSTEM))
    sizes = rng.pareto(1.5, systems) + 0.5
    chosen = pick(rng, sizes[None, :], np.zeros(count, np.int64))
    return np.where(rng.random(count) < _IN_A_SYSTEM, chosen, -1)


def _beds(rng: np.random.Generator, facility: Words) -> Floats:
    median = facility.values({each: MEDIAN_BEDS.get(each, np.nan) for each in facility.words})
    return np.maximum(5, np.round(median * rng.lognormal(0.0, 0.55, len(facility))))


def _service_lines(rng: np.random.Generator, facility: Words) -> Ints:
    lines = facility.values({each: len(SERVICE_LINES[each]) for each in facility.words}).astype(np.int64)
    drawn = (rng.random((len(facility), 8)) < 0.72) @ (2 ** np.arange(8))
    masked = drawn & (2**lines - 1)
    return np.where(masked == 0, 1, masked)
