"""What ``check`` remembers from one time to the next: since when each finding stands, columns and rows of each table.

``checks/memory.json`` holds codes, names of tables, columns and sources, and counts; nothing about leads. A finding
that is gone is forgotten, so that one that comes back is new. A damaged memory is begun anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.intake.rejected_rows import FOLDER

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables

FILE = "memory.json"
GONE_DAYS, NEW_DAYS = 28, 7
"""So long a column that went, or came, is told."""
ROWS_DAYS = 28
FEWER = 0.8
"""An export that brings less than this part of the rows of an earlier one was perhaps cut off."""
NAMED = 8


@dataclass
class TableMemory:
    """Columns of a table, with the first and the last check (microseconds) that had each, and rows per check."""

    columns: dict[str, list[int]] = field(default_factory=dict)
    rows: list[list[int]] = field(default_factory=list)


@dataclass
class CheckMemory:
    """What was remembered; ``findings``: key -> since when, in microseconds."""

    path: Path
    tables: dict[str, TableMemory] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)

    def changes(self, checked: CheckedTables, *, now: int) -> list[Finding]:
        """What is otherwise than in earlier checks: columns that went or came, and tables that shrank.

        Args:
            checked: What the check gave; it is remembered.
            now: This moment, in microseconds.
        """
        found: list[Finding] = []
        for report in checked.reports:
            known = self.tables.setdefault(report.table, TableMemory())
            present = [name for name, facts in checked.schema[report.table].items() if facts.present]
            found += _fewer(report.table, report.about, known, now)
            found += _columns(report.table, present, known, now)
        return found

    def since(self, findings: Iterable[Finding], *, now: int) -> dict[str, int]:
        """Key -> since when, for these findings; others are forgotten."""
        self.findings = {key: self.findings.get(key, now) for key in map(key_of, findings)}
        return self.findings

    def save(self) -> None:
        """Write it: whole, or not at all."""
        from salesworthy.runs.erase_removal import write_document

        tables = {
            table: {"columns": [[name, *span] for name, span in each.columns.items()], "rows": each.rows}
            for table, each in sorted(self.tables.items())
        }
        write_document(self.path, {"tables": tables, "findings": dict(sorted(self.findings.items()))})


def read_memory(workspace: Path) -> CheckMemory:
    """The memory of a workspace; empty where there is none, or it is damaged."""
    path = workspace / FOLDER / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        tables = {
            table: TableMemory({name: [first, last] for name, first, last in each["columns"]}, list(each["rows"]))
            for table, each in document["tables"].items()
        }
        return CheckMemory(path, tables, {key: int(at) for key, at in document["findings"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return CheckMemory(path)


def key_of(finding: Finding) -> str:
    """What makes a finding the same one as before, whatever its figures."""
    return "|".join([finding.code, finding.table, finding.column, finding.about])


def _fewer(table: str, rows: int, known: TableMemory, now: int) -> Iterator[Finding]:
    known.rows = [each for each in known.rows if now - each[0] <= ROWS_DAYS * MICROSECONDS_PER_DAY]
    most = max(known.rows, key=lambda each: (each[1], each[0]), default=None)
    if most is not None and rows < FEWER * most[1]:
        says = f"{table}: {rows:,} rows came in; {most[1]:,} did on {format_moment(most[0])[:10]}"
        todo = "look whether the export is whole: a file that is cut off between two rows shows it nowhere else"
        yield Finding("ROWS_FEWER", Severity.WARN, says, table, "", rows, todo)
    if not known.rows or known.rows[-1][1] != rows:
        known.rows.append([now, rows])


def _columns(table: str, present: list[str], known: TableMemory, now: int) -> Iterator[Finding]:
    before = bool(known.columns)
    for name in present:
        first = known.columns[name][0] if name in known.columns else now if before else 0
        known.columns[name] = [first, now]
    gone = _named(known.columns, lambda span: span[1] < now and now - span[1] <= GONE_DAYS * MICROSECONDS_PER_DAY)
    new = _named(known.columns, lambda span: span[1] == now and now - span[0] <= NEW_DAYS * MICROSECONDS_PER_DAY)
    if gone:
        says = f"{table}: {_listed(gone)} came in earlier checks, and came no more"
        todo = "look whether the export was changed; features and rules cannot see what does not come"
        yield Finding("COLUMNS_GONE", Severity.WARN, says, table, "", len(gone), todo)
    if new:
        says = f"{table}: {_listed(new)} came for the first time"
        yield Finding("COLUMNS_NEW", Severity.INFO, says, table, "", len(new))


def _named(columns: Mapping[str, list[int]], asked: Any) -> list[str]:
    return [name for name, span in columns.items() if asked(span)]


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:NAMED]))
    return f"{'column' if len(names) == 1 else 'columns'} {shown}" + (", ..." if len(names) > NAMED else "")
