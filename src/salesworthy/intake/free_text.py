"""Columns that look like free text by their values: nobody knows what such a column holds, patients' data perhaps."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from salesworthy.domain.marks import ColumnMark, MarkKind

TABLES = frozenset({"leads", "accounts"})
"""Tables whose further columns may become features by themselves."""
ENOUGH_ROWS = 200_000
FEWEST = 20
"""With fewer values nobody can tell."""
DIFFERENT, LETTERS, WORDS = 0.3, 20.0, 3.0
"""Free text: this share of the values differ, and they have so many letters and words on average."""
BY = "its values"


@dataclass
class _Seen:
    rows: int = 0
    letters: int = 0
    words: int = 0
    different: set[str] = field(default_factory=set)

    @property
    def looks_free(self) -> bool:
        if self.rows < FEWEST or len(self.different) < FEWEST:
            return False
        different = len(self.different) / self.rows
        return different >= DIFFERENT and self.letters >= LETTERS * self.rows and self.words >= WORDS * self.rows


@dataclass
class FreeTexts:
    """What the values of carried columns look like, after the rows seen so far; the first rows say enough."""

    seen: dict[str, _Seen] = field(default_factory=dict)

    def see(self, frame: pl.DataFrame, names: list[str]) -> None:
        """Take further rows into account."""
        for name in names:
            so_far = self.seen.setdefault(name, _Seen())
            if frame[name].dtype == pl.String and so_far.rows < ENOUGH_ROWS:
                texts = frame[name].drop_nulls().head(ENOUGH_ROWS - so_far.rows)
                so_far.rows += len(texts)
                so_far.letters += int(texts.str.len_chars().sum())
                so_far.words += int(texts.str.count_matches(r"\S+").sum())
                so_far.different.update(texts.unique())

    def marks(self) -> dict[str, ColumnMark]:
        """The columns that look like free text."""
        return {name: ColumnMark(MarkKind.LOOKS_FREE, BY) for name, seen in self.seen.items() if seen.looks_free}
