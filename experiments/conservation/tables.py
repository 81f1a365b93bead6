"""Workspaces of small tables with planted faults, and what must become of every single row.

Every row carries a mark of its own, so that it is not counts that are held against each other but rows: each must be
found in exactly one place. A faulty row knows what it would have been without its fault.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

FORMAT = "%Y-%m-%d %H:%M"
NAMES = ["Käthe", "Zoë", "ordinary", "a; b, c", 'say "so"', "two\nlines", "", "=1+1"]
COLUMNS = {
    "leads": ("lead_id", "created_at", "role", "note", "mark"),
    "engagements": ("lead_id", "occurred_at", "kind", "note", "mark"),
    "outcomes": ("lead_id", "at", "disposition", "note", "mark"),
    "content": ("content_id", "buying_step", "approved_use", "note", "mark"),
    "handoffs": ("lead_id", "handed_at", "sort", "note", "mark"),
}
ANY = ("RAGGED_ROW", "DAMAGED_TEXT", "SWALLOWED_ROWS", "MISSING_ID")
REPEATED = ("DUPLICATE", "CONFLICTING_DUPLICATE")
CODES = {
    "leads": (*ANY, "MISSING_MOMENT", "UNREADABLE_MOMENT", *REPEATED),
    "engagements": (*ANY, "MISSING_MOMENT", "UNREADABLE_MOMENT", "MISSING_VALUE"),
    "outcomes": (*ANY, "MISSING_VALUE", "UNKNOWN_DISPOSITION", "UNDATED_OUTCOME"),
    "content": (*ANY, "UNKNOWN_BUYING_STEP", "UNKNOWN_VALUE", *REPEATED),
    "handoffs": (*ANY, "MISSING_MOMENT", "UNREADABLE_MOMENT"),
}
"""Table -> reasons for which a row of it is set aside."""
THIRD = {
    "leads": ["nurse", "buyer", ""],
    "engagements": ["view", "form", "webinar"],
    "outcomes": ["won", "lost", "accepted", "open"],
    "content": ["approved", ""],
    "handoffs": ["handoff", "Handoff "],
}
"""Table -> what may stand in the third column."""
KEPT, SUPPRESSED, PASSED_OVER = "kept", "suppressed", "passed over"
ERASED = ("GONE-000001", "GONE-000002")
"""People who stay out."""
BYTE = "\x1a"
"""In the place of a byte that is flipped once the text is written."""
SPLIT = "\x1c"
"""In the place of the delimiter inside a value."""
SWALLOWED = SPLIT.join(["a note\nL-000001", "2024-05-01", "view", "a note", "no mark\nthe end"])
SOON = ("soon", "31.31.2024", "99999", "2024-13-01")
SPELLINGS = ("2024-03-31 02:30", "2024-10-27 02:30", "2024-05-01", "2024-05-01T10:00:00Z", "2024-05-01 10:00+02:00")
"""Moments that clocks skip or repeat in Berlin, days, and times with a zone."""


@dataclass(frozen=True)
class Row:
    """A row: its mark, its cells as they are written, as they should be, and what becomes of it."""

    mark: str
    given: tuple[str, ...]
    right: tuple[str, ...]
    fate: str = KEPT


@dataclass
class Table:
    """A table: its rows in their order, and how it is written."""

    name: str
    rows: list[Row]
    delimiter: str
    packed: bool
    crlf: bool

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv.gz" if self.packed else f"{self.name}.csv"

    def content(self, *, right: bool = False) -> bytes:
        """The bytes of its file; or of the file as it would be without faults."""
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=self.delimiter, lineterminator="\r\n" if self.crlf else "\n")
        writer.writerow(COLUMNS[self.name])
        for row in self.rows:
            writer.writerow([cell.replace(SPLIT, self.delimiter) for cell in (row.right if right else row.given)])
        return stream.getvalue().encode().replace(BYTE.encode(), b"\xc3")

    def write(self, folder: Path, *, right: bool = False) -> None:
        """Write its file."""
        text = self.content(right=right)
        (folder / self.file).write_bytes(gzip.compress(text, mtime=0) if self.packed else text)


@dataclass
class World:
    """A workspace: its tables, and its settings."""

    tables: list[Table] = field(default_factory=list)

    def write(self, folder: Path, *, right: bool = False) -> None:
        """Write everything."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sorts.yaml").write_text(MAP)
        (folder / "salesworthy.toml").write_text(HEAD + "".join(map(_source, self.tables)))
        for table in self.tables:
            table.write(folder, right=right)


HEAD = '[workspace]\ntimezone = "Europe/Berlin"\n[limits]\nmax_rejected_share = 1.0\n'
MAP = """
reads: a file with handoffs and other rows
missing: [""]
tables:
  handoffs:
    rows: {column: sort, is: [handoff]}
    columns:
      lead_id: [lead_id]
      handed_at: [handed_at]
after_outcome: []
"""


def _source(table: Table) -> str:
    lines = [f"[tables.{table.name}]", f'path = "{table.file}"', f'delimiter = "{table.delimiter}"']
    if table.name == "handoffs":
        lines.append('map = "sorts.yaml"')
    if table.name == "outcomes":
        lines += ["[tables.outcomes.values.disposition]", 'won = "accepted"', 'lost = "rejected"']
    return "\n".join(lines) + "\n"


def world(seed: int, *, most: int = 30) -> World:
    """A workspace with a lead table and up to four others.

    Args:
        seed: The same seed gives the same files.
        most: Rows of a table, at most.
    """
    chance = np.random.default_rng(seed)
    others = [name for name in COLUMNS if name != "leads" and chance.random() < 0.75]
    return World([_table(name, chance, most) for name in ["leads", *others]])


def _table(name: str, chance: np.random.Generator, most: int) -> Table:
    rows: list[Row] = [_good(name, 0, chance)]
    for number in range(1, int(chance.integers(2, most))):
        rows.append(_planted(name, _row(name, number, chance), rows, chance))
    delimiter = str(chance.choice([",", ";", "\t", "|"]))
    return Table(name, rows, delimiter, bool(chance.random() < 0.15), bool(chance.random() < 0.3))


def _row(name: str, number: int, chance: np.random.Generator) -> Row:
    row = _good(name, number, chance)
    if name == "handoffs" and chance.random() < 0.3:
        other = (*row.given[:2], str(chance.choice(["call", "task", ""])), *row.given[3:])
        return replace(row, given=other, right=other, fate=PASSED_OVER)
    if name != "content" and chance.random() < 0.07:
        gone = (str(chance.choice(ERASED)), *row.given[1:])
        return replace(row, given=gone, right=gone, fate=SUPPRESSED)
    return row


def _good(name: str, number: int, chance: np.random.Generator) -> Row:
    mark, note = f"{name}:\u00e9\u00e9{number:04d}", str(chance.choice(NAMES))
    key = f"L-{chance.integers(9):06d}"
    if name in {"leads", "content"}:
        key = f"{'T' if name == 'content' else 'L'}-{number:06d}"
    second = f"2024-0{chance.integers(1, 10)}-1{chance.integers(10)} 08:00"
    if name == "content":
        second = str(chance.choice(["awareness", "contract_setup", ""]))
    elif chance.random() < 0.4:
        second = str(chance.choice(SPELLINGS))
    cells = (key, second, str(chance.choice(THIRD[name])), note, mark)
    padded = (f" {key} ", *cells[1:]) if chance.random() < 0.1 else cells
    return Row(mark, padded, padded)


def _planted(name: str, row: Row, before: list[Row], chance: np.random.Generator) -> Row:
    """The row with a fault, perhaps."""
    if row.fate != KEPT or chance.random() < 0.6:
        return row
    code = str(chance.choice(CODES[name]))
    if code in REPEATED:
        return _repeated(row, code, before)
    return replace(row, given=_with_fault(code, row.right, chance), fate=code)


def _repeated(row: Row, code: str, before: list[Row]) -> Row:
    """A row with the key of an earlier one that is kept; where it repeats all of it, the earlier one's mark too."""
    first = next(each for each in before if each.fate == KEPT)
    if code == "DUPLICATE":
        return replace(row, given=first.given, fate=code)
    return replace(row, given=(first.given[0], *row.right[1:]), fate=code)


def _with_fault(code: str, cells: tuple[str, ...], chance: np.random.Generator) -> tuple[str, ...]:
    key, second, third, note, mark = cells
    blank = str(chance.choice(["", "  ", "\t ", "\u00a0"]))
    changed = {
        "RAGGED_ROW": (key, second, third, mark),
        "SWALLOWED_ROWS": (key, second, third, SWALLOWED, mark),
        "DAMAGED_TEXT": (key, second, third, f"Kr{BYTE}te", mark),
        "MISSING_ID": (blank, second, third, note, mark),
        "MISSING_MOMENT": (key, blank, third, note, mark),
        "UNREADABLE_MOMENT": (key, str(chance.choice(SOON)), third, note, mark),
        "MISSING_VALUE": (key, second, blank, note, mark),
        "UNKNOWN_DISPOSITION": (key, second, "WON", note, mark),
        "UNDATED_OUTCOME": (key, str(chance.choice(["", "soon"])), "won", note, mark),
        "UNKNOWN_BUYING_STEP": (key, "Awareness!", third, note, mark),
        "UNKNOWN_VALUE": (key, second, "perhaps", note, mark),
    }[code]
    return (*cells, "more") if code == "RAGGED_ROW" and chance.random() < 0.5 else changed
