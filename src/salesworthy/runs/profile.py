"""Where the time of a run goes: seconds and share per step.

A profile differs from run to run, and a published run must not: so it lies beside the workspace's other intermediate
files, under the run's name, and is told by ``score``; neither the manifest nor the run's folder knows it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

FOLDER = "profiles"
_Item = TypeVar("_Item")


@dataclass
class Profile:
    """Seconds per step; a step within another counts for itself alone."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)
    _within: list[tuple[float, float]] = field(default_factory=list)

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Step -> ``seconds``, ``processor_seconds`` and ``share`` of the whole, in the order of the steps."""
        total = sum(self.seconds.values()) or 1.0
        return {
            name: {
                "seconds": round(seconds, 3),
                "processor_seconds": round(self.processor[name], 3),
                "share": round(seconds / total, 3),
            }
            for name, seconds in self.seconds.items()
        }

    def write(self, folder: Path, run_id: str) -> None:
        """Keep it under the name of a run."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"run_id": run_id, "steps": self.as_dict()}, indent=2)
        (folder / f"{run_id}.json").write_text(f"{text}\n", encoding="utf-8")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        self.seconds.setdefault(name, 0.0)
        self.processor.setdefault(name, 0.0)
        self._within.append((0.0, 0.0))
        wall, processor = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            inner = self._within.pop()
            self.seconds[name] += wall - inner[0]
            self.processor[name] += processor - inner[1]
            if self._within:
                outer = self._within[-1]
                self._within[-1] = (outer[0] + wall, outer[1] + processor)


_ACTIVE: ContextVar[Profile | None] = ContextVar("profile", default=None)


@contextmanager
def profiled() -> Iterator[Profile]:
    """Time the steps of everything inside.

    Example:
        >>> with profiled() as profile:
        ...     with step("features"):
        ...         pass
        >>> profile.as_dict()["features"]["share"] <= 1.0
        True
    """
    profile = Profile()
    before = _ACTIVE.set(profile)
    try:
        yield profile
    finally:
        _ACTIVE.reset(before)


@contextmanager
def step(name: str) -> Iterator[None]:
    """A step of the run that is being profiled, if one is."""
    profile = _ACTIVE.get()
    if profile is None:
        yield
        return
    with profile.step(name):
        yield


def each_in_step(name: str, items: Iterable[_Item]) -> Iterator[_Item]:
    """The items, with the time that each takes to come counted to a step."""
    waiting = iter(items)
    while True:
        with step(name):
            try:
                item = next(waiting)
            except StopIteration:
                return
        yield item


def read_profile(folder: Path, run_id: str) -> dict[str, Any]:
    """The steps of a run that was profiled here; empty when it was not."""
    try:
        found: dict[str, Any] = json.loads((folder / f"{run_id}.json").read_text(encoding="utf-8"))["steps"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found
