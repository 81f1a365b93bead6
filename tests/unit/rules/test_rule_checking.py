"""One report with every mistake of a policy, those that need the columns included."""

# ruff: noqa: E501 -- tables of cases: one line each
from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.rules.checking import load_checked_policy

EXAMPLE = Path(str(files("salesworthy.runs") / "templates" / "policy"))
PLANTED = [
    ("00_policy.yaml", "negative_cap: 40", "negative_cop: 40", "unknown key 'negative_cop' -> did you mean 'negative_cap'?"),
    ("00_policy.yaml", "product: leads.product", "product: leads.produkt", "there is no column 'leads.produkt' -> did you mean 'leads.product'"),
    ("00_policy.yaml", "when: \"accounts.region = 'southern_europe'\"", "when: \"accounts.region = 5\"", "mixes text with a number"),
    ("10_fit.yaml", "when: \"role = 'department_head'\"", "when: \"roll = 'department_head'\"", "HEAD_OF_DEPARTMENT: there is no column 'roll' -> did you mean 'role'?"),
    ("10_fit.yaml", "coalesce(beds, beds_reported) >= 200", "coalesce(beds, beds_reported) >= '200'", "COALESCE(beds, beds_reported) >= '200'\" mixes a number with text"),
    ("10_fit.yaml", "when: \"existing_customer\"", "when: \"existing_customer = (select true)\"", "KNOWN_CUSTOMER: a sub-query is not allowed"),
    ("20_exclusions_and_deductions.yaml", "half_life: 60d", "half_life: soon", "BOUNCED: half_life, value is 'soon'"),
    ("20_exclusions_and_deductions.yaml", "where: \"state = 'withdrawn'\"", "where: \"kind = 'withdrawn'\"", "UNSUBSCRIBED: there is no column 'kind'"),
    ("30_interest.yaml", "per: webinars_90d", "per: \"webinars_90d > 1\"", "WEBINARS_ATTENDED: 'webinars_90d > 1' gives yes or no, but a number is needed"),
    ("30_interest.yaml", "approver: R. Costa\n  - code: DEMO_ASKED", "approved: R. Costa\n  - code: DEMO_ASKED", "EVALUATION_ASKED: unknown key 'approved' -> did you mean 'approver'?"),
    ("40_actions_tiers_steps.yaml", "- where: \"read_more and evidence\"\n    within: 60d", "- where: \"read_mode and evidence\"\n    within: 60d", "WEBINAR_THEN_EVIDENCE: there is no column 'read_mode' -> did you mean 'read_more'"),
    ("40_actions_tiers_steps.yaml", "step: procurement_review", "step: procurement", "STEP_PROCUREMENT: there is no buying step 'procurement'"),
    ("50_consent.yaml", "needs: opt_out", "needs: opt_aut", "cannot be 'opt_aut' -> did you mean 'opt_out'"),
    ("60_routing.yaml", "owner: na_surgery", "owner: na_surgary", "NA_SURGERY: there is no owner 'na_surgary' -> did you mean 'na_surgery'"),
    ("70_nurture.yaml", "{asset: TRAINING_VIDEO", "{asset: TRAINING_VIDEOS", "IMPLEMENTATION: there is no asset 'TRAINING_VIDEOS' -> did you mean 'TRAINING_VIDEO'"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "policy"))


def plant(folder, file, old, new):
    """Replaces a text, and returns the line of the first place that changes."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old, text.count(old))
    changed = text.replace(old, new)
    path.write_text(changed, encoding="utf-8")
    at = next(place for place, (one, other) in enumerate(zip(text, changed, strict=False)) if one != other)
    return changed[:at].count("\n") + 1


def test_a_policy_with_fifteen_planted_mistakes_names_all_of_them_with_their_lines(folder, world):
    assert len(PLANTED) == 15
    lines = [plant(folder, *planted[:3]) for planted in PLANTED]
    with pytest.raises(ConfigurationMistakes) as caught:
        load_checked_policy(folder, world.columns)
    report = [str(each) for each in caught.value.mistakes]
    for line, (file, _, _, says) in zip(lines, PLANTED, strict=True):
        assert any(each.startswith(f"policy/{file}:{line}: ") and says in each for each in report), (file, line, says)
    # What follows from the planted mistakes, and nothing else, stands beside them.
    expected = [says for *_, says in PLANTED]
    others = [each for each in report if not any(says in each for says in expected)]
    assert [each.partition(": ")[2] for each in others] == [
        "scoring: negative_cap is missing -> write negative_cap: ...",
        "EVALUATION_ASKED: approver is missing -> write approver: ...",
    ]


def test_the_example_has_none(world):
    assert len(world.policy.rules) >= 50


def test_a_shared_condition_that_fits_no_table_is_told_once(folder, world):
    plant(folder, "00_policy.yaml", 'read_more: "kind in', 'read_more: "kinds in')
    with pytest.raises(ConfigurationMistakes) as caught:
        load_checked_policy(folder, world.columns)
    assert any(
        "read_more: there is no column 'kinds' -> did you mean 'kind'" in str(each) for each in caught.value.mistakes
    )
