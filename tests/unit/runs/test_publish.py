"""Publishing: a run is complete or absent, at every moment and for every reader."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import UserError
from salesworthy.runs.lock import run_lock
from salesworthy.runs.publish import RunStage, clean_stages, latest_run, published


def publish(out: Path, run_id: str = "r1", *, rows: int = 3) -> dict[str, object]:
    with RunStage(out, run_id) as stage:
        (stage.folder / "scores").mkdir()
        pq.write_table(pa.table({"x": range(rows)}), stage.folder / "scores" / "part-0000.parquet")
        (stage.folder / "packets.jsonl").write_text("{}\n" * rows)
        (stage.folder / "notes.txt").write_text("ü\n")
        return stage.publish({"counts": {"MQL": rows}, "as_of": "2026-07-01"})


def left_over(out: Path) -> list[str]:
    return sorted(path.name for folder in (out, out / "runs") for path in folder.glob(".*") if path.name != ".lock")


def test_a_published_run_says_what_it_holds(tmp_path: Path) -> None:
    manifest = publish(tmp_path)
    folder = tmp_path / "runs" / "r1"
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    assert manifest["run_id"] == "r1"
    assert {name: file.get("rows") for name, file in manifest["files"].items()} == {
        "notes.txt": None,
        "packets.jsonl": 3,
        "scores/part-0000.parquet": 3,
    }
    for name, file in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["bytes"] == len(content)
    assert left_over(tmp_path) == []


def test_the_same_run_elsewhere_has_the_same_bytes(tmp_path: Path) -> None:
    publish(tmp_path / "a")
    publish(tmp_path / "b")
    contents = [
        {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        for out in (tmp_path / "a", tmp_path / "b")
    ]
    assert contents[0] == contents[1]


def test_the_stage_is_not_a_run_until_it_is_published(tmp_path: Path) -> None:
    with RunStage(tmp_path, "r1") as stage:
        (stage.folder / "x.txt").touch()
        assert published(tmp_path, "r1") is None
        assert latest_run(tmp_path) is None
        stage.publish({})
        assert published(tmp_path, "r1") is not None


def test_latest_names_the_newest_and_moves_with_the_folder(tmp_path: Path) -> None:
    publish(tmp_path / "out", "r2")
    publish(tmp_path / "out", "r1")
    assert str((tmp_path / "out" / "latest").readlink()) == "runs/r1"
    moved = (tmp_path / "out").rename(tmp_path / "moved")
    folder, manifest = latest_run(moved) or pytest.fail("no latest run")
    assert folder == moved / "runs" / "r1"
    assert manifest["run_id"] == "r1"


def test_others_may_read_what_was_published(tmp_path: Path) -> None:
    publish(tmp_path)
    assert (tmp_path / "runs" / "r1").stat().st_mode & 0o555 == 0o555


@pytest.mark.parametrize("failure", [RuntimeError("bug"), KeyboardInterrupt(), SystemExit(3)])
def test_a_failure_leaves_nothing(tmp_path: Path, failure: BaseException) -> None:
    with pytest.raises(type(failure)), RunStage(tmp_path, "r1") as stage:
        (stage.folder / "x").touch()
        raise failure
    assert published(tmp_path, "r1") is None
    assert left_over(tmp_path) == []


def test_a_missing_input_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), RunStage(tmp_path, "r1"):
        (tmp_path / "not there").read_bytes()


def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing was published") as explained, RunStage(tmp_path, "r1") as stage:
        (stage.folder / "x").touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "No space left" in explained.value.what
    assert left_over(tmp_path) == []


FILL = """
import resource, signal, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from salesworthy.domain.errors import UserError
from salesworthy.runs.publish import RunStage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with RunStage(Path(sys.argv[1]), "r2") as stage:
        pq.write_table(pa.table({"x": range(1_000_000)}), stage.folder / "big.parquet")
        stage.publish({})
except UserError as error:
    print(error.what)
"""


def test_a_file_that_pyarrow_cannot_finish_is_explained_and_the_run_before_stands(tmp_path: Path) -> None:
    publish(tmp_path, "r1")
    done = subprocess.run([sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "the run cannot be written" in done.stdout
    assert left_over(tmp_path) == []
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["r1"]
    assert (latest_run(tmp_path) or pytest.fail("no latest run"))[1] == published(tmp_path, "r1")


@pytest.mark.parametrize(
    ("damage", "names"),
    [
        (lambda run: (run / "packets.jsonl").write_text("{}\n"), "packets.jsonl"),
        (lambda run: (run / "notes.txt").unlink(), "notes.txt"),
        (lambda run: (run / "extra.txt").touch(), "extra.txt"),
        (lambda run: (run / "manifest.json").unlink(), "manifest.json"),
        (lambda run: (run / "manifest.json").write_text("{"), "manifest.json"),
        (lambda run: (run / "manifest.json").write_text("[]"), "manifest.json"),
        (lambda run: run.rename(run.with_name("r1")), "manifest.json"),
    ],
)
def test_a_damaged_run_is_reported_never_reused(tmp_path: Path, damage: object, names: str) -> None:
    publish(tmp_path, "r0")
    damage(tmp_path / "runs" / "r0")
    damaged = "r1" if (tmp_path / "runs" / "r1").exists() else "r0"
    with pytest.raises(UserError, match=f"has been changed since: {names}"):
        published(tmp_path, damaged)


def test_a_run_that_stands_is_never_replaced(tmp_path: Path) -> None:
    first = publish(tmp_path, "r1", rows=3)
    publish(tmp_path, "r2")
    with pytest.raises(UserError, match="stands already"):
        publish(tmp_path, "r1", rows=4)
    assert published(tmp_path, "r1") == first
    assert str((tmp_path / "latest").readlink()) == "runs/r2"
    assert left_over(tmp_path) == []


def test_a_folder_called_latest_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "latest").mkdir()
    with pytest.raises(UserError, match="in the way"):
        publish(tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".stage-x", "a b"])
def test_a_run_id_is_a_plain_name(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ValueError, match="cannot name a run"):
        RunStage(tmp_path, run_id)


def test_the_janitor_finishes_a_run_that_only_lacks_the_link(tmp_path: Path) -> None:
    publish(tmp_path, "r1")
    publish(tmp_path, "r2")
    (tmp_path / "latest").rename(tmp_path / ".latest-r2")  # as kill -9 leaves it between the two renames
    (tmp_path / "latest").symlink_to("runs/r1")
    clean_stages(tmp_path)
    assert str((tmp_path / "latest").readlink()) == "runs/r2"
    assert left_over(tmp_path) == []


def test_a_link_that_cannot_be_moved_is_moved_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, "r1")
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.is_symlink():
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", fails)
        with pytest.raises(UserError, match="the run is complete"):
            publish(tmp_path, "r2")
    assert latest_run(tmp_path)[0].name == "r1"
    clean_stages(tmp_path)
    assert latest_run(tmp_path)[0].name == "r2"
    assert not list(tmp_path.glob(".latest-*"))


def test_the_janitor_removes_dead_stages_and_leaves_runs(tmp_path: Path) -> None:
    clean_stages(tmp_path)
    publish(tmp_path, "r1")
    (tmp_path / "runs" / ".stage-r2-x" / "scores").mkdir(parents=True)
    (tmp_path / ".latest-r2").symlink_to("runs/r2")
    clean_stages(tmp_path)
    assert left_over(tmp_path) == []
    assert published(tmp_path, "r1") is not None
    assert str((tmp_path / "latest").readlink()) == "runs/r1"


VICTIM = """
import sys
from pathlib import Path
from salesworthy.runs.lock import run_lock
from salesworthy.runs.publish import RunStage, clean_stages
out, number = Path(sys.argv[1]), int(sys.argv[2])
print("go", flush=True)
with run_lock(out):
    clean_stages(out)
    while True:
        with RunStage(out, f"r{number:06d}") as stage:
            for name in ("a", "b", "c"):
                (stage.folder / name).mkdir()
                (stage.folder / name / "part.txt").write_bytes(name.encode() * 20_000)
            stage.publish({"number": number})
        number += 1
"""


def check_every_run(out: Path) -> int:
    """Every run is whole and the link, if there is one, names a whole run; returns how many there are."""
    runs = sorted(path.name for path in (out / "runs").glob("r*"))
    assert all(published(out, run_id) is not None for run_id in runs)
    if (out / "latest").is_symlink():
        folder, manifest = latest_run(out) or pytest.fail("the link names no run")
        assert published(out, folder.name) == manifest
    return len(runs)


def test_kill_9_at_random_moments_never_leaves_half_a_run(tmp_path: Path) -> None:
    rng = random.Random(11)  # noqa: S311
    count = 0
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(tmp_path), str(count)], stdout=subprocess.PIPE
        ) as victim:
            assert victim.stdout is not None
            victim.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.2))
            victim.send_signal(signal.SIGKILL)
        count = check_every_run(tmp_path)
        with run_lock(tmp_path):
            clean_stages(tmp_path)
        assert left_over(tmp_path) == []
        assert check_every_run(tmp_path) == count
        if count:
            assert str((tmp_path / "latest").readlink()) == f"runs/r{count - 1:06d}"
    publish(tmp_path, "s1")
    assert str((tmp_path / "latest").readlink()) == "runs/s1"
    assert count > 0


DIE_AT_EVERY_STEP = """
import os, sys
from pathlib import Path
from salesworthy.runs.publish import RunStage, clean_stages

STEPS = {"open", "os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "os.chmod"}
steps = 0

def die_at(last):
    def hook(event, arguments):
        global steps
        if event in STEPS:
            steps += 1
            if steps == last:
                os._exit(9)
    return hook

def publish(out, run_id):
    with RunStage(out, run_id) as stage:
        (stage.folder / "a").mkdir()
        (stage.folder / "a" / "part.txt").write_text("a")
        stage.publish({})

place, last = Path(sys.argv[1]), 0
while True:
    last += 1
    out = place / str(last)
    publish(out, "r1")
    child = os.fork()
    if child == 0:
        sys.addaudithook(die_at(last))
        publish(out, "r2")
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


def test_a_death_at_any_step_leaves_a_whole_run_or_none(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIE_AT_EVERY_STEP, str(tmp_path)], check=True)
    deaths = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    newest = []
    for out in deaths:
        check_every_run(out)
        clean_stages(out)
        assert left_over(out) == []
        newest.append(str((out / "latest").readlink()))
        assert check_every_run(out) == (2 if newest[-1] == "runs/r2" else 1)
        if newest[-1] == "runs/r1":
            publish(out, "r2")
            assert published(out, "r2") is not None
    assert newest == sorted(newest)
    assert set(newest) == {"runs/r1", "runs/r2"}
    assert len(deaths) > 15
