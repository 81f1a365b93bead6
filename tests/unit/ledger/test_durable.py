"""Files that survive a crash, and texts that tell when they were changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.ledger.durable import sealed, sync_tree, unsealed


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


DOCUMENT = {"kept": 12, "says": 'a seal: ", "seal": "é', "parts": [1.5, None, {"deep": True}]}


def test_a_sealed_document_comes_back_as_it_was() -> None:
    assert unsealed(sealed(DOCUMENT)) == DOCUMENT
    assert json.loads(sealed(DOCUMENT)).keys() == {*DOCUMENT, "seal"}


@given(st.integers(0, 10_000), st.integers(0, 7), st.booleans())
def test_no_bit_and_no_end_is_lost_unseen(place: int, bit: int, is_cut: bool) -> None:
    held = bytearray(sealed(DOCUMENT).encode())
    place %= len(held)
    if is_cut:
        del held[place:]
    else:
        held[place] ^= 1 << bit
    with pytest.raises(ValueError):  # or one of its kind: not UTF-8 any more
        unsealed(held.decode())
