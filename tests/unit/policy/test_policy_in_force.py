"""What is in force on a day: values, criteria, routes, capacity, response windows, overrides, assets."""

from __future__ import annotations

import datetime as dt

import pytest

from salesworthy.domain.decisions import Decision
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.governance import Override
from salesworthy.policy.rule import Rule

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def now(example):
    return example.at(DAY)


@pytest.mark.parametrize(
    ("product", "motion", "region", "code"),
    [
        ("infusion_pump", "direct", "dach", "INFUSION_PUMP_DACH"),
        ("infusion_pump", "direct", "nordics", "INFUSION"),
        ("infusion_pump", "distributor", "southern_europe", "SOUTHERN_DISTRIBUTORS"),
        ("patient_monitor", None, None, "MONITORING"),
        (None, None, "dach", "ALL_OTHERS"),
    ],
)
def test_the_most_specific_criteria_set_applies(now, product, motion, region, code):
    assert now.criteria_for(product=product, motion=motion, region=region).code == code


def test_thresholds_are_those_of_the_day(example):
    code = "INFUSION_PUMP_DACH"
    before, after = example.at(dt.date(2026, 2, 28)), example.at(dt.date(2026, 3, 1))
    assert (before.criteria_of(code).propensity, after.criteria_of(code).propensity) == (0.2, 0.25)


def test_nothing_is_in_force_before_its_start(example):
    early = example.at(dt.date(2023, 6, 1))
    assert early.criteria == ()
    assert not any(rule.in_force for rule in early.rules)
    assert early.products == frozenset()


def test_matrix_and_fit(now):
    criteria = now.criteria_of("ENDOSCOPY")
    assert criteria.recommends("A", "1") == Decision.MQL
    assert criteria.recommends("A", "4") == Decision.TRACKED
    assert criteria.recommends("D", "1") == Decision.NURTURE
    assert [criteria.fit_suffices(grade) for grade in "ABCD"] == [True, True, True, False]


@pytest.mark.parametrize(("points", "grade"), [(24, "A"), (23.9, "B"), (16, "B"), (8, "C"), (7.9, "D"), (-5, "D")])
def test_fit_grades(now, points, grade):
    assert now.fit_grade(points) == grade


@pytest.mark.parametrize(("points", "grade"), [(45, "1"), (44.9, "2"), (10, "3"), (0, "4")])
def test_interest_grades(now, points, grade):
    assert now.interest_grade(points) == grade


@pytest.mark.parametrize(
    ("asked", "owner"),
    [
        ({"path": "samples", "region": "dach"}, "sample_desk"),
        ({"region": "dach", "product": "infusion_pump"}, "dach_critical_care"),
        ({"region": "dach"}, "dach_general"),
        ({"region": "north_america", "specialty": "surgery"}, "na_surgery"),
        ({"region": "southern_europe", "country": "PT"}, "iberia_distributor"),
        ({}, "inside_sales"),
    ],
)
def test_the_first_route_that_matches_counts(now, asked, owner):
    facts = dict.fromkeys(("region", "country", "specialty", "product", "trigger"))
    assert now.route(**{"path": "sales", **facts, **asked}).owner == owner


def test_spill_over_goes_in_the_stated_order_and_nobody_comes_twice(now):
    assert now.spill_order("dach_critical_care") == ("dach_critical_care", "dach_general", "emea_desk", "inside_sales")


def test_capacity_is_that_of_the_day(example):
    assert example.at(dt.date(2025, 12, 31)).capacity("dach_general") == 30
    assert example.at(dt.date(2026, 1, 1)).capacity("dach_general") == 24
    assert example.at(DAY).capacity("inside_sales") is None


@pytest.mark.parametrize(("trigger", "hours"), [("DEMO_REQUEST", 4), ("SAMPLE_REQUEST", 72), ("OTHER", 72), (None, 72)])
def test_response_windows(now, trigger, hours):
    assert now.response_hours(trigger) == hours


def test_only_reviewed_unexpired_assets_for_the_region_and_product(now):
    ids = {asset.id for asset in now.assets_for(product="infusion_pump", region="dach", step="clinical_evaluation")}
    assert ids == {"ERROR_STUDY_PUMPS", "EVIDENCE_LIBRARY", "EVALUATION_GUIDE"}
    everywhere = {asset.id for asset in now.assets_for(product=None, region=None)}
    assert {"OUTCOMES_OLD", "PRICE_LIST_2024", "CASE_STUDY_DRAFT", "ERROR_STUDY_PUMPS"}.isdisjoint(everywhere)


def test_overrides_end_by_themselves(example):
    one = {"owner": "H. L.", "reason": "agreed", "starts": "2026-01-01", "expires": "2026-04-01"}
    overrides = (
        Override(code="SITE", account="A1", decision="TRACKED", **one),
        Override(code="LEAD", lead="L1", decision="MQL", **one),
    )
    policy = example.model_copy(update={"overrides": overrides})
    assert policy.at(DAY).override_for(lead="L1", account="A1").code == "LEAD"
    assert policy.at(DAY).override_for(lead="L2", account="A1").code == "SITE"
    assert policy.at(DAY).override_for(lead="L2", account=None) is None
    assert policy.at(dt.date(2026, 4, 1)).override_for(lead="L1", account="A1") is None


def test_blocked_regions_are_a_rule_in_front(now):
    rule = now.rules[0]
    assert (rule.code, rule.in_force, rule.rule.decision) == ("BLOCKED_REGION", True, Decision.BLOCKED)
    assert rule.rule.when == "accounts.region in ('asia_pacific')"


def test_a_rule_whose_value_has_not_started_is_not_in_force(example):
    late = {"value": 3, "from": "2027-01-01", "unit": "points", "reason": "r", "approver": "a"}
    rule = next(each for each in example.rules if each.code == "BUYER")
    changed = Rule.model_validate({**rule.model_dump(by_alias=True), "points": late})
    policy = example.model_copy(update={"rules": (changed,)})
    assert not policy.at(DAY).by_code["BUYER"].in_force
    assert policy.at(dt.date(2027, 1, 1)).by_code["BUYER"].points == 3


@pytest.mark.parametrize(
    ("days", "says"), [(0.2, "today"), (1.7, "1 day ago"), (12, "12 days ago"), (None, "some time ago")]
)
def test_sentences_carry_the_days(now, days, says):
    assert now.by_code["DEMO_REQUEST"].rule.sentence(Verdict.PASS, days) == f"Asked for a demonstration {says}"


def test_every_verdict_has_a_sentence(now):
    for rule in now.rules:
        assert all(rule.rule.sentence(verdict) for verdict in Verdict)
