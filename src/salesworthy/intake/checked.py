"""Checked tables: what intake hands to everybody downstream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from salesworthy.domain.findings import Finding
from salesworthy.domain.marks import ColumnMark
from salesworthy.domain.tables import Kind


@dataclass(frozen=True)
class ColumnFacts:
    """What is known about a column of a checked table.

    Attributes:
        kind: What it holds.
        present: Whether the source has it; it is null throughout otherwise.
        carried: Whether it came along under its own name, outside the vocabulary.
        mark: What a field map knows about it; None where there is nothing to say.
    """

    kind: Kind
    present: bool
    carried: bool
    mark: ColumnMark | None = None


@dataclass(frozen=True)
class TableReport:
    """Rows of a table: none is ever lost.

    ``rows_in`` = ``kept`` + rejected by code + ``suppressed`` + ``merged`` + ``passed_over``. Suppressed rows are of
    people who were erased, or past their limit; they are written nowhere. Merged rows are second entries of a person or
    site, and what a person's objection holds back. Rows that are passed over stand in a file of several sorts of rows,
    and are not about this table. ``mended`` says how many were read as a person put them right.
    """

    table: str
    rows_in: int
    kept: int
    rejected: Mapping[str, int]
    suppressed: int = 0
    merged: int = 0
    passed_over: int = 0
    mended: int = 0

    @property
    def about(self) -> int:
        """Rows that are about the table."""
        return self.rows_in - self.passed_over

    @property
    def unaccounted(self) -> int:
        """Rows of which nobody knows what became of them: 0, always."""
        return self.about - self.kept - sum(self.rejected.values()) - self.suppressed - self.merged


@dataclass(frozen=True)
class CheckedTables:
    """Tables that hold their contracts.

    Attributes:
        schema: Table -> column -> what it holds.
        paths: Table -> Parquet file of the kept rows, in the order in which they came. Identifiers and text are
            strings, numbers float64, moments int64 microseconds UTC; every column of the vocabulary is there.
        rejected: Table -> Parquet file of the rows set aside, where there are any.
        reports: Row counts per table.
        findings: What was noticed.
        fingerprint: Names content and settings, wherever the files lie.
        merged: Table -> Parquet file of the rows merged away, each with the key that survives, where there are any.
        uncertain: Table -> Parquet file of the pairs that a person should look at, where there are any.
    """

    schema: Mapping[str, Mapping[str, ColumnFacts]]
    paths: Mapping[str, Path]
    rejected: Mapping[str, Path]
    reports: tuple[TableReport, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    merged: Mapping[str, Path] = field(default_factory=dict)
    uncertain: Mapping[str, Path] = field(default_factory=dict)
