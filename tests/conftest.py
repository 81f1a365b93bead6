"""For all tests: what is costly to make is made once, and long files begin first where several workers share them."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

LONGEST = (
    "tests/functional/test_truth.py",
    "notebooks/",
    "tests/functional/web/",
    "tests/examples/",
    "tests/functional/",
    "tests/parity/",
    "tests/faults/",
    "tests/timetravel/",
    "tests/cases/",
)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Makes a folder once for all workers of this run of the tests, and gives each worker a copy of its own."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, whole = shared / "made_once" / name, shared / "made_once" / f"{name}.whole"
        folder.parent.mkdir(exist_ok=True)
        with whole.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                whole.touch()
        return shutil.copytree(folder, tmp_path_factory.mktemp(name), symlinks=True, dirs_exist_ok=True)

    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files in this order: those named above, then files with slow tests, then the others."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    slow = {_file(item) for item in items if item.get_closest_marker("slow")}

    def rank(item: pytest.Item) -> int:
        named = [place for place, path in enumerate(LONGEST) if _file(item).startswith(path)]
        return named[0] if named else len(LONGEST) + (_file(item) not in slow)

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Looking for cycles among all that was loaded, again and again, costs a seventh of what compiling a query does."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
