"""``explain`` in words: what is told, how much the smaller reasons hold, and what would change it."""

from __future__ import annotations

from salesworthy.cli.explain import lead_text


def lead(shares, **more):
    """A lead of a workspace without a policy, with reasons of these shares."""
    reasons = [
        {"degree": "clear", "log_odds": share, "sentence": f"Says {place}", "code": f"C{place}"}
        for place, share in enumerate(shares)
    ]
    return {
        "lead_id": "L1", "as_of": "2026-03-10T00:00:00Z", "decision": "NURTURE", "decided_by": "propensity",
        "propensity": 0.1, "propensity_low": 0.05, "propensity_high": 0.2, "model_version": "v1", "reasons": reasons,
        **more,
    }  # fmt: skip


def test_the_smaller_reasons_are_one_line_with_their_share():
    text = lead_text(lead([0.6, 0.5, 0.4, 0.3, 0.1, 0.1, -0.5, -0.4, -0.1]))
    assert "+0.20  2 smaller reasons, 7 % of all that moved the score" in text
    assert "-0.10  1 smaller reason, 3 % of all that moved the score" in text
    assert "Says 3" in text
    assert "Says 4" not in text


def test_what_would_change_it_is_told_only_where_it_was_asked():
    assert "would" not in lead_text(lead([0.6]))
    told = lead_text(lead([0.6], would_change=[{"sentence": "Asked for a price: MQL"}], would_change_why=None))
    assert told.endswith("What would make it an MQL:\n  Asked for a price: MQL")
    nothing = lead_text(lead([0.6], would_change=[], would_change_why="No act changes that"))
    assert nothing.endswith("What would make it an MQL: No act changes that")
    held = lead([0.6], would_change=[{"sentence": "Works in surgery: MQL"}], would_change_why=None)
    held = lead_text(held | {"decision": "HELD"})
    assert "Once the missing fact is known:\n  Works in surgery: MQL" in held
