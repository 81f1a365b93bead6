"""What the drift scenarios do to people and sites; draws of their own, so that nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salesworthy.market.accounts import Accounts, with_mirrors, with_second_entries
from salesworthy.market.arrays import Words, choose, choose_given, stream
from salesworthy.market.calendar import DRIFT_START
from salesworthy.market.distributions import JOB_TITLES, NEW_PRODUCT, WEAK_ROLES
from salesworthy.market.duplicates import with_second_entries_of_people
from salesworthy.market.people import People
from salesworthy.market.scenarios import Scenario

_WEAK_ROLE_SHARE = 0.4
_NEW_PRODUCT_SHARE = 0.35
_NEW_REGION_SHARE = 0.25
_SECOND_SITE_SHARE = 0.05
_AT_SECOND_SITE = 0.5


def drifted(people: People, accounts: Accounts, scenario: Scenario, seed: int) -> tuple[People, Accounts]:
    """People and sites as the scenario leaves them."""
    if scenario is Scenario.ROLE_MIX_CHANGE:
        return _weaker_roles(people, seed), accounts
    if scenario is Scenario.NEW_PRODUCT:
        return _new_product(people, seed), accounts
    if scenario is Scenario.REGION_ON:
        return _region_on(people, accounts, seed)
    if scenario is Scenario.SECOND_ENTRIES:
        return _second_entries(people, accounts, seed)
    return people, accounts


def recorded_campaign_types(people: People, scenario: Scenario) -> Words:
    """The type of campaign that each lead is recorded under, which is the true one unless tags are wrong."""
    if scenario is not Scenario.MIS_TAGGED_CAMPAIGN:
        return people.campaign_type
    mistagged = people.campaign_type.among(["content_syndication"]) & (people.created_at >= DRIFT_START)
    return people.campaign_type.where(mistagged, Words(np.zeros(len(people), np.int16), ("executive_briefing",)))


def _weaker_roles(people: People, seed: int) -> People:
    rng = stream(seed, "role mix")
    changed = (rng.random(len(people)) < _WEAK_ROLE_SHARE) & (people.created_at >= DRIFT_START)
    role = people.role.where(changed, choose(rng, WEAK_ROLES, len(people)))
    titles = choose_given(rng, JOB_TITLES, role)
    return replace(people, role=role, job_title=people.job_title.where(changed, titles))


def _new_product(people: People, seed: int) -> People:
    changed = (stream(seed, "new product").random(len(people)) < _NEW_PRODUCT_SHARE) & (
        people.created_at >= DRIFT_START
    )
    return replace(
        people, product=people.product.where(changed, Words(np.zeros(len(people), np.int16), (NEW_PRODUCT,)))
    )


def _region_on(people: People, accounts: Accounts, seed: int) -> tuple[People, Accounts]:
    mirrored = np.flatnonzero(stream(seed, "region").random(len(accounts)) < _NEW_REGION_SHARE)
    mirror_of = np.arange(len(accounts) + 1)
    mirror_of[-1] = -1
    mirror_of[mirrored] = len(accounts) + np.arange(len(mirrored))
    account = np.where(people.created_at >= DRIFT_START, mirror_of[people.account], people.account)
    return replace(people, account=account), with_mirrors(accounts, mirrored, seed)


def _second_entries(people: People, accounts: Accounts, seed: int) -> tuple[People, Accounts]:
    rng = stream(seed, "second entries")
    entered = np.flatnonzero(rng.random(len(accounts)) < _SECOND_SITE_SHARE)
    again = with_second_entries_of_people(people, seed)
    second = np.full(len(accounts) + 1, -1)
    second[entered] = len(accounts) + np.arange(len(entered))
    moves = (
        (again.created_at >= DRIFT_START) & (second[again.account] >= 0) & (rng.random(len(again)) < _AT_SECOND_SITE)
    )
    account = np.where(moves, second[again.account], again.account)
    return replace(again, account=account), with_second_entries(accounts, entered, seed)
