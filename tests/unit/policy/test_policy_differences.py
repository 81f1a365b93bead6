"""Differences in plain sentences."""

# ruff: noqa: E501 -- tables of cases: one line each
from __future__ import annotations

import pytest

from salesworthy.policy.differences import differences
from salesworthy.policy.loading import load_policy


def says(example, folder):
    return [each.says for each in differences(example, load_policy(folder))]


def test_nothing_differs_from_itself(example, folder):
    assert says(example, folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "sentences"),
    [
        ("00_policy.yaml", "      - {value: 0.25, from: 2026-03-01,",
         "      - {value: 0.30, from: 2026-06-01, unit: probability, reason: full, approver: A. Smith}\n      - {value: 0.25, from: 2026-03-01,",
         ["From 1 June 2026 the propensity threshold of the criteria set INFUSION_PUMP_DACH (Infusion pumps in Germany, "
          "Austria and Switzerland) rises from 25 % to 30 % (approved by A. Smith: full)"]),
        ("00_policy.yaml", "value: 0.25, from: 2026-03-01", "value: 0.22, from: 2026-03-01",
         ["The value of the propensity threshold of the criteria set INFUSION_PUMP_DACH (Infusion pumps in Germany, Austria "
          "and Switzerland) from 1 March 2026 on is rewritten from 25 % to 22 % (approved by H. Lindqvist: two territories "
          "are full since January)"]),
        ("10_fit.yaml", "when: \"role = 'procurement'\"", "when: \"role in ('procurement', 'administrator')\"",
         ["The condition of the rule BUYER (Buys for the site) changes from \"role = 'procurement'\" to "
          "\"role in ('procurement', 'administrator')\""]),
        ("60_routing.yaml", "spills_to: [emea_desk, inside_sales]", "spills_to: [inside_sales]",
         ["The stand-ins of the owner dach_general (DACH) lose emea_desk"]),
        ("70_nurture.yaml", "expires: 2025-01-01", "expires: 2026-01-01",
         ["The expiry of the asset PRICE_LIST_2024 (Price list 2024) changes from 1 January 2025 to 1 January 2026"]),
        ("70_nurture.yaml", "      - {asset: TRAINING_VIDEO, after: 10d}\n", "",
         ["The steps of the track IMPLEMENTATION (Implementation): TRAINING_VIDEO is gone"]),
        ("00_policy.yaml", 'version: "2026.1"', 'version: "2026.2"',
         ["The version of the policy changes from '2026.1' to '2026.2'"]),
        ("80_governance.yaml", "  - {table: outcomes, keep: 1095d, starts: 2024-01-01, reason: retention schedule, approver: C. Brandt}\n",
         "", ["Retention of outcomes is gone"]),
        ("00_policy.yaml", "read_more: \"kind in ('open', 'download')\"", "read_more: \"kind = 'open'\"",
         ["The condition read_more changes from \"kind in ('open', 'download')\" to \"kind = 'open'\""]),
    ],
)  # fmt: skip
def test_sentences(example, folder, change, *, file, old, new, sentences):
    change(file, old, new)
    assert says(example, folder) == sentences


def test_new_rules_name_their_approver(example, folder):
    new = """
rules:
  - code: NEW_RULE
    title: Something new
    kind: award
    when: "beds > 5"
    points: 3
    says: {pass: yes, fail: no}
    review: 2027-01-01
    starts: 2026-05-01
    reason: a try
    approver: R. Costa
"""
    (folder / "95_new.yaml").write_text(new, encoding="utf-8")
    (only,) = differences(example, load_policy(folder))
    assert (only.section, only.code, only.change) == ("rules", "NEW_RULE", "added")
    assert only.says == "Rule NEW_RULE (Something new) is new from 1 May 2026 on (approved by R. Costa: a try)"


def test_another_order_of_routes_is_told(example):
    routes = (example.routes[0], example.routes[2], example.routes[1], *example.routes[3:])
    (only,) = differences(example, example.model_copy(update={"routes": routes}))
    assert only.says == "The order of the routes changed"
