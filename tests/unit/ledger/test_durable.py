"""Files that survive a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from salesworthy.ledger.durable import sync_tree


def test_every_file_and_folder_is_synced_the_outermost_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("x", "a/y", "a/b/z"):
        (tmp_path / name).touch()
    synced: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    sync_tree(tmp_path)
    assert sorted(synced) == [".", "a", "a/b", "a/b/z", "a/y", "x"]
    assert synced[-1] == "."
    assert synced.index("a/b/z") < synced.index("a/b") < synced.index("a")
