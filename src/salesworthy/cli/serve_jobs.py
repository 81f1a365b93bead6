"""Work that somebody asks for on a page and that takes longer than a page may: done beside it, one piece at a time."""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import RunLocked, UserError

if TYPE_CHECKING:
    from salesworthy.runs.progress import Progress
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Underway


@dataclass(frozen=True)
class Task:
    """A piece of work.

    Attributes:
        name: One of ``KINDS``.
        place: What it is about, such as a review.
        given: What it needs; plain values.
        by: Who asks for it.
        now: When, in microseconds.
    """

    name: str
    place: str
    given: Mapping[str, Any]
    by: str
    now: int


STOPPED = "it stopped without an answer; the log of the server says why"


class Jobs:
    """Pieces of work on a workspace, each in a process of its own.

    Args:
        workspace: Whose.
        folder: Where a piece of work says how far it is.
    """

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace = workspace
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Underway, Path]] = {}

    def begin(self, task: Task) -> None:
        """Begin a piece of work.

        Raises:
            RunLocked: When another one is not done yet.
        """
        from salesworthy.web.work import Underway

        with self._lock:
            for each, path in self._known.values():
                if not self._told(each, path).is_over:
                    what = f"{each.by} has asked for something that is still being worked out"
                    raise RunLocked(what, where=each.place, todo="wait until it is done, and ask again")
            path = self._new_file()
            self._known[task.place] = (Underway(task.name, task.place, task.by, task.now, task.given), path)
        threading.Thread(target=self._run, args=(task, path), daemon=True).start()

    def underway(self, place: str) -> Underway | None:
        """What is being done about something, or why it could not be; None once it is done, or nothing was asked."""
        with self._lock:
            found = self._known.get(place)
            if found is None:
                return None
            told = self._told(*found)
            if told.is_over and not told.says:
                del self._known[place]
                return None
            return told

    def _run(self, task: Task, path: Path) -> None:
        arguments = (self._workspace.folder, task, path)
        process = multiprocessing.get_context("spawn").Process(target=do, args=arguments, daemon=True)
        process.start()
        process.join()
        if not _read(path).get("over"):
            write(path, {"over": True, "says": STOPPED})

    def _told(self, each: Underway, path: Path) -> Underway:
        found = _read(path)
        return replace(
            each,
            step=found.get("step", ""),
            share=found.get("share", 0.0),
            is_over=found.get("over", False),
            says=found.get("says", ""),
            todo=found.get("todo", ""),
        )

    def _new_file(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="job-", suffix=".json", dir=self._folder)
        os.close(handle)
        return Path(name)


def do(folder: Path, task: Task, path: Path) -> None:
    """Do a piece of work, and say how far it is; pages that are served meanwhile come first."""
    from salesworthy.runs.workspace import open_workspace

    os.nice(10)
    found: dict[str, Any] = {"over": True}
    try:
        KINDS[task.name](open_workspace(folder), task, _progress(path))
    except UserError as error:
        found |= {"says": error.what, "todo": error.todo}
    write(path, found)


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Write how far a piece of work is, complete or not at all."""
    stage = path.with_name(f".{path.name}.stage")
    stage.write_text(json.dumps(found), encoding="utf-8")
    stage.replace(path)


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    return {}


def _progress(path: Path) -> Progress:
    """Writes every whole per cent, and every other step."""
    last: list[tuple[str, int]] = [("", 0)]

    def told(step: str, share: float) -> None:
        here = (step, int(100 * share))
        if here != last[0]:
            last[0] = here
            write(path, {"step": step, "share": share})

    return told


def _open(workspace: Workspace, task: Task, progress: Progress) -> None:
    from salesworthy.runs.review import open_review

    name = task.given["name"] or None
    open_review(workspace, as_of=task.given["as_of"], by=task.by, now=task.now, name=name, progress=progress)


def _propose(workspace: Workspace, task: Task, progress: Progress) -> None:
    """Propose what a form asked for: a draft of the workspace, or the policy in force with other numbers."""
    from salesworthy.policy.parts import Day
    from salesworthy.runs.review_draft import Turned, draft_folder, write_draft
    from salesworthy.runs.review_proposal import propose

    given = task.given
    with tempfile.TemporaryDirectory(prefix="salesworthy-draft-") as scratch:
        policy = draft_folder(workspace, given["draft"]) if given["draft"] else None
        if given["values"]:
            starts = Day.fromisoformat(given["starts"])
            turned = Turned(given["values"], starts, given["version"], given["against"])
            policy = write_draft(workspace, turned, Path(scratch), why=given["why"], by=task.by)
        propose(
            workspace,
            task.place,
            by=task.by,
            now=task.now,
            why=given["why"],
            policy=policy,
            model=given["model"] or None,
            recalibrated=given["recalibrate"],
            start=given["start"],
            end=given["end"],
            progress=progress,
        )


def _adopt(workspace: Workspace, task: Task, progress: Progress) -> None:
    from salesworthy.runs.review_adoption import adopt

    adopt(workspace, task.place, by=task.by, now=task.now, progress=progress, **task.given)


KINDS: dict[str, Callable[[Workspace, Task, Progress], None]] = {"open": _open, "propose": _propose, "adopt": _adopt}
"""Name -> how it is done."""
