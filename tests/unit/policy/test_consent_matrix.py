"""The consent matrix: each state, each expiry, the most specific rule."""

from __future__ import annotations

import datetime as dt

import pytest

from salesworthy.policy.consent import consent_answer

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("state", "days", "region", "channel", "content", "allowed", "rule"),
    [
        ("opt_in", 10, "dach", "email", "all", True, "EMAIL_DACH"),
        ("opt_in", 729, "dach", "email", "all", True, "EMAIL_DACH"),
        ("opt_in", 730, "dach", "email", "all", False, "EMAIL_DACH"),
        ("opt_in", 400, "dach", "email", "clinical", False, "CLINICAL_PROMOTION"),
        ("opt_in", None, "dach", "email", "all", False, "EMAIL_DACH"),
        ("implied", 10, "dach", "email", "all", False, "EMAIL_DACH"),
        ("implied", 179, "north_america", "email", "all", True, "EMAIL_NORTH_AMERICA"),
        ("implied", 180, "north_america", "email", "all", False, "EMAIL_NORTH_AMERICA"),
        ("none", 10, "north_america", "email", "all", False, "EMAIL_NORTH_AMERICA"),
        (None, None, "north_america", "phone", "all", True, "PHONE_NORTH_AMERICA"),
        ("withdrawn", 1, "north_america", "phone", "all", False, "PHONE_NORTH_AMERICA"),
        ("objected", 900, "north_america", "phone", "all", False, "PHONE_NORTH_AMERICA"),
        ("bounced", 1, "nordics", "email", "all", False, "EMAIL_NORDICS"),
        ("opt_in", 10, None, "email", "all", True, "ALL_OTHER_CONTACT"),
        (None, None, None, "letter", "all", False, "ALL_OTHER_CONTACT"),
    ],
)
def test_states(example, *, state, days, region, channel, content, allowed, rule):
    found = consent_answer(
        example.consent, DAY,
        state=state, days=days, region=region, channel=channel, purpose="marketing", content_type=content,
    )  # fmt: skip
    assert (found.allowed, found.rule) == (allowed, rule)
    assert found.says


def test_no_rule_in_force_is_no_consent(example):
    found = consent_answer(
        example.consent, dt.date(2020, 1, 1),
        state="opt_in", days=1, region="dach", channel="email", purpose="marketing", content_type="all",
    )  # fmt: skip
    assert not found.allowed
