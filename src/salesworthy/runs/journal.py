"""What is finished of a long piece of work, part by part, so that whoever comes after a crash goes on from there.

A journal is a file of lines. The first says what the work is; each further one names a part, its files with their
SHA-256, and what is known of it. A line is written when the files are on the disk, and is itself on the disk before the
work goes on. Whoever opens the journal of a dead process keeps the parts whose files are whole, and removes the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

from salesworthy.ledger.durable import sync

JOURNAL = "journal.jsonl"


class Journal:
    r"""Parts that are finished.

    Args:
        folder: Where the journal lies; created when needed.
        work: Names the work by everything that decides its bytes; parts of other work are removed.
        beside: Further folders whose files belong to the parts.

    Attributes:
        folder: Where the journal lies; room for files that are needed until the work is done.
        taken_over: Names of the parts that were finished before.

    Example:
        >>> from tempfile import mkdtemp
        >>> place = Path(mkdtemp())
        >>> first = Journal(place, "sums of today")
        >>> _ = (place / "a.txt").write_text("3\n")
        >>> first.finish("a", [place / "a.txt"], total=3)
        >>> Journal(place, "sums of today").facts("a")
        {'total': 3}
        >>> Journal(place, "sums of tomorrow").facts("a") is None
        True
    """

    def __init__(self, folder: Path, work: str, *, beside: Sequence[Path] = ()) -> None:
        self.folder = folder
        self._path = folder / JOURNAL
        self._places = (folder, *beside)
        folder.mkdir(parents=True, exist_ok=True)
        self._parts = self._read(work)
        self.taken_over = tuple(self._parts)
        self._remove_others()
        lines = [{"work": work}, *({"part": name, **each} for name, each in self._parts.items())]
        stage = self._path.with_suffix(".new")
        stage.write_text("".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines), encoding="utf-8")
        sync(stage)
        stage.replace(self._path)
        sync(folder)

    def facts(self, part: str) -> dict[str, Any] | None:
        """What is known of a part; None while it is not finished."""
        found = self._parts.get(part)
        return None if found is None else dict(found["facts"])

    def finish(self, part: str, files: Sequence[Path], **facts: Any) -> None:
        """Say that a part is finished, once its files are on the disk.

        Args:
            part: Its name.
            files: Its files, in the journal's folder or beside it.
            facts: What is known of it, as JSON can say it.
        """
        for path in files:
            sync(path)
        for place in {path.parent for path in files}:
            sync(place)
        told = {"files": {self._name(path): _sha256(path) for path in files}, "facts": facts}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'part': part, **told}, sort_keys=True)}\n")
            file.flush()
            os.fsync(file.fileno())
        self._parts[part] = told

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self.folder)

    def _read(self, work: str) -> dict[str, dict[str, Any]]:
        try:
            first, *lines = self._path.read_text(encoding="utf-8").split("\n")
            found = {}
            if json.loads(first) == {"work": work}:
                for line in lines[:-1]:  # what follows the last line break was cut off in writing
                    told = json.loads(line)
                    found[told["part"]] = {"files": told["files"], "facts": told["facts"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {name: each for name, each in found.items() if self._is_whole(each["files"])}

    def _is_whole(self, files: Mapping[str, str]) -> bool:
        try:
            return all(_sha256(self.folder / name) == digest for name, digest in files.items())
        except OSError:
            return False

    def _remove_others(self) -> None:
        kept = {(self.folder / name).resolve() for each in self._parts.values() for name in each["files"]}
        for place in self._places:
            for path in sorted(place.rglob("*"), reverse=True):  # what is in a folder before the folder
                if path.is_dir():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path != self._path and path.resolve() not in kept:
                    path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
