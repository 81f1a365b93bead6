"""Decisions: the order of precedence as a table, and the fast path against the plain reference."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.qualification.conftest import DAY, judged_row, judged_table
from tests.unit.qualification.one_decision import decide_one

from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.governance import Override
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.tables import DECIDED

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
ASKED = {"EVALUATION_REQUEST": PASS}
WARM = {"points.interest": 30.0, "points": 50.0}
TARGET = {"TIER_2": PASS, "TIER_3": PASS}

# what is true of a lead that fits -> propensity, decision, decided by
PRECEDENCE = [
    (
        {"BLOCKED_REGION": FAIL, "STUDENT_RESEARCH": FAIL, "NAMED_ROLE": UNKNOWN, **ASKED},
        0.9,
        "BLOCKED",
        "BLOCKED_REGION",
    ),
    ({"STUDENT_RESEARCH": FAIL, "NAMED_ROLE": UNKNOWN, **ASKED}, 0.9, "DISQUALIFIED", "STUDENT_RESEARCH"),
    ({"BLOCKED_REGION": UNKNOWN, **ASKED}, 0.9, "HELD", "BLOCKED_REGION"),
    ({"STUDENT_RESEARCH": UNKNOWN}, 0.05, "NURTURE", "propensity"),
    ({"NAMED_SITE_TYPE": UNKNOWN, "NAMED_ROLE": FAIL, **ASKED}, 0.9, "HELD", "NAMED_SITE_TYPE"),
    ({"NAMED_ROLE": FAIL, **ASKED, **WARM}, 0.9, "NURTURE", "NAMED_ROLE"),
    ({"approved": False, **ASKED, **WARM}, 0.9, "NURTURE", "not_approved"),
    (ASKED, 0.01, "MQL", "EVALUATION_REQUEST"),
    ({"DEMO_REQUEST": PASS, "SAMPLE_REQUEST": PASS}, None, "MQL", "DEMO_REQUEST"),
    ({"EVIDENCE_THEN_PROCUREMENT": PASS}, 0.05, "NURTURE", "propensity"),
    ({**ASKED, "points.fit": 3.0}, 0.05, "NURTURE", "propensity"),
    (WARM, 0.2, "MQL", "propensity"),
    (WARM, 0.19, "NURTURE", "propensity"),
    (WARM, None, "MQL", "points"),
    ({**WARM, "points": 37.9}, None, "NURTURE", "points"),
    ({"points.interest": 0.0}, 0.9, "NURTURE", "matrix"),
    (TARGET, 0.9, "TRACKED", "TIER_2"),
    (TARGET, 0.05, "TRACKED", "TIER_2"),
    ({"TIER_3": PASS}, 0.05, "NURTURE", "propensity"),
    ({**TARGET, "TIER_1": PASS}, None, "TRACKED", "TIER_1"),
    ({**TARGET, "NAMED_ROLE": FAIL}, 0.05, "NURTURE", "NAMED_ROLE"),
    ({"criteria": None, **ASKED}, 0.9, "NURTURE", "no_criteria"),
]


@pytest.mark.parametrize(("changes", "propensity", "decision", "by"), PRECEDENCE)
def test_the_first_that_holds_decides(in_force, changes, propensity, decision, by):
    row = judged_row(in_force, **changes)
    found = decide(judged_table([row]), in_force, propensity=None if propensity is None else np.array([propensity]))
    assert found.schema.equals(DECIDED)
    assert (found["decision"][0].as_py(), found["decided_by"][0].as_py()) == (decision, by)
    assert decide_one(row, in_force, propensity, {}) == (decision, by)


def override(decision, **about):
    return Override(
        code="BY_HAND", decision=decision, reason="r", owner="H. L.", starts="2026-03-01", expires="2026-03-20", **about
    )


# override, what is true of the lead -> decision, decided by
OVERRIDES = [
    (override("MQL", lead="L1"), {}, "MQL", "override:BY_HAND"),
    (override("MQL", account="A1"), {"STUDENT_RESEARCH": FAIL}, "MQL", "override:BY_HAND"),
    (override("MQL", lead="L1"), {"NAMED_ROLE": FAIL}, "NURTURE", "NAMED_ROLE"),
    (override("MQL", lead="L1"), {"NAMED_ROLE": UNKNOWN}, "HELD", "NAMED_ROLE"),
    (override("MQL", lead="L1"), {"BLOCKED_REGION": FAIL}, "BLOCKED", "BLOCKED_REGION"),
    (override("MQL", lead="L1"), {"BLOCKED_REGION": UNKNOWN}, "HELD", "BLOCKED_REGION"),
    (override("NURTURE", lead="L1"), ASKED, "NURTURE", "override:BY_HAND"),
    (override("HELD", account="A1"), ASKED, "HELD", "override:BY_HAND"),
    (override("MQL", lead="L2"), {}, "NURTURE", "propensity"),
]


@pytest.mark.parametrize(("each", "changes", "decision", "by"), OVERRIDES)
def test_overrides_never_lift_a_block_nor_make_an_mql_without_fit(policy, each, changes, decision, by):
    changed = policy.model_copy(update={"overrides": (each,)}).at(DAY)
    found = decide(judged_table([judged_row(changed, **changes)]), changed, propensity=np.array([0.05]))
    assert (found["decision"][0].as_py(), found["decided_by"][0].as_py()) == (decision, by)


def test_an_override_holds_until_it_expires_only(policy):
    changed = policy.model_copy(update={"overrides": (override("MQL", lead="L1"),)})
    for day, decision in ((dt.date(2026, 3, 19), "MQL"), (dt.date(2026, 3, 20), "NURTURE")):
        in_force = changed.at(day)
        found = decide(judged_table([judged_row(in_force)]), in_force, propensity=np.array([0.05]))
        assert found["decision"].to_pylist() == [decision]


def test_a_held_lead_names_what_is_missing(in_force):
    reads = {"NAMED_ROLE": ["role"], "NAMED_SITE_TYPE": ["facility_type"], "WARD_FOR_MONITORING": ["department"]}
    missing = {"missing.role": True, "missing.facility_type": False, "missing.department": True}
    row = judged_row(in_force, NAMED_ROLE=UNKNOWN, WARD_FOR_MONITORING=UNKNOWN, **missing)
    other = judged_row(in_force, lead="L2", **missing)
    found = decide(judged_table([row, other]), in_force, reads=reads)
    assert found["missing"].to_pylist() == [["role", "department"], None]


def test_a_threshold_that_follows_from_the_run(in_force):
    row = judged_row(in_force, criteria="ALL_OTHERS", **WARM)
    judged, propensity = judged_table([row]), np.array([0.4])
    waiting = decide(judged, in_force, propensity=propensity)
    assert (waiting["waits"].to_pylist(), waiting["decision"].to_pylist()) == ([True], ["NURTURE"])
    for threshold, decision in ((0.4, "MQL"), (0.41, "NURTURE")):
        found = decide(judged, in_force, propensity=propensity, thresholds={"ALL_OTHERS": threshold})
        assert (found["decision"].to_pylist(), found["waits"].to_pylist()) == ([decision], [False])


def test_the_highest_step_and_the_first_tier(in_force):
    row = judged_row(in_force, STEP_AWARENESS=PASS, STEP_PROCUREMENT=PASS, TIER_2=PASS, TIER_3=PASS)
    found = decide(judged_table([row, judged_row(in_force, lead="L2")]), in_force)
    assert found["buying_step"].to_pylist() == ["procurement_review", None]
    assert found["tier"].to_pylist() == ["TIER_2", None]


def random_rows(in_force, count, seed):
    """Leads of whom anything may be true, often enough what decides."""
    chance = random.Random(seed)  # noqa: S311
    criteria = [each.code for each in in_force.criteria] + [None]
    rows = []
    for number in range(count):
        row = judged_row(in_force, lead=f"L{number}", account=f"A{number % 7}", criteria=chance.choice(criteria))
        row["approved"] = chance.random() < 0.9
        for rule in in_force.rules:
            if chance.random() < 0.25 if rule.kind in (RuleKind.EXCLUDE, RuleKind.REQUIRE) else chance.random() < 0.4:
                row[f"rule.{rule.code}"] = chance.choice([0, 1, 2])
        for axis in ("fit", "interest"):
            row[f"points.{axis}"] = float(chance.choice([0, 7.9999, 8, 10, 16, 24, 25, 45, 60]))
        row["points"] = row["points.fit"] + row["points.interest"] - chance.choice([0, 5, 40])
        rows.append(row)
    return rows


def random_policy(policy, seed):
    """The example with other thresholds, grades, matrices and overrides."""
    chance = random.Random(seed)  # noqa: S311
    document = policy.model_dump(mode="json", by_alias=True)
    for each in document["criteria"]:
        each["fit_at_least"] = chance.choice("ABCD")
        each["matrix"] = {
            f"{fit}{interest}": chance.choice(["MQL", "NURTURE", "TRACKED"])
            for fit in "ABCD" for interest in "1234" if chance.random() < 0.7
        }  # fmt: skip
        if each["propensity"] and chance.random() < 0.3:
            each["propensity"] = None
    about = [("lead", 40), ("account", 7), ("lead", 40)]
    decisions = ["MQL", "NURTURE", "TRACKED", "DISQUALIFIED", "HELD"]
    document["overrides"] = [
        {
            "code": f"O{number}", kind: f"{kind[0].upper()}{chance.randrange(names)}",
            "decision": chance.choice(decisions), "reason": "r", "owner": "o", "starts": "2026-01-01",
            "expires": chance.choice(["2026-03-10", "2026-06-01"]),
        }
        for number, (kind, names) in enumerate(about)
    ]  # fmt: skip
    return type(policy).model_validate(document).at(DAY)


def agree(policy, seed, leads):
    in_force = random_policy(policy, seed)
    rows = random_rows(in_force, leads, seed)
    chance = random.Random(seed + 1)  # noqa: S311
    propensity = [chance.choice([None, 0.0, 0.1, 0.2, 0.25, 0.3, 0.9]) for _ in rows]
    thresholds = chance.choice([{}, {"ALL_OTHERS": 0.2}])
    figures = np.array([np.nan if each is None else each for each in propensity])
    found = decide(judged_table(rows), in_force, propensity=figures, thresholds=thresholds)
    got = list(zip(found["decision"].to_pylist(), found["decided_by"].to_pylist(), strict=True))
    expected = [decide_one(row, in_force, each, thresholds) for row, each in zip(rows, propensity, strict=True)]
    assert got == expected
    promises(rows, found, in_force)


def promises(rows, found, in_force):
    """Nobody is an MQL without fit; nobody who is blocked is anything else."""
    for row, decided in zip(rows, found.to_pylist(), strict=True):
        if row["rule.BLOCKED_REGION"] == FAIL:
            assert decided["decision"] == "BLOCKED"
        if decided["decision"] == "MQL":
            fit = in_force.criteria_of(row["criteria"]).criteria.fit
            assert all(row[f"rule.{code}"] == PASS for code in fit)
            assert row["approved"]
        assert (decided["path"] is not None) == (decided["decision"] == "MQL" or decided["waits"])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_batch_agrees_with_the_plain_reference(policy, seed):
    agree(policy, seed, 40)


@pytest.mark.slow
def test_ten_thousand_pairs_of_lead_and_policy_agree(policy):
    for seed in range(250):
        agree(policy, seed, 40)


def test_a_lead_is_decided_alike_whoever_stands_beside_it(policy):
    in_force = random_policy(policy, 11)
    rows = random_rows(in_force, 50, 11)
    together = decide(judged_table(rows), in_force).to_pylist()
    assert together == [decide(judged_table([row]), in_force).to_pylist()[0] for row in rows]
