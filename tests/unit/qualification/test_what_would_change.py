"""What would change it: which hypothetical acts are worth telling, and how they are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salesworthy.qualification.what_would_change import (
    Act,
    Change,
    Fact,
    Judgement,
    best_pair,
    enough,
    in_pairs,
    may_be_suggested,
    most_helpful,
)
from salesworthy.qualification.what_would_change_words import (
    act_in_words,
    beyond_acts,
    named_by_rules,
    told,
    why_nothing,
)

BASE = Judgement("NURTURE", "propensity", 0.05, -3.0, 20.0, "B", "3", criteria="MONITORING")
PRICE = Change((Act("form", "C1", "pricing", "procurement_review", "Sent us a form on pricing", 9),))
PAPER = Change((Act("download", "C2", "clinical_evidence", "clinical_evaluation", "Downloaded a document", 5),))
VIEW = Change((Act("view", "C3", "product_overview", "awareness", "Viewed a page", 90),))
MQL = replace(BASE, decision="MQL", decided_by="propensity", propensity=0.3, log_odds=-0.8, path="sales")
BY_PRICE = replace(MQL, decided_by="PRICING_REQUEST", passed=frozenset({"PRICING_REQUEST"}))


def test_an_act_that_lowers_the_score_is_never_suggested():
    weaker = replace(BY_PRICE, log_odds=-3.1)
    assert enough(BASE, [(PRICE, weaker), (PAPER, MQL), (VIEW, BASE)]) == [(PAPER, MQL)]
    assert most_helpful(BASE, [(PRICE, weaker), (PAPER, MQL)], 5) == [PAPER]


def test_where_points_decide_points_are_the_measure():
    base = replace(BASE, by_points=True)
    fewer = replace(MQL, by_points=True, points=19.0)
    assert enough(base, [(PRICE, fewer), (PAPER, replace(fewer, points=21.0))]) == [
        (PAPER, replace(fewer, points=21.0))
    ]


def test_medical_questions_are_no_way_to_sales():
    assert enough(BASE, [(PRICE, replace(BY_PRICE, path="medical_information"))]) == []


def test_the_order_of_frequency_is_kept_and_the_strongest_are_paired():
    strong, stronger = replace(BASE, log_odds=-2.0), replace(BASE, log_odds=-1.0)
    chosen = most_helpful(BASE, [(VIEW, BASE), (PRICE, strong), (PAPER, stronger)], 2)
    assert chosen == [PAPER, PRICE]
    assert [each.acts for each in in_pairs(chosen)] == [PAPER.acts + PRICE.acts, PRICE.acts + PAPER.acts]


def test_of_pairs_the_strongest_is_told():
    one, other = in_pairs([PAPER, PRICE])
    better = replace(MQL, log_odds=0.5)
    assert best_pair(BASE, [(one, MQL), (other, better)]) == [(other, better)]
    assert best_pair(BASE, [(one, BASE)]) == []


@pytest.mark.parametrize(
    ("kind", "topic", "may"),
    [
        ("form", "evaluation", True),
        ("webinar", None, True),
        ("meal", None, False),
        ("form", "speaker_fees", False),
        ("view", "off_label_use", False),
        ("view", "Off-Label", False),
        ("view", "label_claims", True),
    ],
)
def test_nobody_is_led_to_transfers_of_value_or_unapproved_uses(kind, topic, may):
    assert may_be_suggested(kind, topic) is may


def test_acts_are_told_in_words():
    assert act_in_words("download", "clinical_evidence") == "Downloaded a document on clinical evidence"
    assert act_in_words("webinar", None) == "Attended a webinar"
    assert act_in_words("phone_call", "site_visit") == "Phone call on site visit"


def test_a_request_is_told_in_the_words_of_the_policy(in_force):
    ((change, found),) = named_by_rules(BASE, [(PRICE, BY_PRICE)], in_force)
    assert told(change, found, BASE, in_force) == {
        "acts": ["Asked for a price"],
        "facts": [],
        "decision": "MQL",
        "propensity": 0.3,
        "sentence": "Asked for a price: MQL by this action, whatever the score (chance 30 % instead of 5 %)",
    }
    assert named_by_rules(BY_PRICE, [(PRICE, BY_PRICE)], in_force) == [(PRICE, BY_PRICE)]


def test_a_fact_is_told_with_what_it_decides(in_force):
    held = replace(BASE, decision="HELD", decided_by="WARD_FOR_MONITORING", missing=("department",))
    change = Change(facts=(Fact("leads.department", "laboratory", "Works in laboratory"),))
    failed = replace(BASE, decided_by="WARD_FOR_MONITORING")
    says = "Works in laboratory: NURTURE, since the department neither uses nor buys the product"
    assert told(change, failed, held, in_force)["sentence"] == says


def test_what_no_act_changes(in_force):
    unfit = replace(BASE, decided_by="WARD_FOR_MONITORING")
    says = "Fit fails: the department neither uses nor buys the product; no act changes that"
    assert beyond_acts(unfit, [(PRICE, unfit)], in_force) == says
    assert beyond_acts(unfit, [(PRICE, BY_PRICE)], in_force) == ""
    assert beyond_acts(BASE, [(PRICE, BASE)], in_force) == ""


def test_why_nothing_helps(in_force):
    criteria = in_force.criteria_of("MONITORING")
    better = replace(BASE, propensity=0.12, log_odds=-2.0)
    assert why_nothing(BASE, [(PRICE, better)], criteria, 0.2) == (
        "With the acts that help most it would reach a chance of 12 %, and an MQL needs 20 %"
    )
    assert why_nothing(BASE, [(PRICE, BASE)], criteria, 0.2) == "None of the acts that people do raises its score"
    assert why_nothing(BASE, [], criteria, 0.2) == "Nobody did anything lately that could be suggested"
    poor = replace(BASE, fit_grade="D")
    assert why_nothing(poor, [(PRICE, better)], criteria, 0.2) == (
        "Fit is D, and below C no action makes an MQL; "
        "with the acts that help most it would reach a chance of 12 %, and an MQL needs 20 %"
    )
