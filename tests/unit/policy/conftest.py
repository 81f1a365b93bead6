"""The example policy, and a copy of it that tests may change."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from salesworthy.policy.loading import load_policy

EXAMPLE = Path(str(files("salesworthy.runs") / "templates" / "policy"))


@pytest.fixture(scope="session")
def example():
    return load_policy(EXAMPLE)


@pytest.fixture
def folder(tmp_path):
    """A copy of the example policy, which nobody has signed yet."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "policy", ignore=shutil.ignore_patterns("approvals.yaml")))


@pytest.fixture
def change(folder):
    """Replaces a text that stands exactly once in a file of the copy, and returns the line where it stood."""

    def replace(file: str, old: str, new: str) -> int:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
