"""A stage that can be continued: kept where the same command may get further, removed where it may not."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from salesworthy.domain.errors import GateRefused, UserError
from salesworthy.runs.erase_published import heal
from salesworthy.runs.publish import RunStage, clean_stages, drop_unfinished, published

WORK = "r1 with everything that decides its bytes"


def left_by(out: Path, failure: BaseException, run_id: str = "r1") -> None:
    """A run that fails after its first part."""
    with pytest.raises((type(failure), UserError)), RunStage(out, run_id, work=WORK) as stage:
        (stage.folder / "a.txt").write_text("first part")
        stage.journal.finish("a", [stage.folder / "a.txt"], leads=3)
        (stage.folder / "b.txt").write_text("half of the sec")
        raise failure


def hidden(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "runs").glob(".*"))


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_the_next_process_goes_on(tmp_path: Path, failure: BaseException) -> None:
    left_by(tmp_path, failure)
    assert published(tmp_path, "r1") is None
    clean_stages(tmp_path)
    with RunStage(tmp_path, "r1", work=WORK) as stage:
        assert stage.journal.taken_over == ("a",)
        assert stage.journal.facts("a") == {"leads": 3}
        assert [path.name for path in stage.folder.iterdir()] == ["a.txt"]
        manifest = stage.publish({})
    assert list(manifest["files"]) == ["a.txt"]
    assert hidden(tmp_path) == []


@pytest.mark.parametrize("failure", [RuntimeError("bug"), OSError(errno.ENOSPC, "full"), GateRefused("no", where="x")])
def test_after_other_failures_nothing_is_left(tmp_path: Path, failure: BaseException) -> None:
    left_by(tmp_path, failure)
    assert hidden(tmp_path) == []


def test_other_work_under_the_same_name_begins_anew(tmp_path: Path) -> None:
    left_by(tmp_path, KeyboardInterrupt())
    with RunStage(tmp_path, "r1", work="made by another version") as stage:
        assert stage.journal.taken_over == ()
        assert not list(stage.folder.iterdir())


def test_other_runs_are_dropped(tmp_path: Path) -> None:
    left_by(tmp_path, KeyboardInterrupt())
    left_by(tmp_path, KeyboardInterrupt(), "r2")
    drop_unfinished(tmp_path, but="r2")
    assert hidden(tmp_path) == [".stage-r2.files", ".stage-r2.work"]
    drop_unfinished(tmp_path)
    assert hidden(tmp_path) == []


def test_what_is_left_of_a_run_that_has_its_name_is_removed(tmp_path: Path) -> None:
    left_by(tmp_path, KeyboardInterrupt())
    (tmp_path / "runs" / "r1").mkdir()
    clean_stages(tmp_path)
    assert hidden(tmp_path) == []


def test_an_erasure_leaves_no_stage(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "shadow"):
        left_by(place, KeyboardInterrupt())
    heal(tmp_path)
    assert hidden(tmp_path) == hidden(tmp_path / "shadow") == []


def test_a_stage_without_a_journal_is_removed(tmp_path: Path) -> None:
    left_by(tmp_path, KeyboardInterrupt())
    (tmp_path / "runs" / ".stage-r1.work" / "journal.jsonl").unlink()
    clean_stages(tmp_path)
    assert hidden(tmp_path) == []
