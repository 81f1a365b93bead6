"""The example's worked cases, as far as rules go; decisions are compared where they are made."""

from __future__ import annotations

import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.policy.cases import Case
from salesworthy.rules.cases import judge_cases


def judge(engine, world, cases):
    return judge_cases(
        engine, world.policy, cases, catalogue=world.catalogue, columns=world.columns, schema=world.schema
    )


@pytest.fixture(scope="module")
def judged(engine, world):
    return {each.case.code: each for each in judge(engine, world, world.policy.cases)}


def test_every_case_holds(judged, world):
    assert list(judged) == [case.code for case in world.policy.cases]
    assert {code: found for code, each in judged.items() if (found := each.failures())} == {}


def test_a_case_that_does_not_hold_says_how(engine, world):
    case = Case.model_validate(
        {
            "code": "WRONG", "says": "nobody", "as_of": "2026-03-02", "facts": {"leads.role": "student"},
            "expect": {"verdicts": {"NAMED_ROLE": "PASS"}, "points": 3, "criteria": "ENDOSCOPY"},
        }
    )  # fmt: skip
    (found,) = judge(engine, world, [case])
    assert found.failures() == [
        "NAMED_ROLE says FAIL, not PASS",
        f"the points are {found.verdicts['points']:g}, not 3",
        "the criteria set is ALL_OTHERS, not ENDOSCOPY",
    ]


def test_a_stated_feature_replaces_the_computed_one(engine, world):
    case = Case.model_validate(
        {
            "code": "STATED", "says": "s", "as_of": "2026-03-02", "facts": {"webinars_90d": 3},
            "expect": {"verdicts": {"WEBINARS_ATTENDED": "PASS"}},
        }
    )  # fmt: skip
    (found,) = judge(engine, world, [case])
    assert found.failures() == []
    assert found.features["webinars_90d"] == 3


def test_an_unknown_fact_is_named_with_its_neighbours(engine, world):
    case = Case.model_validate(
        {"code": "X", "says": "s", "as_of": "2026-03-02", "facts": {"leads.rolle": "a"}, "expect": {"decision": "MQL"}}
    )
    with pytest.raises(
        ConfigurationMistakes, match=r"case X: there is no fact 'leads.rolle' -> did you mean 'leads.role'"
    ):
        judge(engine, world, [case])
