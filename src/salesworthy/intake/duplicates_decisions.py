"""What people decided about pairs of entries: one or two. Their word stands over every probability.

The workspace keeps them in ``duplicates.csv``: ``table, left, right, decision, by, at``, keys in order, one line per
word that was given. Lines are added and never changed; of several about one pair the last counts. No names, only keys.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.moments import format_moment, parse_moment

FILE = "duplicates.csv"
COLUMNS = ("table", "left", "right", "decision", "by", "at")
TABLES = ("leads", "accounts")
CONFIRM, REJECT = "confirm", "reject"
WORDS = (CONFIRM, REJECT)


@dataclass(frozen=True, order=True)
class PairDecision:
    """A person's word on a pair: ``confirm`` that it is one, or ``reject``; ``at`` in microseconds."""

    table: str
    left: str
    right: str
    decision: str
    by: str
    at: int

    @classmethod
    def of(cls, table: str, one: str, other: str, *, decision: str, by: str, at: int) -> PairDecision:
        """The decision with its keys in order."""
        return cls(table, min(one, other), max(one, other), decision, by, at)


def read_decisions(folder: Path) -> tuple[PairDecision, ...]:
    """The decisions in force in a workspace, one per pair, in order; none where nobody decided yet.

    Raises:
        ConfigurationMistakes: With every line that is not a decision.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    mistakes = MistakeCollector(of=FILE)
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        mistakes.add(f"{FILE}:1", "the columns are not those of decisions", f"write {','.join(COLUMNS)}")
        mistakes.raise_if_any()
    found = {(each.table, each.left, each.right): each for each in _decisions(rows, mistakes)}
    mistakes.raise_if_any()
    return tuple(sorted(found.values()))


def _decisions(rows: csv.DictReader[str], mistakes: MistakeCollector) -> Iterator[PairDecision]:
    for row in rows:
        place = f"{FILE}:{rows.line_num}"
        table, decision, at = row["table"], row["decision"], row["at"]
        if table not in TABLES or decision not in WORDS or not row["left"] or not row["right"] or not row["by"]:
            mistakes.add(place, "this is not a decision", f"tables: {', '.join(TABLES)}; words: {', '.join(WORDS)}")
            continue
        yield PairDecision.of(
            table, row["left"], row["right"], decision=decision, by=row["by"], at=parse_moment(at, option=place)
        )


def add_decisions(folder: Path, decisions: Iterable[PairDecision]) -> None:
    """Write further decisions to the end of the workspace's file, all of them or none."""
    path = folder / FILE
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ",".join(COLUMNS) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for each in decisions:
        writer.writerow([each.table, each.left, each.right, each.decision, each.by, format_moment(each.at)])
    stage = path.with_suffix(".part")
    stage.write_text(before + text.getvalue(), encoding="utf-8")
    stage.replace(path)
