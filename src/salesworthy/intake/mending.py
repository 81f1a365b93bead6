"""What people made of rows that were set aside: which rows, and their cells as they should be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Cells = Mapping[str, str]
"""Column of the source -> its text, as a person put it right."""
Table = Mapping[tuple[str, int], Cells]
"""Text of a row as it came, and its number among equal rows of its table -> what was put right."""


@dataclass(frozen=True)
class Mending:
    """What people put right, table by table."""

    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What decides how rows are read, in one hash; empty where nobody put anything right."""
        rows = [
            [table, raw, copy, sorted(cells.items())]
            for table, mended in sorted(self.tables.items())
            for (raw, copy), cells in sorted(mended.items())
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest() if rows else ""


NOTHING_MENDED = Mending()
"""Every row is read as it came."""
