"""The journal of a long piece of work: what is finished stays, whatever became of it; the rest is removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from salesworthy.runs.journal import JOURNAL, Journal

WORK = "a run"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A journal with two finished parts, a file that nobody finished, and a file beside it."""
    journal = Journal(tmp_path / "work", WORK, beside=[tmp_path / "files"])
    (tmp_path / "files" / "scores").mkdir(parents=True)
    for number in range(2):
        draft, done = journal.folder / f"{number}.txt", tmp_path / "files" / "scores" / f"{number}.txt"
        draft.write_text(f"draft {number}")
        done.write_text(f"scores {number}")
        journal.finish(f"part {number}", [draft, done], leads=number)
    (tmp_path / "files" / "scores" / "2.txt").write_text("half a fi")
    (tmp_path / "work" / "empty").mkdir()
    return tmp_path


def opened(place: Path, work: str = WORK) -> Journal:
    return Journal(place / "work", work, beside=[place / "files"])


def files(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


KEPT = {"work/0.txt", "work/1.txt", "files/scores/0.txt", "files/scores/1.txt"}
ITSELF = f"work/{JOURNAL}"


def test_finished_parts_are_taken_over_and_the_rest_is_removed(place: Path) -> None:
    journal = opened(place)
    assert journal.taken_over == ("part 0", "part 1")
    assert (journal.facts("part 1"), journal.facts("part 2")) == ({"leads": 1}, None)
    assert files(place) == KEPT | {ITSELF}
    assert not (place / "work" / "empty").exists()


def test_what_is_finished_later_is_there_as_well(place: Path) -> None:
    opened(place).finish("part 2", [])
    assert opened(place).taken_over == ("part 0", "part 1", "part 2")


def test_other_work_takes_nothing_over(place: Path) -> None:
    assert opened(place, "another run").taken_over == ()
    assert files(place) == {ITSELF}


@pytest.mark.parametrize("name", ["work/0.txt", "files/scores/0.txt"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("draft 0 and more")])
def test_a_part_with_a_damaged_file_is_not_finished(place: Path, name: str, damage: object) -> None:
    damage(place / name)  # type: ignore[operator]
    assert opened(place).taken_over == ("part 1",)
    assert files(place) == {ITSELF, *(each for each in KEPT if "1" in each)}


def test_a_line_that_was_cut_off_does_not_count(place: Path) -> None:
    path = place / "work" / JOURNAL
    path.write_text(path.read_text()[:-5])
    assert opened(place).taken_over == ("part 0",)


@pytest.mark.parametrize("text", ["", "{", "[]\n", '{"work": "a run"}', "\x00" * 40])
def test_a_journal_that_says_nothing_is_begun_anew(place: Path, text: str) -> None:
    (place / "work" / JOURNAL).write_text(text)
    journal = opened(place)
    assert journal.taken_over == ()
    assert [json.loads(line) for line in (place / "work" / JOURNAL).read_text().splitlines()] == [{"work": WORK}]
