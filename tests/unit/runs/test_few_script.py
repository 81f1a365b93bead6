"""SQL in which the moment is left open says the same for any moment, or is not kept at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.policy.loading import load_policy
from salesworthy.runs.few_place import state_on
from salesworthy.runs.few_script import NotTheMoment, Script, Step, without_moment
from salesworthy.runs.init import template

FIRST, SECOND = 1_782_864_000_000_000, 1_817_424_001_234_567


def steps(moment, *, table="features_3_known", tail=""):
    sql = f'SELECT * FROM "acts" WHERE at <= {moment} AND at > {moment - 77} AND kind = 5{tail}'
    return [Step(table, sql, kept=True), Step("rows", f'SELECT {moment} FROM "{table}"', kept=False)]


@given(moment=st.integers(10**6, 2**60))
def test_a_kept_script_gives_the_sql_of_any_moment(moment):
    found = without_moment(steps(FIRST), steps(SECOND, table="features_8_known"), FIRST, SECOND)
    assert [each.at(moment) for each in found] == [each.sql for each in steps(moment, table="kept_0")]
    assert [each.name for each in found] == ["kept_0", "rows"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(steps(FIRST, tail=" AND x = 1"), steps(SECOND, tail=" AND x = 2"), id="another number moves too"),
        pytest.param(steps(FIRST, tail=" AND x"), steps(SECOND, tail=" AND y"), id="another column"),
        pytest.param(steps(FIRST), steps(SECOND)[:1], id="fewer statements"),
        pytest.param(steps(FIRST), steps(SECOND, tail=" AND 7"), id="a longer statement"),
        pytest.param(steps(FIRST), steps(FIRST + 2 * (SECOND - FIRST)), id="twice as far"),
        pytest.param(steps(FIRST, tail=" '{{moment+1}}'"), steps(SECOND, tail=" '{{moment+1}}'"), id="open already"),
    ],
)
def test_sql_that_differs_in_more_than_the_moment_is_not_kept(one, other):
    with pytest.raises(NotTheMoment):
        without_moment(one, other, FIRST, SECOND)


def test_a_script_is_read_as_it_was_written_and_a_damaged_one_not_at_all():
    script = Script(tuple(steps(FIRST)), (), "{}", "a", {"R": ["role"]}, ("lead_id", "rule.R"))
    text = script.to_json()
    assert Script.from_json(text) == script
    assert [Script.from_json(each) for each in (text[:-9], "[]", "{}", text.replace('"kept"', '"kpt"'))] == [None] * 4


def test_the_state_of_a_policy_changes_on_the_days_on_which_one_of_its_numbers_does(tmp_path):
    text = template("policy/00_policy.yaml")
    for name in ("10_fit", "20_exclusions_and_deductions", "30_interest", "40_actions_tiers_steps", "50_consent"):
        (tmp_path / f"{name}.yaml").write_text(template(f"policy/{name}.yaml"), encoding="utf-8")
    for name in ("60_routing", "70_nurture", "80_governance"):
        (tmp_path / f"{name}.yaml").write_text(template(f"policy/{name}.yaml"), encoding="utf-8")
    (tmp_path / "00_policy.yaml").write_text(text, encoding="utf-8")
    policy = load_policy(tmp_path)
    day = dt.date(2026, 7, 1)
    starts = policy.policy.starts
    assert state_on(policy, day) == state_on(policy, day)
    assert state_on(policy, starts) != state_on(policy, starts - dt.timedelta(days=1))
