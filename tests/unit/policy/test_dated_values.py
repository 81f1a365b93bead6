"""Dated values: in force from a day on, with unit, reason and approver; earlier ones stay."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesworthy.policy.dated import DatedHours, DatedPoints, DatedProbability
from salesworthy.policy.governance import Retention
from salesworthy.policy.nurture import Track

DAY = dt.date(2026, 3, 1)


def version(value, starts, unit="probability"):
    return {"value": value, "from": starts, "unit": unit, "reason": "workshop", "approver": "M. Weber"}


HISTORY = DatedProbability.model_validate([version(0.25, "2026-03-01"), version(0.2, "2024-01-01")])


@pytest.mark.parametrize(
    ("day", "value"),
    [("2023-12-31", None), ("2024-01-01", 0.2), ("2026-02-28", 0.2), ("2026-03-01", 0.25), ("2030-01-01", 0.25)],
)
def test_the_value_of_a_day(day, value):
    assert HISTORY.at(dt.date.fromisoformat(day)) == value


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ([version(0.2, "2024-01-01"), version(0.3, "2024-01-01")], "two values hold from 2024-01-01"),
        (version(1.5, "2024-01-01"), "out of range"),
        (version(0.2, "2024-01-01", unit="points"), "'probability' is needed here"),
        ([], "at least 1"),
        ({"value": 0.2, "from": "2024-01-01", "unit": "probability", "approver": "M"}, "reason"),
        (0.2, "a dated value is needed"),
        (version(float("nan"), "2024-01-01"), "finite"),
    ],
)
def test_what_is_no_dated_value(raw, says):
    with pytest.raises(ValidationError, match=says):
        DatedProbability.model_validate(raw)


def test_a_plain_value_takes_day_reason_and_approver_from_its_entry():
    kept = Retention(table="leads", keep="52w", starts="2024-01-01", reason="schedule", approver="C. Brandt").keep
    (only,) = kept.versions
    assert (only.value, only.unit, only.starts, only.reason, only.approver) == (
        364, "days", dt.date(2024, 1, 1), "schedule", "C. Brandt",
    )  # fmt: skip


def test_plain_values_inside_a_list_of_parts_do_so_too():
    track = Track.model_validate(
        {
            "code": "T", "title": "t", "call_to_action": "call", "starts": "2024-01-01", "reason": "r", "approver": "a",
            "steps": [{"asset": "A", "after": "1d"}, {"asset": "B", "after": version(3, "2025-01-01", unit="days")}],
        }
    )  # fmt: skip
    assert [step.after.at(DAY) for step in track.steps] == [1, 3]
    assert track.steps[0].after.versions[0].approver == "a"


@pytest.mark.parametrize(("written", "hours"), [("4h", 4), ("2d", 48), (6, 6)])
def test_windows_are_read_in_the_unit_that_is_needed(written, hours):
    from salesworthy.policy.routing import ResponseWindow

    window = ResponseWindow(within=written, starts=DAY, reason="r", approver="a")
    assert isinstance(window.within, DatedHours)
    assert window.within.at(DAY) == hours


@given(st.lists(st.tuples(st.dates(), st.integers(0, 100)), min_size=1, unique_by=lambda each: each[0]), st.dates())
def test_the_latest_start_that_is_not_after_the_day_counts(history, day):
    dated = DatedPoints.model_validate([version(value, start, unit="points") for start, value in history])
    before = [(start, value) for start, value in history if start <= day]
    assert dated.at(day) == (max(before)[1] if before else None)
