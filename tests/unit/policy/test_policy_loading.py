"""Loading: one document from several files, and all mistakes in one report."""

# ruff: noqa: E501 -- tables of cases: one line each
from __future__ import annotations

import datetime as dt

import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.policy.document import Policy
from salesworthy.policy.loading import load_policy


def mistakes_of(folder):
    with pytest.raises(ConfigurationMistakes) as caught:
        load_policy(folder)
    return [str(each) for each in caught.value.mistakes]


def test_the_example_loads(example):
    assert len(example.rules) >= 50
    assert len(example.buying_steps) == 4
    assert len(example.assets) >= 12
    assert any(not asset.is_approved(dt.date(2026, 3, 1)) for asset in example.assets)
    assert example.is_approved


def test_json_gives_the_same_policy_back(example):
    again = Policy.from_json(example.to_json())
    assert again == example
    assert again.content_hash == example.content_hash


def test_the_hash_is_of_content_not_of_form(example, folder, change):
    (folder / "50_consent.yaml").rename(folder / "55_agreement.yaml")
    change("80_governance.yaml", "retention:\n", "# kept for as long as needed\nretention:\n\n")
    assert load_policy(folder).content_hash == example.content_hash
    change("00_policy.yaml", "negative_cap: 40", "negative_cap: 41")
    assert load_policy(folder).content_hash != example.content_hash


def test_cases_and_signatures_are_not_part_of_what_is_signed(example, folder):
    (folder / "90_cases.yaml").unlink()
    assert load_policy(folder).content_hash == example.content_hash


PLANTED = [
    ("00_policy.yaml", "negative_cap: 40", "negative_cop: 40", "unknown key 'negative_cop' -> did you mean 'negative_cap'?"),
    ("00_policy.yaml", "regions: [southern_europe]", "regions: [south_europe]", "there is no region 'south_europe'"),
    ("10_fit.yaml", "- code: BUYER\n", "- code: HEAD_OF_DEPARTMENT\n", "HEAD_OF_DEPARTMENT stands in rules twice"),
    ("20_exclusions_and_deductions.yaml", "half_life: 60d", "half_life: soon", "half_life, value is 'soon' -> write a number"),
    ("20_exclusions_and_deductions.yaml", "    of: consents\n    within: 730d", "    of: consents", "a sequence needs a window"),
    ("30_interest.yaml", "per: webinars_90d", "step: awareness", "step cannot stand in a rule of kind award"),
    ("40_actions_tiers_steps.yaml", "step: procurement_review", "step: procurement", "there is no buying step 'procurement'"),
    ("50_consent.yaml", "needs: opt_out", "needs: opt_aut", "cannot be 'opt_aut' -> did you mean 'opt_out'"),
    ("60_routing.yaml", "owner: na_surgery", "owner: na_surgary", "there is no owner 'na_surgary' -> did you mean 'na_surgery'"),
    ("60_routing.yaml", "{triggers: [SAMPLE_REQUEST]", "{triggers: [SAMPEL_REQUEST]", "did you mean 'SAMPLE_REQUEST'"),
    ("70_nurture.yaml", "{asset: TRAINING_VIDEO", "{asset: TRAINING_VIDEOS", "there is no asset 'TRAINING_VIDEOS'"),
    ("80_governance.yaml", "{table: handoffs", "{table: handofs", "there is no table 'handofs'"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says"), PLANTED, ids=[each[3][:40] for each in PLANTED])
def test_each_mistake_is_named_with_its_line(folder, change, *, file, old, new, says):
    line = change(file, old, new)
    found = [each for each in mistakes_of(folder) if says in each]
    assert found, mistakes_of(folder)
    assert any(each.startswith(f"policy/{file}:") and abs(int(each.split(":")[1]) - line) <= 2 for each in found), found


def test_all_of_them_stand_in_one_report(folder, change):
    for file, old, new, _ in PLANTED:
        change(file, old, new)
    report = mistakes_of(folder)
    assert [says for *_, says in PLANTED if not any(says in each for each in report)] == []
    assert report == sorted(report, key=lambda each: (each.split(":")[0], int(each.split(":")[1])))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("00_policy.yaml", "applies: {products: [patient_monitor]}", "applies: {products: [endoscopy_tower]}",
         "MONITORING and ENDOSCOPY"),
        ("60_routing.yaml", "code: UK_IRELAND, title: United Kingdom and Ireland, regions: [uk_ireland], ",
         "code: UK_IRELAND, title: United Kingdom and Ireland, ", "NORDICS is never reached: UK_IRELAND"),
        ("60_routing.yaml", "title: Sample requests, path: samples,", "title: Sample requests, path: samples, regions: [dach],",
         "some leads on the path samples have no route"),
        ("60_routing.yaml", "{within: 3d,", "{triggers: [DEMO_REQUEST], within: 3d,", "some triggers have no response window"),
        ("50_consent.yaml", "code: PHONE_DACH, title: \"Telephone in Germany, Austria, Switzerland: presumed for businesses\", "
         "regions: [dach], channels: [phone]", "code: PHONE_DACH, title: x, regions: [dach], channels: [email]",
         "PHONE_DACH and EMAIL_DACH"),
        ("00_policy.yaml", "fit: {A: 24, B: 16, C: 8}", "fit: {A: 24, B: 30, C: 8}", "grade A takes no more points than grade B"),
        ("60_routing.yaml", "spills_to: [na_general]", "spills_to: [na_surgery]", "na_surgery spills over to itself"),
        ("70_nurture.yaml", "expires: 2023-05-01", "expires: 2020-05-01", "before its claims were reviewed"),
        ("30_interest.yaml", "pass: Came to our booth", "pass: Came to our booth {days} days ago", "nothing is known as {days}"),
        ("00_policy.yaml", "starts: 2024-01-01\n\n# Where", "starts: 2024-01-01\n\npolicy:\n  version: x\n\n# Where",
         "the key 'policy' stands here twice"),
        ("90_cases.yaml", "decided_by: BLOCKED_REGION", "decided_by: BLOCK_REGION", "did you mean 'BLOCKED_REGION'"),
    ],
)  # fmt: skip
def test_gaps_ties_and_dead_ends(folder, change, *, file, old, new, says):
    change(file, old, new)
    assert any(says in each for each in mistakes_of(folder)), mistakes_of(folder)


def test_a_file_that_cannot_be_read_does_not_drag_others_along(folder, change):
    change("10_fit.yaml", "rules:\n", "rules: [\n")
    (only,) = mistakes_of(folder)
    assert only.startswith("policy/10_fit.yaml:")


def test_an_empty_folder_says_so(tmp_path):
    (only,) = mistakes_of(tmp_path)
    assert "there is no policy" in only


def test_a_missing_section_says_so(folder):
    (folder / "50_consent.yaml").unlink()
    (only,) = mistakes_of(folder)
    assert "the policy has no section 'consent'" in only


def test_norway_is_a_country(example):
    assert "NO" in next(each for each in example.regions if each.code == "nordics").countries
