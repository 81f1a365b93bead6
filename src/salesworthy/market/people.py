"""Leads: people at sites, what they said about themselves, and how they came."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from salesworthy.market.accounts import Accounts
from salesworthy.market.arrays import Floats, Ints, Words, choose, choose_given, pick, stream, taken
from salesworthy.market.calendar import arrivals
from salesworthy.market.distributions import (
    CAMPAIGN_OF_SOURCE,
    DEPARTMENTS,
    EMAIL_KINDS,
    FORM_SHARE,
    JOB_TITLES,
    PRODUCTS,
    ROLES,
    SOURCES,
    SPECIALTIES,
    TIMEFRAMES,
    USE_CASES,
)
from salesworthy.market.names import PEOPLE

_WITHOUT_ACCOUNT = 0.03


@dataclass(frozen=True)
class People:
    """One row per lead, in the order of first interest. Numbers are NaN where unknown; ``account`` is -1 for none.

    ``home`` is the site whose projects drive the lead (a region that is switched on renames the site, not the people),
    ``person`` the row of the person's first lead, ``intent`` the standing, unseen interest, standard normal.
    """

    created_at: Ints
    account: Ints
    home: Ints
    person: Ints
    role: Words
    department: Words
    specialty: Words
    source: Words
    campaign_type: Words
    product: Words
    use_case: Words
    timeframe: Words
    job_title: Words
    form_fields_filled: Floats
    beds_reported: Floats
    competitor_installed: Floats
    email_kind: Words
    email_key: npt.NDArray[np.uint64]
    full_name: Ints
    intent: Floats

    def __len__(self) -> int:
        return len(self.created_at)

    def copied(self, to: Ints, of: Ints, columns: tuple[str, ...]) -> People:
        """These people with some columns of the rows ``to`` taken from the rows ``of``."""
        rows = np.arange(len(self))
        rows[to] = of
        return replace(self, **{name: taken(getattr(self, name), rows) for name in columns})


COLUMNS = tuple(field.name for field in fields(People))


def make_people(leads: int, accounts: Accounts, seed: int) -> People:
    """Leads with their facts. Every subject draws from a stream of its own."""
    rng = stream(seed, "people")
    home = pick(rng, accounts.weight[None, :], np.zeros(leads, np.int64))
    home = np.where(rng.random(leads) < _WITHOUT_ACCOUNT, -1, home)
    role = choose(rng, ROLES, leads)
    department = choose_given(rng, DEPARTMENTS, role)
    source = choose(rng, SOURCES, leads)
    return People(
        created_at=arrivals(stream(seed, "arrivals"), leads),
        account=home,
        home=home,
        person=np.arange(leads),
        role=role,
        department=department,
        specialty=choose_given(rng, SPECIALTIES, department),
        source=source,
        campaign_type=choose_given(rng, CAMPAIGN_OF_SOURCE, source),
        product=choose_given(rng, PRODUCTS, department),
        use_case=choose(rng, USE_CASES, leads),
        timeframe=choose(rng, TIMEFRAMES, leads),
        job_title=choose_given(rng, JOB_TITLES, role),
        form_fields_filled=_form_fields(rng, source),
        beds_reported=_beds_reported(rng, accounts, home),
        competitor_installed=_competitor(rng, leads),
        email_kind=choose(rng, EMAIL_KINDS, leads),
        email_key=rng.integers(0, 2**64, leads, dtype=np.uint64),
        full_name=rng.integers(0, PEOPLE, leads),
        intent=rng.standard_normal(leads),
    )


def _form_fields(rng: np.random.Generator, source: Words) -> Floats:
    filled = 1.0 + rng.binomial(11, 0.45, len(source))
    return np.where(rng.random(len(source)) < source.values(FORM_SHARE), filled, np.nan)


def _beds_reported(rng: np.random.Generator, accounts: Accounts, home: Ints) -> Floats:
    beds = np.where(home >= 0, accounts.beds[home], np.nan) * rng.lognormal(0.0, 0.2, len(home))
    return np.where(rng.random(len(home)) < 0.4, np.round(beds, -1), np.nan)


def _competitor(rng: np.random.Generator, leads: int) -> Floats:
    return np.where(rng.random(leads) < 0.3, np.nan, rng.random(leads) < 0.36)
