"""The page of a lead that nobody hands to sales: everything behind its decision, and nothing it wrote as markup."""

from __future__ import annotations

import re

from salesworthy.qualification.lead_page import lead_page

SCORED = {
    "lead_id": "L1",
    "as_of": "2026-07-01T00:00:00Z",
    "decision": "HELD",
    "decided_by": "NAMED_ROLE",
    "propensity": 0.12,
    "propensity_low": 0.08,
    "propensity_high": 0.2,
    "fit_grade": "C",
    "interest_grade": "3",
    "buying_step": "clinical_evaluation",
    "next_step": "ask_for_the_role",
    "track": None,
    "model_version": "v3",
    "policy_version": "2026.1",
    "run_id": "R1",
    "reasons": [
        {"sentence": "Opened <b>evidence</b>", "degree": "strong", "log_odds": 0.9},
        {"sentence": "Role: student", "degree": "clear", "log_odds": -0.4},
        {"sentence": "A rule said so", "degree": "decided", "log_odds": None},
    ],
}
RULE = {"rule": "NAMED_ROLE", "kind": "require", "title": "Role", "verdict": "UNKNOWN", "sentence": "Role is not known"}
POINTS = {**RULE, "kind": "award", "sentence": "Gives five points", "decided": False, "points": 5}
PATH = {"points": {"total": 12.0}, "missing": ["leads.role"], "rules": [{**RULE, "decided": True}, POINTS]}


def text_of(page: str) -> str:
    body = page.partition("<main>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def test_decision_rules_reasons_and_versions_are_all_there():
    page = lead_page({**SCORED, "rule_path": PATH, "packet": None})
    told = text_of(page)
    for words in (
        "HELD, decided by NAMED ROLE", "Fit C, interest 3, 12 points", "12%", "8% to 20%", "ask for the role",
        "Not known Role", "UNKNOWN Role is not known (decided)", "Role: student (clear)", "policy 2026.1; run R1",
    ):  # fmt: skip
        assert words in told
    assert "Gives five points" not in told
    assert "A rule said so" not in told
    assert "<b>evidence" not in page


def test_without_a_policy_or_a_model_there_is_still_a_page():
    bare = {**SCORED, "decision": "SCORED", "decided_by": "model", "policy_version": None, "propensity": None}
    told = text_of(lead_page({**bare, "reasons": []}))
    assert "the chance that sales accepts it is not known" in told
    assert "Speaks for it Nothing." in told
    assert "policy none" in told


def test_what_would_change_is_told_where_it_was_asked_for():
    asked = {**SCORED, "would_change": [{"sentence": "It would be an MQL with a known role"}], "would_change_why": ""}
    assert "It would be an MQL with a known role" in text_of(lead_page(asked))
    nothing = {**SCORED, "would_change": [], "would_change_why": "It left the field"}
    assert "It left the field" in text_of(lead_page(nothing))
