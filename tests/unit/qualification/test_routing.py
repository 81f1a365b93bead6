"""Routing: one owner for a site, capacity, stand-ins in their order, samples apart; the same for any order of leads."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.qualification.conftest import DAY

from salesworthy.qualification.routing import Waiting, route_leads

REGIONS = ["north_america", "dach", "uk_ireland", "nordics", "southern_europe", None]
TRIGGERS = [None, "EVALUATION_REQUEST", "PRICING_REQUEST", "SAMPLE_REQUEST", "WEBINAR_THEN_EVIDENCE"]


def lead(lead_id="L1", account="A1", region="dach", trigger="EVALUATION_REQUEST", **more):
    given_ = {
        "country": None,
        "specialty": "cardiology",
        "product": "infusion_pump",
        "strength": 0.3,
        "handed_at": None,
    }
    path = "samples" if trigger == "SAMPLE_REQUEST" else "sales"
    return Waiting(lead_id, account, path, trigger, region, **{**given_, **more})


def owners(found):
    return {lead_id: each.owner for lead_id, each in found.items()}


# leads, full owners -> owners
CASES = {
    "territory and product": ([lead()], (), {"L1": "dach_critical_care"}),
    "another product": ([lead(product="endoscopy_tower")], (), {"L1": "dach_general"}),
    "specialty": ([lead(region="north_america", specialty="surgery")], (), {"L1": "na_surgery"}),
    "country": ([lead(region="southern_europe", country="IT")], (), {"L1": "italy_distributor"}),
    "region not known": ([lead(region=None)], (), {"L1": "inside_sales"}),
    "samples apart": ([lead(trigger="SAMPLE_REQUEST")], (), {"L1": "sample_desk"}),
    "stand-in": ([lead()], ("dach_critical_care",), {"L1": "dach_general"}),
    "stand-in of the stand-in": ([lead()], ("dach_critical_care", "dach_general"), {"L1": "emea_desk"}),
    "nobody stands in": (
        [lead(region="southern_europe", country="IT")], ("italy_distributor",), {"L1": "italy_distributor"},
    ),
    "two at one site": (
        [lead(strength=0.2), lead("L2", product="endoscopy_tower", strength=0.4)], (),
        {"L1": "dach_general", "L2": "dach_general"},
    ),
    "the more urgent leads": (
        [lead(strength=0.9, trigger=None, product="endoscopy_tower"), lead("L2", strength=0.1)], (),
        {"L1": "dach_critical_care", "L2": "dach_critical_care"},
    ),
    "the lead handed over before keeps the site": (
        [lead(strength=0.2, handed_at=5), lead("L2", product="endoscopy_tower", strength=0.4)], (),
        {"L1": "dach_critical_care", "L2": "dach_critical_care"},
    ),
    "no site, no deal": (
        [lead(account=None), lead("L2", account=None, product="endoscopy_tower")], (),
        {"L1": "dach_critical_care", "L2": "dach_general"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("leads", "full", "expected"), CASES.values(), ids=CASES)
def test_owners(in_force, leads, full, expected):
    assert owners(route_leads(leads, in_force, full=full)) == expected


def test_a_sample_request_of_a_deal_keeps_the_owner_and_goes_to_the_desk(in_force):
    found = route_leads([lead(), lead("L2", trigger="SAMPLE_REQUEST")], in_force)
    assert (found["L2"].owner, found["L2"].desk) == ("dach_critical_care", "sample_desk")
    assert found["L1"].desk is None


def test_who_works_the_site_keeps_it(in_force):
    found = route_leads([lead()], in_force, site_owners={"A1": "nordics_team"}, full=["nordics_team"])
    assert found["L1"].owner == "nordics_team"


def test_over_capacity_is_said(in_force):
    leads = [lead(f"L{number:02}", f"A{number}", "southern_europe", country="IT") for number in range(12)]
    found = route_leads(leads, in_force)
    assert Counter(each.is_over_capacity for each in found.values()) == {False: 10, True: 2}
    assert {lead_id for lead_id, each in found.items() if each.is_over_capacity} == {"L10", "L11"}


def test_capacity_goes_to_the_stronger(in_force):
    leads = [lead(f"L{number:02}", f"A{number}", strength=number / 100) for number in range(21)]
    found = route_leads(leads, in_force)
    assert [lead_id for lead_id, each in found.items() if each.stands_in_for] == ["L00"]
    assert found["L00"].owner == "dach_general"


def random_leads(seed):
    chance = random.Random(seed)  # noqa: S311
    return [
        lead(
            f"L{number:03}", chance.choice([None, *(f"A{each}" for each in range(60))]), chance.choice(REGIONS),
            chance.choice(TRIGGERS), specialty=chance.choice(["surgery", "cardiology", None]),
            country=chance.choice(["IT", "ES", None]), product=chance.choice(["infusion_pump", "endoscopy_tower"]),
            strength=chance.choice([0.1, 0.2, 0.3]), handed_at=chance.choice([None, 1, 2]),
        )
        for number in range(chance.randrange(1, 250))
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_promises(policy, seed):
    in_force = policy.at(DAY)
    leads = random_leads(seed)
    found = route_leads(leads, in_force)
    shuffled = random.Random(seed).sample(leads, len(leads))  # noqa: S311
    assert route_leads(shuffled, in_force) == found
    taken = Counter(each.owner for each in found.values()) + Counter(each.desk for each in found.values() if each.desk)
    by_site = {}
    for each in leads:
        by_site.setdefault(each.site, set()).add(found[each.lead_id].owner)
    assert all(len(owners_) == 1 for owners_ in by_site.values())
    over = {each.owner for each in found.values() if each.is_over_capacity}
    for owner, count in taken.items():
        capacity = in_force.capacity(owner)
        assert capacity is None or count <= capacity or owner in over
    for lead_id, each in found.items():
        deal = [one.lead_id for one in leads if one.site == next(x.site for x in leads if x.lead_id == lead_id)]
        assert set(each.leads) == set(deal)
        assert each.primary in deal
