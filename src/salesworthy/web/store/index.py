"""An index that is open for reading, by many threads at once."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from salesworthy.policy.in_force import PolicyInForce
from salesworthy.web.refusals import Refused
from salesworthy.web.store.packed import Unpacker
from salesworthy.web.store.sources import policy_of

Row = dict[str, Any]
PACKED = ("reason", "verdict", "act", "consent", "handoff", "outcome")
_CACHE_KIB = 16_384
_MAPPED = 1 << 30


class Index:
    """One published run as pages read it.

    Args:
        path: What ``build_index`` gave.
        run: Folder of the published run, which holds the packets.

    Attributes:
        path: The file.
        run: The folder.
        as_of: The moment of the run, in microseconds.
        manifest: Of the run.
        fragments: Parts of pages that were made from it; they go with it.
    """

    def __init__(self, path: Path, run: Path) -> None:
        self.path = path
        self.run = run
        self._local = threading.local()
        self.fragments: dict[Any, Any] = {}
        about = {name: json.loads(value) for name, value in self.database.execute("SELECT * FROM about")}
        self.as_of: int = about["as_of"]
        self.manifest: dict[str, Any] = about["manifest"]
        self._packed = {name: Unpacker(self.database, name) for name in PACKED}

    @property
    def database(self) -> sqlite3.Connection:
        """This thread's connection. The file never changes, so nothing is locked."""
        found: sqlite3.Connection | None = getattr(self._local, "database", None)
        if found is None:
            found = sqlite3.connect(f"file:{self.path}?mode=ro&immutable=1", uri=True)
            found.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            found.execute(f"PRAGMA mmap_size = {_MAPPED}")
            self._local.database = found
        return found

    @cached_property
    def policy(self) -> PolicyInForce | None:
        """What was in force for the run.

        Raises:
            Refused: When it was written in a way that is not known any more.
        """
        try:
            return policy_of(self.run)
        except ValueError as error:
            todo = "Run `salesworthy score`, and look again."
            raise Refused(503, "The policy behind the newest run cannot be read.", todo=todo) from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query, as dictionaries."""
        cursor = self.database.execute(sql, values)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def packed(self, name: str, position: int) -> list[Row]:
        """What a packed table says of the lead at a position."""
        return list(self._packed[name].rows(self.database, position))

    def document(self, name: str) -> Any:
        """Figures over all leads, by name."""
        found = self.database.execute("SELECT value FROM document WHERE name = ?", (name,)).fetchone()
        return None if found is None else json.loads(found[0])

    def packet(self, position: int) -> dict[str, Any] | None:
        """The packet of a lead, read from the run; None where it has none."""
        sql = "SELECT file, offset, length FROM packet WHERE pos = ?"
        place = self.database.execute(sql, (position,)).fetchone()
        if place is None:
            return None
        with (self.run / "packets" / place[0]).open("rb") as file:
            file.seek(place[1])
            found: dict[str, Any] = json.loads(file.read(place[2]))
        return found
