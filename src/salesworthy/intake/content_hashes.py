"""Hashes of input files, remembered while a file's size and time of change stay the same."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path

from salesworthy.intake.csv_dialect import DAMAGED, open_bytes
from salesworthy.intake.locations import COMPRESSIONS
from salesworthy.ledger.durable import sealed, unsealed

BLOCK = 4 * 1024 * 1024
SETTLED_SECONDS = 2.0
"""A file changed more recently could change again without a new time stamp: its hash is not remembered."""


class ContentHashes:
    """SHA-256 of what files hold, with a memory in a JSON file.

    Of a compressed file its text counts: packed again tomorrow, the bytes of the file would differ.

    Args:
        memory: The JSON file; a damaged one is started anew.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self._known: dict[str, list[object]] = _load(memory)
        self._changed = False

    def of(self, path: Path) -> str:
        """The hash of a file's content."""
        facts = path.stat()
        mark: list[object] = [facts.st_size, facts.st_mtime_ns]
        name = str(path.resolve())
        known = self._known.get(name)
        if known is not None and known[:2] == mark:
            return str(known[2])
        found = _content_sha256(path)
        if time.time_ns() - facts.st_mtime_ns > SETTLED_SECONDS * 1e9:
            self._known[name] = [*mark, found]
            self._changed = True
        return found

    def save(self) -> None:
        """Remember what was found. Of two processes the later one's memory stands; nothing depends on it."""
        if self._changed:
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            partial = self.memory.with_name(f".{self.memory.name}-{os.getpid()}-{secrets.token_hex(4)}")
            partial.write_text(sealed({"files": self._known}), encoding="utf-8")
            partial.replace(self.memory)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _content_sha256(path: Path) -> str:
    if path.suffix.lower() not in COMPRESSIONS:
        return sha256(path)
    found = hashlib.sha256()
    try:
        with open_bytes(path) as stream:
            while block := stream.read(BLOCK):
                found.update(block)
    except DAMAGED:
        return sha256(path)  # whoever reads it will say what is wrong
    return found.hexdigest()


def _load(path: Path) -> dict[str, list[object]]:
    try:
        found = unsealed(path.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    whole = isinstance(found, dict) and all(isinstance(each, list) and len(each) == 3 for each in found.values())
    return found if whole else {}
