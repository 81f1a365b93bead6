"""Findings: stale overrides block, overdue reviews and expired assets are told."""

from __future__ import annotations

import datetime as dt

from salesworthy.domain.findings import Severity
from salesworthy.policy.findings import OVERRIDE_STALE, policy_findings
from salesworthy.policy.governance import Override

DAY = dt.date(2026, 6, 2)


def codes(policy, day=DAY):
    return {(each.code, each.column): each for each in policy_findings(policy, day)}


def test_the_example(example):
    found = codes(example)
    assert ("policy_asset_expired", "PRICE_LIST_2024") in found
    assert ("policy_asset_not_reviewed", "CASE_STUDY_DRAFT") in found
    assert ("policy_review_overdue", "SAME_PERSON_TOO_OFTEN") in found
    assert ("policy_rule_unused", "EVIDENCE_THEN_PROCUREMENT") in found
    assert all(each.severity != Severity.BLOCK for each in found.values())


def test_a_stale_override_fails_loudly(example):
    override = Override(
        code="X", lead="L1", decision="MQL", reason="r", owner="H. L.", starts="2026-01-01", expires="2026-06-02"
    )
    policy = example.model_copy(update={"overrides": (override,)})
    assert codes(policy)[(OVERRIDE_STALE, "X")].severity == Severity.BLOCK
    assert (OVERRIDE_STALE, "X") not in codes(policy, dt.date(2026, 6, 1))


def test_a_policy_that_has_not_started_blocks(example):
    assert any(each.severity == Severity.BLOCK for each in policy_findings(example, dt.date(2023, 1, 1)))
