"""A scoring run that something happens to: the old run or the new one is there whole, and the next mends it.

A sample of the many places; ``python -m experiments.faults`` goes through them all and keeps the table.
"""

from __future__ import annotations

import errno
import signal

import pytest
from tests.faults.damage import CUT, TURNED, Damage
from tests.faults.harness import CALLS, CHECKED, KILLED, Fault, Trial, can_compile
from tests.functional.conftest import trained  # noqa: F401  # the fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_compile(), reason="faults need Linux and gcc"),
]


@pytest.fixture(scope="module")
def trial(trained, tmp_path_factory):  # noqa: F811
    made = Trial(trained, tmp_path_factory.mktemp("faults"), workers=2)
    yield made
    made.close()


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
    left = trial.with_the_clock_back()
    assert (left.newest, left.faults) == ("new", ())


def test_a_registry_that_does_not_answer_changes_nothing(trial):
    left = trial.without_a_registry()
    assert (left.newest, left.faults) == ("new", ())


def test_too_little_memory_is_told(trial):
    left = trial.with_little_memory(150)
    assert (left.newest, left.faults) == ("old", ())
    if left.code != -signal.SIGABRT:  # a library that is not ours may end the process where it gets no memory
        assert (left.code, "there is not enough memory" in left.message) == (3, True)


def test_of_two_jobs_at_once_one_runs_and_the_other_says_so(trial):
    both = trial.two_at_once()
    assert [(left.newest, left.faults) for left in both] == [("new", ())] * 2
    assert sorted(left.code for left in both) == [0, 6]


def test_a_busy_ledger_is_waited_for(trial):
    left = trial.with_a_busy_ledger(seconds=3)
    assert (left.newest, left.code, left.faults) == ("new", 0, ())


@pytest.mark.parametrize("name", ["engagements.parquet", "manifest.json", "hashes.json"])
def test_a_bit_turned_in_its_own_tables_is_never_used(trial, name):
    path = next(path for path in trial.files(CHECKED) if path.endswith(name))
    left = trial.with_damage(Damage(path, TURNED, 0.4, bit=1, is_silent=True))
    assert (left.newest, left.code, left.faults) == ("new", 0, ())


@pytest.mark.parametrize("path", ["data/market/engagements.parquet", "models/v1/bundle.json"])
def test_a_file_that_was_cut_short_is_told(trial, path):
    left = trial.with_damage(Damage(path, CUT, 0.7))
    assert (left.newest, left.faults) == ("old", ())
    assert path.rpartition("/")[2] in left.message


def test_the_harness_sees_a_torn_run(trial):
    with trial.workspace() as workspace:
        done = trial.run(workspace)
        (workspace / "out" / "latest" / "manifest.json").write_text("{}")
        assert any("torn run" in fault for fault in trial.look(workspace, done).faults)
