"""What a proposal changes, from what differs in its policy and what its model is."""

from __future__ import annotations

import pytest
from tests.unit.policy.conftest import EXAMPLE

from salesworthy.policy.differences import Difference
from salesworthy.policy.loading import load_policy
from salesworthy.policy.rule import RuleKind
from salesworthy.review.kinds import Kind, kinds_of


@pytest.fixture(scope="module")
def example():
    return load_policy(EXAMPLE)


def differs(section, code="", change="changed"):
    return Difference(section, code, change, "")


def test_points_are_weights_and_other_rules_are_rules(example):
    awards = next(rule.code for rule in example.rules if rule.kind == RuleKind.AWARD)
    requires = next(rule.code for rule in example.rules if rule.kind == RuleKind.REQUIRE)
    assert kinds_of([differs("policy"), differs("rules", awards)], example, None) == "weights"
    assert kinds_of([differs("rules", awards, "added")], example, None) == "rules"
    assert kinds_of([differs("rules", requires), differs("rules", awards)], example, None) == "weights, rules"


@pytest.mark.parametrize(
    ("section", "kind"), [("criteria", "thresholds"), ("scoring", "thresholds"), ("routes", "other policy")]
)
def test_sections(example, section, kind):
    assert kinds_of([differs(section)], example, Kind.RETRAIN) == f"{kind}, retrain"


def test_a_model_alone():
    assert kinds_of([], None, Kind.RECALIBRATION) == "recalibration"
