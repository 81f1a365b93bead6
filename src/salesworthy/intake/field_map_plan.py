"""A field map laid over the header of a file: which of its fields are there, and how their times are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC

import polars as pl

from salesworthy.domain.tables import Kind, TableSpec
from salesworthy.intake.field_map import FieldMap, MapColumn, find_name
from salesworthy.intake.files import Piece, RowFile
from salesworthy.intake.moments import Written, read_moments
from salesworthy.intake.row_choice import RowFilter
from salesworthy.intake.settings import ColumnSource
from salesworthy.intake.values import as_text, without_missing

Note = tuple[str, str, str]
"""Code, column, sentence."""


@dataclass(frozen=True)
class AppliedMap:
    """A field map as it fits a file.

    Attributes:
        columns: Our column -> where its values come from.
        rows: Which rows are about the table; None for all.
        lacks: What the rows would be chosen by, where the file does not have it; empty otherwise.
        notes: What was noticed.
    """

    columns: dict[str, ColumnSource]
    rows: RowFilter | None
    lacks: str
    notes: tuple[Note, ...]


def apply_map(
    found: FieldMap,
    spec: TableSpec,
    files: Sequence[RowFile],
    header: Sequence[str],
    *,
    own: Collection[str],
    missing: Sequence[str],
) -> AppliedMap:
    """Lay a field map over a file.

    Args:
        found: The field map.
        spec: The table to read.
        files: The files.
        header: Their columns.
        own: Our columns that the settings name themselves; the map leaves them alone.
        missing: Spellings of "not known".
    """
    table = found.tables[spec.name]
    columns: dict[str, ColumnSource] = {}
    notes: list[Note] = []
    for ours, written in table.columns.items():
        origin = None if ours in own else _origin(written, header)
        if origin is not None and spec.by_name[ours].kind == Kind.MOMENT and origin.columns:
            origin = _dated(origin, ours, _sample(files, origin.columns, missing), found, notes)
        if origin is not None:
            columns[ours] = origin
    notes.insert(0, ("FIELD_MAP", "", f"{found.name} reads {_told(columns)}"))
    choice = table.rows
    fields = () if choice is None else (choice.column, *choice.also)
    there = [name for names in fields if (name := find_name(names, header)) is not None]
    rows = RowFilter.of(choice, there, found.name) if choice is not None and there else None
    lacks = choice.column[0] if choice is not None and not there and not choice.optional else ""
    return AppliedMap(columns, rows, lacks, tuple(notes))


def _origin(written: MapColumn, header: Sequence[str]) -> ColumnSource | None:
    there = [name for names in written.first if (name := find_name(names, header)) is not None]
    if there:
        return ColumnSource(column=there[0], otherwise=tuple(there[1:]))
    return None if written.constant is None else ColumnSource(constant=written.constant)


def _told(columns: dict[str, ColumnSource]) -> str:
    return ", ".join(
        f"{ours} from {', else '.join(map(repr, origin.columns))}" for ours, origin in columns.items() if origin.columns
    )


def _dated(origin: ColumnSource, ours: str, sample: pl.Series, found: FieldMap, notes: list[Note]) -> ColumnSource:
    """The column with the custom that reads its first rows; as it is where they are ISO 8601, or fit no custom."""
    if len(sample) == 0 or _reads(sample, None):
        return origin
    fitting = [custom for custom in found.dates if _reads(sample, custom)]
    if not fitting:
        return origin
    if len(fitting) > 1 and _differ(sample, fitting):
        ways = " or as ".join(custom[0] for custom in fitting)
        says = f"{ours} may be written as {ways}, such as {sample[0]!r}; read as {fitting[0][0]}"
        notes.append(("AMBIGUOUS_DATES", ours, says))
    return origin.model_copy(update={"format": fitting[0]})


def _sample(files: Sequence[RowFile], names: Sequence[str], missing: Sequence[str]) -> pl.Series:
    """Different texts in the first rows of each file."""
    texts = [pl.Series("text", [], pl.String)]
    for file in files:
        first = next((piece for piece in file.pieces() if isinstance(piece, Piece)), None)
        there = [] if first is None else [name for name in names if name in first.frame.columns]
        if first is not None and there:
            frame = without_missing(first.frame.select(there), missing)
            texts += [as_text(frame[name]).rename("text") for name in there if frame[name].dtype == pl.String]
    return pl.concat(texts).drop_nulls().unique(maintain_order=True)


def _reads(texts: pl.Series, written: Written) -> bool:
    return read_moments(texts, UTC, written).micros.null_count() == 0


def _differ(texts: pl.Series, ways: Sequence[Written]) -> bool:
    first = read_moments(texts, UTC, ways[0]).micros
    return any(not first.equals(read_moments(texts, UTC, way).micros) for way in ways[1:])
