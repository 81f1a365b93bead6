"""The lock: one holder at a time, free again whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from salesworthy.domain.errors import ExitCode, RunLocked, UserError
from salesworthy.runs.lock import run_lock

HOLD = """
import sys, time
from pathlib import Path
from salesworthy.runs.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def start_holder(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_run_is_refused_with_the_holder_named(tmp_path: Path) -> None:
    with start_holder(tmp_path) as holder:
        try:
            with pytest.raises(RunLocked, match=f"process {holder.pid} on ") as refused, run_lock(tmp_path):
                pytest.fail("two holders")
        finally:
            holder.kill()
    assert refused.value.exit_code == ExitCode.LOCKED


def test_kill_9_frees_the_lock(tmp_path: Path) -> None:
    with start_holder(tmp_path) as holder:
        holder.send_signal(signal.SIGKILL)
    with run_lock(tmp_path):
        assert f"process {os.getpid()} " in (tmp_path / ".lock").read_text()


def test_it_is_free_after_use_and_after_a_failure(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        pass
    with pytest.raises(RuntimeError), run_lock(tmp_path):
        raise RuntimeError
    with run_lock(tmp_path):
        pass


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(RunLocked), run_lock(tmp_path):
        pytest.fail("two holders")


def test_folders_are_locked_apart_and_created_when_needed(tmp_path: Path) -> None:
    with run_lock(tmp_path / "a" / "b"), run_lock(tmp_path / "a"):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_place_that_is_no_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(UserError, match="cannot write here"), run_lock(tmp_path / "out"):
        pytest.fail("locked a file")
