"""Reads the ``tables`` section: unknown tables, columns and spellings are found here, before any file is opened."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import OUTCOMES, TABLES, Kind, TableSpec
from salesworthy.intake.field_map import FieldMap
from salesworthy.intake.field_map_files import load_map
from salesworthy.intake.settings import LEDGER, ColumnSource, Path, Report, SourceSettings, Tables
from salesworthy.intake.settings_mistakes import report_invalid

KEYS = tuple(name for name in SourceSettings.model_fields if name not in ("places", "field_map"))


def read_tables(raw: object, report: Report, root: FilePath | None = None) -> Tables:
    """The tables of a parsed settings file; every mistake is reported, and what has one is left out.

    Args:
        raw: The ``tables`` section as TOML gives it.
        report: Told each mistake with its place.
        root: Folder of the workspace, where field maps of its own are.
    """
    if not isinstance(raw, dict):
        report(("tables",), "tables is not a section", "write [tables.leads]")
        return {}
    tables: Tables = {}
    for name, entries in raw.items():
        if name not in TABLES:
            report(("tables", name), f"there is no table {name!r}", nearest(name, TABLES))
            continue
        found = [_source(TABLES[name], entry, path, report, root) for path, entry in _entries(name, entries)]
        tables[name] = tuple(source for source in found if source is not None)
    return tables


def _entries(name: str, entries: object) -> list[tuple[Path, object]]:
    if isinstance(entries, list):
        return [(("tables", name, number), entry) for number, entry in enumerate(entries)]
    return [(("tables", name), entries)]


def _source(spec: TableSpec, entry: object, path: Path, report: Report, root: FilePath | None) -> SourceSettings | None:
    if not isinstance(entry, dict):
        report(path, f"{spec.name} is not a table", f'write [tables.{spec.name}] and path = "..." below it')
        return None
    entry = _with_constants(spec, entry, path, report)
    try:
        source = SourceSettings(**entry)
    except ValidationError as error:
        report_invalid(error, SourceSettings, path, report)
        _report_columns(spec, entry.get("columns"), (*path, "columns"), report)
        return None
    _check(spec, source, path, report)
    field_map = None if source.map is None else _field_map(spec, source.map, (*path, "map"), report, root)
    return source.model_copy(update={"field_map": field_map})


def _field_map(spec: TableSpec, name: str, path: Path, report: Report, root: FilePath | None) -> FieldMap | None:
    try:
        found = load_map(name, root)
    except ConfigurationMistakes as error:
        for mistake in error.mistakes:
            place = "" if mistake.where == "map" else f"{mistake.where}: "
            report(path, f"{place}{mistake.what}", mistake.todo)
        return None
    if spec.name not in found.tables:
        what = f"the field map {name!r} reads {', '.join(found.tables)}, and not {spec.name}"
        report(path, what, f"take another map, or write the names under tables.{spec.name}.columns")
        return None
    return found


def _with_constants(spec: TableSpec, entry: dict[str, Any], path: Path, report: Report) -> dict[str, Any]:
    """A column of the vocabulary beside ``path`` is a constant for every row; any other unknown key is a mistake."""
    kept = dict(entry)
    columns = kept.get("columns", {})
    for key, value in entry.items():
        is_column = key in spec.by_name and not (key in KEYS and not _is_constant(key, entry))
        if is_column and isinstance(columns, dict):
            del kept[key]
            if key in columns:
                report((*path, key), f"{key} is given twice: here and under columns", "delete one of them")
            columns = {**columns, key: {"constant": value}}
        elif key not in KEYS:
            del kept[key]
            report((*path, key), f"unknown key {key!r}", nearest(key, [*KEYS, *spec.by_name]))
    return {**kept, "columns": columns}


def _is_constant(key: str, entry: dict[str, Any]) -> bool:
    """``source`` is where rows come from, unless ``path`` says that already."""
    return key == "source" and "path" in entry


def _check(spec: TableSpec, source: SourceSettings, path: Path, report: Report) -> None:
    if source.source == LEDGER and spec.name != OUTCOMES.name:
        report((*path, "source"), f"the ledger gives outcomes, and not {spec.name}", "name a file or a database")
    _report_columns(spec, source.columns, (*path, "columns"), report)
    for number, join in enumerate(source.join):
        _report_columns(spec, join.columns, (*path, "join", number, "columns"), report)
    _report_orders(spec, source, path, report)
    _report_values(spec, source, path, report)


def _report_columns(spec: TableSpec, columns: object, path: Path, report: Report) -> None:
    for ours in columns if isinstance(columns, dict) else ():
        if ours not in spec.by_name:
            report((*path, ours), f"{spec.name} has no column {ours!r}", nearest(ours, spec.by_name))


def _report_orders(spec: TableSpec, source: SourceSettings, path: Path, report: Report) -> None:
    places: list[tuple[Path, dict[str, ColumnSource]]] = [((*path, "columns"), source.columns)]
    places += [((*path, "join", number, "columns"), join.columns) for number, join in enumerate(source.join)]
    for place, columns in places:
        for ours, theirs in columns.items():
            kind = spec.by_name[ours].kind if ours in spec.by_name else Kind.MOMENT
            if theirs.order is not None and kind != Kind.MOMENT:
                report((*place, ours), f"{ours} is not a moment: an order cannot stand for it", "name a column")
            if theirs.format is not None and kind != Kind.MOMENT:
                report((*place, ours), f"{ours} is not a moment: it has no format", "delete format")


def _report_values(spec: TableSpec, source: SourceSettings, path: Path, report: Report) -> None:
    for column, spellings in source.values.items():
        known = spec.by_name.get(column)
        for theirs, ours in spellings.items():
            if known and known.allowed and ours and ours not in known.allowed:
                what = f"{ours!r} is not a {column.replace('_', ' ')}"
                report((*path, "values", column, theirs), what, nearest(ours, map(str, known.allowed)))
