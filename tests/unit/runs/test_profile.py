"""Profiles: every second belongs to one step, and a run without a profile costs nothing and says nothing."""

from __future__ import annotations

import time

import pytest

from salesworthy.runs.profile import each_in_step, profiled, read_profile, step


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves when it is told to."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(time, "process_time", lambda: now[0] / 2)

    def passes(seconds):
        now[0] += seconds

    return passes


def test_a_step_within_another_counts_for_itself_alone(clock):
    with profiled() as profile:
        with step("outer"):
            clock(1.0)
            with step("inner"):
                clock(2.0)
            clock(3.0)
        with step("inner"):
            clock(4.0)
    assert profile.as_dict() == {
        "outer": {"seconds": 4.0, "processor_seconds": 2.0, "share": 0.4},
        "inner": {"seconds": 6.0, "processor_seconds": 3.0, "share": 0.6},
    }


def test_waiting_for_items_is_a_step_and_working_on_them_is_not(clock):
    def slowly():
        for item in "ab":
            clock(1.0)
            yield item
        clock(0.5)

    with profiled() as profile:
        found = []
        for item in each_in_step("read", slowly()):
            clock(10.0)
            found.append(item)
    assert (found, profile.seconds) == (["a", "b"], {"read": 2.5})


def test_a_failure_is_counted_and_goes_on(clock):
    with profiled() as profile, pytest.raises(ValueError, match="broken"), step("work"):
        clock(2.0)
        raise ValueError("broken")
    assert profile.seconds == {"work": 2.0}


def test_without_a_profile_steps_do_nothing():
    with step("work"):
        assert list(each_in_step("read", [1, 2])) == [1, 2]


def test_a_profile_is_read_under_its_runs_name(clock, tmp_path):
    with profiled() as profile, step("work"):
        clock(1.0)
    profile.write(tmp_path / "profiles", "r1")
    assert read_profile(tmp_path / "profiles", "r1") == profile.as_dict()
    assert read_profile(tmp_path / "profiles", "r2") == {}
