"""Each way in which a column gives the outcome away, beside honest columns, which stay undisturbed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.model.handoffs import handoffs

from salesworthy.model.leakage import audit_leakage
from salesworthy.model.leakage_power import auc_within

ROWS = 3_000


@pytest.fixture(scope="module")
def clean():
    """Handoffs with four columns that tell something and four that tell nothing."""
    data = handoffs(ROWS)
    rng = np.random.default_rng(5)
    table = data.features
    for number in range(4):
        table = table.append_column(f"noise_{number}", pa.array(rng.standard_normal(ROWS)))
    return replace(data, features=table)


def audited(clean, values, name="field_1", **how):
    """(code, severity) of the findings on one more column, after a check that no other column has any."""
    found = audit_leakage(replace(clean, features=clean.features.append_column(name, values)), **how)
    assert {each.column for each in found} <= {name}
    return {each.code.value: each.severity.value for each in found}


def won(data):
    return np.nan_to_num(data.label) > 0.5


def test_honest_columns_have_no_finding(clean):
    assert audit_leakage(clean) == []


@pytest.mark.parametrize("seed", range(5))
def test_no_finding_where_the_outcome_is_chance(clean, seed):
    mixed = clean.label.copy()
    mixed[clean.judged] = np.random.default_rng(seed).permutation(mixed[clean.judged])
    assert audit_leakage(replace(clean, label=mixed)) == []


def test_the_outcome_in_other_words(clean):
    assert audited(clean, pa.array(np.where(won(clean), "yes", "no")))["SAME_AS_OUTCOME"] == "block"


def test_a_copy_with_errors_is_too_predictive(clean):
    wrong = np.random.default_rng(99).random(ROWS) < 0.12
    assert audited(clean, pa.array(won(clean) ^ wrong)) == {"TOO_PREDICTIVE": "block"}


def test_two_leaks_do_not_hide_one_another(clean):
    wrong = np.random.default_rng(99).random((2, ROWS)) < 0.12
    one = clean.features.append_column("one", pa.array(won(clean) ^ wrong[0]))
    found = audit_leakage(replace(clean, features=one.append_column("two", pa.array(won(clean) ^ wrong[1]))))
    assert {each.column for each in found if each.blocks} == {"one", "two"}


def test_filled_in_for_accepted_leads_only(clean):
    values = np.random.default_rng(99).lognormal(8, 1, ROWS)
    found = audited(clean, pa.array(values, mask=~won(clean)))
    assert found["MISSING_WITH_OUTCOME"] == "block"


def test_dates_after_the_handoff(clean):
    days = pa.array(np.random.default_rng(99).normal(-20, 10, ROWS))
    assert audited(clean, days, dated=["field_1"]) == {"LATER_DATE": "block"}
    assert audited(clean, days, dated=["field_1"], words={"field_1": "arrival_date"}) == {"LATER_DATE": "warn"}
    assert audited(clean, days) == {}


def test_a_few_wrong_dates_are_no_leak(clean):
    days = np.full(ROWS, 3.0)
    days[:4] = -9
    assert audited(clean, pa.array(days), dated=["field_1"]) == {}


def test_a_name_alone_warns_and_with_skill_blocks(clean):
    rng = np.random.default_rng(99)
    assert audited(clean, pa.array(rng.standard_normal(ROWS)), "sales_notes") == {"OUTCOME_NAME": "warn"}
    skilled = pa.array(rng.standard_normal(ROWS) + 0.9 * won(clean))
    assert audited(clean, skilled, "sales_notes")["OUTCOME_NAME"] == "block"


def test_what_is_measured_over_dated_acts_is_not_judged_by_its_name(clean):
    values = pa.array(np.random.default_rng(99).standard_normal(ROWS))
    assert audited(clean, values, "deal_pages_30d", words={"deal_pages_30d": ""}) == {}


def test_an_owner_is_never_a_feature(clean):
    values = pa.array(np.random.default_rng(99).choice(["ann", "bob"], ROWS))
    assert audited(clean, values, "lead_owner") == {"OWNER": "block"}


def test_a_value_that_decides(clean):
    rng = np.random.default_rng(99)
    some = rng.random(ROWS) < 0.2
    noise = rng.choice(["a", "b", "c"], ROWS)
    assert audited(clean, pa.array(np.where(won(clean) & some, "x", noise)))["DECIDED_VALUE"] == "block"
    assert audited(clean, pa.array(np.where(~won(clean) & some, "x", noise))) == {"DECIDED_VALUE": "warn"}


def test_a_small_group_that_decided_together_is_no_leak(clean):
    group = np.zeros(ROWS, dtype=bool)
    group[np.flatnonzero(won(clean))[:15]] = True
    assert audited(clean, pa.array(np.where(group, "x", "a"))) == {}


def test_a_default_that_is_corrected_later(clean):
    rng = np.random.default_rng(99)
    default = np.where(won(clean), rng.random(ROWS) < 0.7, rng.random(ROWS) < 0.35)
    other = [f"country {number}" for number in rng.integers(0, 60, ROWS)]
    assert audited(clean, pa.array(np.where(default, "home", other)))["KEPT_DEFAULT"] == "warn"


def test_numbers_of_leads_and_of_accounts(clean):
    leads = pa.array([f"{number:x}" for number in np.random.default_rng(99).permutation(ROWS)])
    assert audited(clean, leads) == {"IDENTITY": "warn"}
    assert audited(clean, pa.array([f"site {account}" for account in clean.account_id])) == {"IDENTITY": "warn"}


def test_an_identity_that_remembers_outcomes_blocks(clean):
    """Pairs of leads share a key and an outcome; later keys are often new."""
    rng = np.random.default_rng(99)
    keys = [f"{'w' if outcome else 'l'}{rng.integers(900)}-{moment > 250}" for outcome, moment in zip(
        won(clean), clean.handed_at / 86_400e6, strict=True)]  # fmt: skip
    mixed = np.where(rng.random(ROWS) < 0.5, keys, [key.removesuffix("-True").removesuffix("-False") for key in keys])
    assert audited(clean, pa.array(mixed))["IDENTITY"] == "block"


def test_a_clock(clean):
    assert audited(clean, pa.array(clean.handed_at / 86_400e6 // 10)) == {"CLOCK": "warn"}


def test_findings_name_the_source_column(clean):
    values = pa.array(np.where(won(clean), "yes", "no"))
    found = audit_leakage(
        replace(clean, features=clean.features.append_column("field_1", values)), sources={"field_1": "theirs"}
    )
    assert {(each.column, each.feature) for each in found} == {("theirs", "field_1")}


def test_handoffs_without_a_label_are_left_aside(clean):
    values = np.where(clean.judged, "a", "b")
    assert audited(clean, pa.array(values)) == {}


def test_order_of_rows_does_not_matter(clean):
    rows = np.random.default_rng(99).permutation(ROWS)
    leaky = replace(clean, features=clean.features.append_column("copy", pa.array(won(clean))))
    assert audit_leakage(leaky.take(rows)) == audit_leakage(leaky)


@pytest.mark.parametrize("rows", [0, 1, 5, 40])
def test_few_rows_tell_nothing(clean, rows):
    assert audit_leakage(clean.take(np.arange(rows))) == []


def test_auc_within_stretches_is_the_plain_one_averaged_over_pairs():
    rng = np.random.default_rng(2)
    ranks, label, stretch = rng.integers(0, 7, 200), (rng.random(200) < 0.4).astype(float), rng.integers(0, 3, 200)
    wins = pairs = 0.0
    for one in range(200):
        for other in range(200):
            if stretch[one] == stretch[other] and label[one] > label[other]:
                pairs += 1
                wins += (ranks[one] > ranks[other]) + (ranks[one] == ranks[other]) / 2
    assert auc_within(ranks, label, stretch) == pytest.approx(wins / pairs)
