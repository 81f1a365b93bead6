"""Approvals: three roles, three people, one content."""

from __future__ import annotations

import datetime as dt

import pytest

from salesworthy.domain.errors import GateRefused, UserError, WrongUsage
from salesworthy.policy.approvals import approve, check_can_decide, status_line
from salesworthy.policy.loading import load_policy

DAY = dt.date(2026, 3, 2)
SIGNED = (("sales_leadership", "H. Lindqvist"), ("marketing_operations", "R. Costa"), ("compliance", "C. Brandt"))


def sign_all(folder):
    for role, by in SIGNED:
        policy = approve(folder, role=role, by=by, on=DAY)
    return policy


def test_approved_when_all_three_signed_the_present_content(folder):
    assert not approve(folder, role="compliance", by="C. Brandt", on=DAY).is_approved
    policy = sign_all(folder)
    assert policy.is_approved
    assert load_policy(folder) == policy
    check_can_decide(policy)
    assert status_line(policy).startswith("Approved by compliance (C. Brandt, 2026-03-02)")


def test_a_change_makes_it_a_draft_again(folder, change):
    sign_all(folder)
    change("00_policy.yaml", "negative_cap: 40", "negative_cap: 50")
    policy = load_policy(folder)
    assert not policy.is_approved
    assert len(policy.approvals) == 3
    with pytest.raises(GateRefused, match="sales leadership and marketing operations and compliance have not signed"):
        check_can_decide(policy)


def test_a_change_taken_back_is_approved_again(folder, change):
    sign_all(folder)
    change("00_policy.yaml", "negative_cap: 40", "negative_cap: 50")
    change("00_policy.yaml", "negative_cap: 50", "negative_cap: 40")
    assert load_policy(folder).is_approved


def test_one_person_signs_once(folder):
    approve(folder, role="compliance", by="C. Brandt", on=DAY)
    with pytest.raises(UserError, match="has signed this content already, for compliance"):
        approve(folder, role="sales_leadership", by="c. brandt", on=DAY)


@pytest.mark.parametrize(("role", "by"), [("complience", "C. Brandt"), ("compliance", " ")])
def test_who_cannot_sign(folder, role, by):
    with pytest.raises(WrongUsage):
        approve(folder, role=role, by=by, on=DAY)


def test_names_with_any_characters_are_kept(folder):
    by = "Zoë: O'Neil [compliance] #1 {x}"
    approve(folder, role="compliance", by=by, on=DAY)
    assert load_policy(folder).approvals[0].by == by


def test_no_stage_is_left(folder):
    sign_all(folder)
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_file_with_other_sections_behind_is_refused_unchanged(folder):
    path = folder / "approvals.yaml"
    approve(folder, role="compliance", by="C. Brandt", on=DAY)
    path.write_text(path.read_text(encoding="utf-8") + "overrides: []\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="cannot be appended here"):
        approve(folder, role="sales_leadership", by="H. Lindqvist", on=DAY)
    assert path.read_text(encoding="utf-8") == before
