"""A scoring run that is killed or fails anywhere: the old run or the new one is there whole, and the next mends it.

A sample of the many places; ``python -m experiments.faults`` goes through them all and keeps the table.
"""

from __future__ import annotations

import errno

import pytest
from tests.faults.harness import CALLS, KILLED, Fault, Trial, can_compile
from tests.functional.conftest import trained  # noqa: F401  # the fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_compile(), reason="faults need Linux and gcc"),
]


@pytest.fixture(scope="module")
def trial(trained, tmp_path_factory):  # noqa: F811
    return Trial(trained, tmp_path_factory.mktemp("faults"))


def test_the_calls_of_a_run_are_seen(trial):
    assert all(trial.calls[call] > 0 for call in CALLS)


@pytest.mark.parametrize(
    ("call", "error", "before_last", "lasts"),
    [
        ("rename", KILLED, 0, False),
        ("rename", KILLED, 1, False),
        ("sync", errno.EIO, 3, False),
        ("write", errno.ENOSPC, 40, True),
    ],
    ids=["killed at the last rename", "killed at the one before", "a sync fails", "the disk is full"],
)
def test_a_run_is_whole_or_absent(trial, call, error, before_last, lasts):
    left = trial.fail(Fault(call, error, trial.calls[call] - before_last, lasts))
    assert not left.faults, left.message
    assert left.code != 0


def test_a_clock_that_is_set_back_changes_nothing(trial):
    workspace = trial.copy("yesterday")
    left = trial.look(workspace, trial.run(workspace, FAULT_CLOCK="-86400"))
    assert (left.newest, left.faults) == ("new", ())


def test_the_harness_sees_a_torn_run(trial):
    workspace = trial.copy("torn")
    done = trial.run(workspace)
    (workspace / "out" / "latest" / "manifest.json").write_text("{}")
    assert any("torn run" in fault for fault in trial.look(workspace, done).faults)
