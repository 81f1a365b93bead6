"""The worked cases of the example policy, from the acts of a lead to its packet."""

from __future__ import annotations

import pytest

from salesworthy.policy.cases import Case
from salesworthy.runs.policy_cases import run_cases

pytestmark = pytest.mark.slow


def run(engine, world, cases=None):
    return run_cases(engine, world.policy, cases, catalogue=world.catalogue, columns=world.columns, schema=world.schema)


@pytest.fixture(scope="module")
def results(engine, world):
    return {each.case.code: each for each in run(engine, world)}


def test_every_case_holds(results, world):
    assert list(results) == [case.code for case in world.policy.cases]
    assert {code: each.failures for code, each in results.items() if not each.holds} == {}


def test_there_are_enough_of_them(world):
    assert len(world.policy.cases) >= 28


def test_a_case_that_does_not_hold_says_how(engine, world):
    case = Case.model_validate(
        {
            "code": "WRONG", "says": "nobody", "as_of": "2026-03-10",
            "facts": {"leads.role": None, "accounts.region": "dach"},
            "acts": [{"days_ago": 2, "kind": "form", "topic": "evaluation"}], "propensity": 0.5,
            "consents": [{"days_ago": 3, "state": "opt_in"}],
            "expect": {"decision": "MQL", "missing": [], "channels": {"email": False}, "assets": ["COST_GUIDE"]},
        }
    )  # fmt: skip
    (found,) = run(engine, world, [case])
    assert found.failures[0] == "the decision is HELD, not MQL"
    assert found.failures[1].startswith("missing is role")
    assert found.failures[2:] == ("email may be used", "the asset COST_GUIDE is not suggested; suggested: nothing")


def test_nothing_is_expected_of_a_lead_who_objected(engine, world):
    case = Case.model_validate(
        {
            "code": "GONE", "says": "objected", "as_of": "2026-03-10",
            "consents": [{"days_ago": 3, "state": "objected"}], "expect": {"decision": "NURTURE"},
        }
    )  # fmt: skip
    (found,) = run(engine, world, [case])
    assert found.failures == (
        "the lead objected to direct marketing and is not scored, so nothing else can be expected of it",
    )
