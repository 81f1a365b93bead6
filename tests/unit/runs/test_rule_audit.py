"""The audit of negative rules: what drawn leads say, when they say nothing, and a whole workspace."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.pipeline import AS_OF, World, ago
from tests.unit.policy.conftest import EXAMPLE

from salesworthy.domain.verdicts import Verdict
from salesworthy.model.weighted import weighted_share
from salesworthy.policy.loading import load_policy
from salesworthy.policy.parts import Day
from salesworthy.runs.rule_audit import DrawnLeads, audit_rules, audited, difference

RULE = load_policy(EXAMPLE).at(Day(2026, 3, 10)).by_code["JUST_LOOKING"]


def drawn(against, others, unknown=0):
    """Leads: (accepted, rejected) of those that the rule speaks against, and of the others."""
    verdicts = [Verdict.FAIL] * sum(against) + [Verdict.PASS] * sum(others) + [Verdict.UNKNOWN] * unknown
    label = [1.0] * against[0] + [0.0] * against[1] + [1.0] * others[0] + [0.0] * others[1] + [1.0] * unknown
    table = pa.table({f"rule.{RULE.code}": pa.array([int(each) for each in verdicts], pa.int8())})
    return DrawnLeads(table, np.array(label), np.full(len(label), 0.05), np.arange(len(label)), 0)


# (accepted, rejected) of leads with the rule, of those without -> finding
FINDINGS = [
    ((0, 29), (10, 190), "cannot_be_known"),
    ((3, 97), (5, 20), "cannot_be_known"),
    ((0, 0), (10, 190), "cannot_be_known"),
    ((0, 100), (20, 180), "convert_less"),
    ((30, 70), (10, 190), "convert_more"),
    ((5, 95), (11, 189), "no_difference"),
    ((0, 30), (0, 30), "no_difference"),
]


@pytest.mark.parametrize(("against", "others", "finding"), FINDINGS)
def test_findings(against, others, finding):
    found = audited(RULE, drawn(against, others, unknown=7))
    assert found["finding"] == finding
    assert found["leads"] == {"with": sum(against), "without": sum(others), "unknown": 7}
    assert (found["with"] is None) == (sum(against) < 30)
    assert ("cannot be known" in found["says"]) == (finding == "cannot_be_known")
    if found["with"] is not None:
        assert found["with"]["conversion"]["value"] == pytest.approx(against[0] / sum(against))


counts = st.tuples(st.integers(0, 60), st.integers(30, 200))


@given(one=counts, other=counts)
def test_the_interval_of_a_difference_holds_it_and_turns_round(one, other):
    shares = [
        weighted_share(np.repeat([1.0, 0.0], each), np.ones(sum(each)), np.arange(sum(each))) for each in (one, other)
    ]
    low, high = difference(*shares)
    gap = shares[0].share.value - shares[1].share.value
    assert -1 <= low <= gap <= high <= 1
    assert difference(*reversed(shares)) == pytest.approx((-high, -low))


@pytest.mark.slow
def test_a_workspace_is_audited_as_of_each_handover(tmp_path):
    """JUST_LOOKING is what leads said; half of them were drawn, and a handful was accepted."""
    world = World(tmp_path)
    for number, looking, accepted in ((n, n % 2 == 0, n % 10 == 0) for n in range(90)):
        lead = f"L{number}"
        world.lead(lead, account=f"A{number}", days=300, timeframe="just_looking" if looking else "now")
        path = {"path": "exploration", "probability": 0.05} if number < 80 else {"path": "rule"}
        world.rows["handoffs"].append({"lead_id": lead, "handed_at": ago(200), **path})
        said = "accepted" if accepted else "rejected"
        world.rows["outcomes"].append({"lead_id": lead, "at": ago(150), "disposition": said})
    world.rows["handoffs"][2]["probability"] = None
    found = audit_rules(world._written(), as_of=AS_OF.value // 1_000)
    rules = {each["rule"]: each for each in found["rules"]}
    assert (found["drawn"], found["set_aside"], found["needed"]) == (79, 1, 30)
    assert rules["JUST_LOOKING"]["leads"] == {"with": 39, "without": 40, "unknown": 0}
    assert rules["JUST_LOOKING"]["with"]["accepted"] == 8
    assert rules["JUST_LOOKING"]["finding"] == "convert_more"
    assert rules["STUDENT"]["finding"] == "cannot_be_known"
    assert {each["kind"] for each in found["rules"]} == {"deduct", "exclude"}
