"""Notes: what was noticed while rows were read, counted, and told at the end as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from salesworthy.domain.findings import Finding, Severity
from salesworthy.intake.rejection import NEXT_STEPS, Rejection

SPELLINGS_TOLD = 10
SPELLINGS_COUNTED = 1000
"""Further spellings are not told apart: such a column holds something else."""


@dataclass(frozen=True)
class NoteKind:
    """How something that was counted is told: ``{count}``, ``{column}``, ``{zone}`` and ``{example}`` are filled in."""

    severity: Severity
    says: str
    todo: str = ""


NOTE_KINDS = {
    "TIMES_WITHOUT_ZONE": NoteKind(
        Severity.INFO, "{count} value(s) of {column} have no time zone; read in {zone}", "set workspace.timezone"
    ),
    "SKIPPED_TIMES": NoteKind(
        Severity.WARN,
        "{count} time(s) in {column} do not exist in {zone}: clocks were put forward; moved as much later",
    ),
    "REPEATED_TIMES": NoteKind(Severity.INFO, "{count} time(s) in {column} occur twice in {zone}; the first is taken"),
    "UNREADABLE_MOMENTS": NoteKind(
        Severity.WARN,
        "{count} value(s) of {column} cannot be read as a moment, such as {example}; empty now",
        'say how it is written: { column = "...", format = "%d.%m.%Y" }',
    ),
    "UNREADABLE_NUMBERS": NoteKind(
        Severity.WARN,
        "{count} value(s) of {column} are not numbers, such as {example}; empty now",
        "list spellings of 'not known' under missing",
    ),
    "UNREADABLE_YES_NO": NoteKind(
        Severity.WARN,
        "{count} value(s) of {column} are neither yes nor no, such as {example}; empty now",
        "list the spellings under values",
    ),
    "ORDER_NOT_DATES": NoteKind(
        Severity.WARN,
        "{column} is an order, not a date: one day a step from 2000-01-01 ({count} row(s))",
        "windows count steps, not days",
    ),
    "KNOWN_TOO_EARLY": NoteKind(
        Severity.WARN,
        "{count} row(s) were known before they happened; taken as known when they happened",
        "check known_at",
    ),
    "WHOLE_FLOAT_IDS": NoteKind(
        Severity.INFO, "{count} identifier(s) in {column} were written with a decimal point (17850.0); read without it"
    ),
    "KEY_FORMS": NoteKind(
        Severity.INFO,
        "{count} identifier(s) in {column} were written in another Unicode form, or with letters that nobody sees; "
        "read in the usual form, without them",
    ),
    "PADDED_KEYS": NoteKind(
        Severity.INFO, "{count} identifier(s) in {column} had blanks before or after them; read without them"
    ),
    "MENDED_ROWS": NoteKind(Severity.INFO, "{count} row(s) are read as somebody put them right"),
    "SWALLOWED_ROWS": NoteKind(
        Severity.WARN,
        "{count} line(s) of {column} look like rows, and stand inside a value of another row, which is set aside",
        "put the quotation mark before them right, or export the file again",
    ),
    "ROWS_PASSED_OVER": NoteKind(Severity.INFO, "{count} row(s) are not about this table: {column}"),
    "JOIN_UNMATCHED": NoteKind(Severity.INFO, "{count} row(s) have no match in {column}"),
    "JOIN_REPEATED_KEY": NoteKind(
        Severity.WARN, "{count} row(s) of {column} repeat a key; the first of each is used", "make its key unique"
    ),
    "RAGGED_IN_JOIN": NoteKind(
        Severity.WARN, "{count} row(s) of {column} have more or fewer values than its header; not used"
    ),
    "CONFLICTING_DUPLICATES": NoteKind(
        Severity.WARN,
        "{count} row(s) repeat the {column} of another with other values; the first is kept",
        "export one row per key",
    ),
}
"""Code -> how it is told."""


@dataclass
class Notes:
    """What was noticed in one table."""

    table: str
    zone: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    said: list[Finding] = field(default_factory=list)
    unlisted: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def count(self, code: str, column: str, rows: int, example: str = "") -> None:
        """So many more rows of this sort; the first example is kept."""
        if rows:
            self.counts[code, column] += rows
            self.examples.setdefault((code, column), example)

    def count_spellings(self, code: str, column: str, rows: Iterable[tuple[str, int]]) -> None:
        """So many more rows with each of these spellings, which are not listed."""
        counts = self.unlisted.setdefault((code, column), Counter())
        for spelling, count in rows:
            known = spelling in counts or len(counts) < SPELLINGS_COUNTED
            counts[spelling if known else ""] += count

    def spellings(self) -> dict[str, str]:
        """Code -> the spellings that are not listed, most frequent first, each with its rows."""
        return {code: _spellings(counts) for (code, _), counts in self.unlisted.items()}

    def say(self, code: str, column: str, sentence: str) -> None:
        """Something that is no count of rows; said once."""
        finding = Finding(code, Severity.INFO, f"{self.table}: {sentence}", self.table, column)
        if finding not in self.said:
            self.said.append(finding)

    def findings(self) -> list[Finding]:
        """All of it, in a fixed order."""
        counted = [self._finding(code, column, rows) for (code, column), rows in self.counts.items()]
        counted += [self._unlisted(code, column, counts) for (code, column), counts in self.unlisted.items()]
        return sorted([*self.said, *counted], key=lambda each: (each.code, each.column, each.says))

    def _finding(self, code: str, column: str, rows: int) -> Finding:
        kind = NOTE_KINDS[code]
        example = repr(self.examples.get((code, column), ""))
        says = kind.says.format(count=f"{rows:,}", column=column, zone=self.zone, example=example)
        return Finding(code, kind.severity, f"{self.table}: {says}", self.table, column, rows, kind.todo)

    def _unlisted(self, code: str, column: str, counts: Counter[str]) -> Finding:
        rows = counts.total()
        says = f"{self.table}: {rows:,} row(s) were set aside for a {column} that is not listed: {_spellings(counts)}"
        return Finding(code, Severity.WARN, says, self.table, column, rows, NEXT_STEPS[Rejection[code]])


def _spellings(counts: Counter[str]) -> str:
    ordered = sorted(((word, rows) for word, rows in counts.items() if word), key=lambda each: (-each[1], each[0]))
    told = [f"{word[:80]!r} {rows:,}" for word, rows in ordered[:SPELLINGS_TOLD]]
    rest = counts.total() - sum(rows for _, rows in ordered[:SPELLINGS_TOLD])
    return ", ".join([*told, *([f"others {rest:,}"] if rest else [])])
