"""Files that people open: CSV that no spreadsheet takes for formulas, whole or not there at all.

Text comes from leads, and a spreadsheet runs text that begins like a formula. Everything that people may open goes
through ``write_csv``.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from salesworthy.ledger.durable import sync

TRIGGERS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Letters that begin a formula, or that a spreadsheet drops before it looks for one; the wide ones of East Asia too."""
Cell = str | int | float | None


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written: where, its rows without the header, its size in bytes, and its hash."""

    path: Path
    rows: int
    bytes: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """The file as JSON writes it."""
        return {"path": str(self.path), "rows": self.rows, "bytes": self.bytes, "sha256": self.sha256}


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows as it is: an apostrophe stands before what would begin a formula.

    Example:
        >>> safe_text("=1+1"), safe_text("  @SUM(A1)"), safe_text("plain - text")
        ("'=1+1", "'  @SUM(A1)", 'plain - text')
    """
    begins = text.lstrip(" \u00a0\u3000\ufeff\u200b\x00\"'")[:1]
    return f"'{text}" if begins and begins in TRIGGERS else text


def safe_cell(value: Cell) -> Cell:
    """A value for a cell: numbers stay numbers, nothing stays empty, text is made safe, with one sort of line break."""
    return safe_text(value.replace("\r\n", "\n").replace("\r", "\n")) if isinstance(value, str) else value


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> WrittenFile:
    """Write a CSV file (UTF-8, commas, LF) for people; the same rows give the same bytes.

    The file is staged, synced and renamed: whoever looks finds the whole file or the one before it.

    Args:
        path: The file; its folder is created when needed.
        header: Names of the columns.
        rows: Their cells, one sequence per row.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = NamedTemporaryFile(  # noqa: SIM115  # it outlives the writing: it becomes the file
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}-", delete=False
    )
    staged = Path(stage.name)
    try:
        with stage:
            writer = csv.writer(stage, lineterminator="\n")
            writer.writerow([safe_cell(name) for name in header])
            count = 0
            for row in rows:
                writer.writerow([safe_cell(cell) for cell in row])
                count += 1
            stage.flush()
            os.fsync(stage.fileno())
        staged.chmod(0o644)
        with staged.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        size = staged.stat().st_size
        staged.replace(path)
        sync(path.parent)
    finally:
        staged.unlink(missing_ok=True)
    return WrittenFile(path, count, size, digest)
