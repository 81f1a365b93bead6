"""Numbers of a policy turned in a review: the file stays as it was written, but for them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesworthy.runs
from salesworthy.domain.errors import MistakeCollector, WrongUsage
from salesworthy.policy.adjusting import Adjustable, adjustable, adjusted
from salesworthy.policy.dated import DatedShare
from salesworthy.policy.differences import differences
from salesworthy.policy.loading import load_policy
from salesworthy.policy.parts import Day
from salesworthy.policy.yaml_reader import read_yaml

EXAMPLE = Path(salesworthy.runs.__file__).parent / "templates" / "policy"
DAY = Day(2026, 8, 1)
GIVEN = {"starts": DAY, "reason": 'fewer "cold" leads: 2026', "approver": "M. Weber", "version": "2026.2"}


@pytest.fixture(scope="module")
def policy():
    return load_policy(EXAMPLE)


@pytest.fixture(scope="module")
def texts():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(EXAMPLE.glob("*.yaml"))}


@pytest.fixture(scope="module")
def numbers(policy):
    return {each.key: each for each in adjustable(policy, DAY)}


@pytest.fixture
def turned(texts, numbers, tmp_path):
    """Loads the policy with some numbers turned: ``turned({"criteria.ENDOSCOPY.propensity": 0.15})``."""

    def loaded(values, **changed):
        written = adjusted(texts, {numbers[key]: value for key, value in values.items()}, **{**GIVEN, **changed})
        shutil.rmtree(tmp_path / "draft", ignore_errors=True)
        (tmp_path / "draft").mkdir()
        for name, text in written.items():
            (tmp_path / "draft" / name).write_text(text, encoding="utf-8")
        return load_policy(tmp_path / "draft"), written

    return loaded


def test_thresholds_grades_weights_and_scoring_are_found_with_what_holds_on_the_day(numbers):
    assert numbers["criteria.INFUSION_PUMP_DACH.propensity"].value == 0.25
    assert numbers["grades.fit.A"].value == 24
    assert numbers["rules.EVALUATION_ASKED.points"].value == 30
    assert numbers["scoring.exploration"].value == 0.05
    assert numbers["criteria.ALL_OTHERS.leads_per_week"].value == 60
    assert "criteria.ALL_OTHERS.propensity" not in numbers
    assert not [each.title for each in numbers.values() if "_" in each.title]


TURNED = {
    "criteria.ENDOSCOPY.propensity": 0.15,  # a plain number
    "criteria.INFUSION_PUMP_DACH.propensity": 0.3,  # a list, a line each
    "criteria.ALL_OTHERS.leads_per_week": 40,
    "grades.fit.A": 26,  # inside braces
    "grades.interest.1": 50,
    "scoring.exploration": 0.1,
    "rules.EVALUATION_ASKED.points": 25,
}


def test_these_numbers_change_from_that_day_on_and_nothing_else(policy, turned, numbers):
    draft, _ = turned(TURNED)
    assert {each.key: each.value for each in adjustable(draft, DAY)} == {
        name: TURNED.get(name, each.value) for name, each in numbers.items()
    }
    before = Day(2026, 7, 31)
    assert [each.value for each in adjustable(draft, before)] == [each.value for each in adjustable(policy, before)]
    others = [each for each in differences(policy, draft) if each.section != "policy"]
    assert len(others) == len(TURNED), [each.says for each in others]
    assert draft.version == "2026.2"


def test_comments_and_lines_stay_as_they_were_written(texts, numbers):
    written = adjusted(texts, {numbers["criteria.INFUSION_PUMP_DACH.propensity"]: 0.3}, **GIVEN)
    before, after = (each["00_policy.yaml"].splitlines() for each in (texts, written))
    added = [line for line in after if line not in before]
    assert len(added) == 2
    assert len(after) == len(before) + 1
    assert [name for name in texts if texts[name] != written[name]] == ["00_policy.yaml"]


def test_a_value_of_the_same_day_is_replaced(turned, numbers):
    draft, _ = turned({"criteria.INFUSION_PUMP_DACH.propensity": 0.3}, starts=Day(2026, 3, 1))
    (criteria,) = (each for each in draft.criteria if each.code == "INFUSION_PUMP_DACH")
    assert [each.value for each in criteria.propensity.versions] == [0.2, 0.3]


@pytest.mark.parametrize(
    ("key", "value"),
    [("criteria.ENDOSCOPY.propensity", 1.2), ("rules.EVALUATION_ASKED.points", -1), ("scoring.exploration", 2)],
)
def test_a_value_out_of_range_is_refused_with_its_name(texts, numbers, key, value):
    with pytest.raises(WrongUsage, match="out of range") as refused:
        adjusted(texts, {numbers[key]: value}, **GIVEN)
    assert numbers[key].title in refused.value.what


def test_a_number_that_stands_nowhere_is_refused(texts, numbers):
    nowhere = replace(numbers["grades.fit.A"], place=("grades", "fit", "Z"))
    with pytest.raises(WrongUsage, match="stands in no file"):
        adjusted(texts, {nowhere: 3}, **GIVEN)


WAYS = {
    "a": "a: 0.5",
    "b": "b: 0.5  # as decided",
    "c": "c: {value: 0.5, from: 2024-01-01, unit: share, reason: r, approver: p}",
    "d": "d: [{value: 0.5, from: 2024-01-01, unit: share, reason: r, approver: p}]",
    "e": "e:\n    - {value: 0.5, from: 2024-01-01, unit: share, reason: r, approver: p}  # first\n    # no more",
    "f": "f:\n    - value: 0.5\n      from: 2024-01-01\n      unit: share\n      reason: r\n      approver: p",
    "g": "g:\n      value: 0.5\n      from: 2024-01-01\n      unit: share\n      reason: r\n      approver: p",
}
"""Every way in which a number may be written."""
PLAIN = {"value": 0.5, "from": "2024-01-01", "unit": "share", "reason": "r", "approver": "p"}
DATED = {**PLAIN, "from": Day(2024, 1, 1)}


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(list(WAYS)),
    values=st.dictionaries(st.sampled_from(list(WAYS)), st.floats(0, 1, allow_subnormal=False), min_size=1),
    reason=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40),
)
def test_whichever_way_a_number_is_written(order, values, reason):
    lines = "\n".join(f"  {WAYS[name]}" for name in order)
    texts = {"x.yaml": f"# why\npolicy:\n  version: one\nscoring:\n{lines}\nlast: kept\n"}
    number = DatedShare.model_validate(PLAIN)
    changes = {Adjustable(("scoring", name), "scoring", name, number, 0.5): value for name, value in values.items()}
    written = adjusted(texts, changes, **{**GIVEN, "reason": reason})["x.yaml"]
    mistakes = MistakeCollector(of="the draft")
    found = read_yaml(written, "x.yaml", mistakes)
    assert (mistakes.found, found.values["policy"], found.values["last"]) == ([], {"version": "2026.2"}, "kept")
    for name in WAYS:
        told = found.values["scoring"][name]
        if name in values:
            kept, new = DatedShare.model_validate(told).versions
            assert (kept, new.value, new.starts, new.reason) == (number.versions[0], values[name], DAY, reason)
        else:
            assert told in (
                0.5,
                *({**PLAIN, "from": DAY.replace(2024, 1, 1)}, [{**PLAIN, "from": DAY.replace(2024, 1, 1)}]),
            )
