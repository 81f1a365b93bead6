"""What happens to each column of a source: settled from the headers, before any row is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from salesworthy.domain.errors import MistakeCollector, UserError
from salesworthy.domain.marks import ColumnMark, mark_by_name
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import TABLES, Column, Kind, TableSpec
from salesworthy.intake.carried_names import CarriedNames
from salesworthy.intake.field_map_plan import apply_map
from salesworthy.intake.files import ParquetFile, RowFile, TextFile
from salesworthy.intake.locations import find_files, is_parquet
from salesworthy.intake.row_choice import RowFilter
from salesworthy.intake.settings import ColumnSource, JoinSettings, Origin, SourceSettings, Tables

SERIAL = "serial"
HIDDEN = "(not kept: sensitive)"
"""In the place of what a sensitive column holds, in rows that are set aside."""

Locate = Callable[[Origin], Sequence[Path]]
"""Gives the files of a source."""


@dataclass(frozen=True)
class ColumnPlan:
    """Where the values of one of our columns come from."""

    column: Column
    origin: ColumnSource


@dataclass(frozen=True)
class JoinPlan:
    """A look-up: which of our raw columns match which of its own, and what it brings under which raw name."""

    files: tuple[RowFile, ...]
    on: dict[str, str]
    brings: dict[str, str]
    missing: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class SourcePlan:
    """One source of a table."""

    spec: TableSpec
    files: tuple[RowFile, ...]
    columns: tuple[ColumnPlan, ...]
    carried: dict[str, str]
    joins: tuple[JoinPlan, ...]
    missing: tuple[str, ...]
    values: dict[str, dict[str, str]]
    notes: tuple[tuple[str, str, str], ...]
    """What was noticed while planning: code, column, sentence."""
    rows: RowFilter | None = None
    """Which rows are about the table; None for all."""
    marks: dict[str, ColumnMark] = field(default_factory=dict)
    """Column of the table, ours or carried -> what the field map knows about it."""
    sensitive: tuple[str, ...] = ()
    """Columns of the source whose values are written nowhere."""

    def shown(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Rows as they came, without what is sensitive."""
        hidden = [name for name in self.sensitive if name in raw.columns]
        return raw.with_columns(pl.lit(HIDDEN).alias(name) for name in hidden)


def plan_tables(tables: Tables, locate: Locate) -> dict[str, tuple[SourcePlan, ...]]:
    """Plan every source of every table.

    Args:
        tables: Settings.
        locate: Gives the files of a source.

    Raises:
        ConfigurationMistakes: With every file, column and spelling that is not there.
    """
    mistakes = MistakeCollector(of="the map from your files to our tables")
    plans = {name: _plan_table(name, sources, mistakes, locate) for name, sources in tables.items()}
    mistakes.raise_if_any()
    return plans


def _plan_table(
    name: str, sources: Sequence[SourceSettings], mistakes: MistakeCollector, locate: Locate
) -> tuple[SourcePlan, ...]:
    spec, names = TABLES[name], CarriedNames(TABLES[name])
    planners = [
        _Planner(spec, settings, _label(name, number, sources), mistakes, locate, names)
        for number, settings in enumerate(sources)
    ]
    return tuple(plan for planner in planners if (plan := planner.plan()))


def _label(name: str, number: int, sources: Sequence[SourceSettings]) -> str:
    return f"tables.{name}" if len(sources) == 1 else f"tables.{name}[{number}]"


def open_file(path: Path, origin: Origin) -> RowFile:
    """A file of rows, read as its name says."""
    if origin.source is not None:
        return ParquetFile(path, label=origin.table or "")
    return ParquetFile(path) if is_parquet(path) else TextFile(path, origin.delimiter, origin.encoding)


class _Planner:
    def __init__(  # noqa: PLR0917
        self,
        spec: TableSpec,
        settings: SourceSettings,
        label: str,
        mistakes: MistakeCollector,
        locate: Locate,
        names: CarriedNames,
    ) -> None:
        self.spec = spec
        self.names = names
        self.settings = settings
        self.label = label
        self.mistakes = mistakes
        self.locate = locate
        self.raw: list[str] = []
        self.used: set[str] = set()
        self.notes: list[tuple[str, str, str]] = []
        self.origins: dict[str, ColumnSource] = dict(settings.columns)
        self.missing = settings.missing
        self.values = settings.values
        self.rows: RowFilter | None = None
        self.theirs: dict[str, str] = {}

    def plan(self) -> SourcePlan | None:
        """The plan, or None after a mistake."""
        files = self._open(self.settings)
        if files is None:
            return None
        self._read_headers(files)
        self._apply_map(files)
        joins = [self._join(number, join) for number, join in enumerate(self.settings.join)]
        self._check_columns()
        self._take_own_names()
        sensitive = self._sensitive()
        self._check_required()
        carried = self._carried()
        self._check_values(carried)
        columns = tuple(
            ColumnPlan(column, self.origins[column.name]) for column in self.spec.columns if column.name in self.origins
        )
        return SourcePlan(
            self.spec,
            files,
            columns,
            carried,
            tuple(join for join in joins if join is not None),
            self.missing,
            {
                ours: spellings
                for ours, spellings in self.values.items()
                if ours in self.origins or ours in carried.values()
            },
            tuple(self.notes),
            self.rows,
            self._marks(carried),
            sensitive,
        )

    def _wrong(self, keys: tuple[str | int, ...], what: str, todo: str) -> None:
        place = self.settings.place(*keys)
        dotted = ".".join([self.label, *map(str, keys)])
        where = dotted if not self.settings.places else f"{place} ({dotted})"
        self.mistakes.add(where, what, todo)

    def _open(self, origin: Origin, *keys: str | int) -> tuple[RowFile, ...] | None:
        key = "path" if origin.path is not None else "source"
        try:
            files = tuple(open_file(path, origin) for path in self.locate(origin))
            for file in files:
                _ = file.columns
        except UserError as error:
            place = f"{error.where}: " if error.where else ""
            self._wrong((*keys, key), f"{place}{error.what}", error.todo)
            return None
        return files

    def _read_headers(self, files: tuple[RowFile, ...]) -> None:
        self.raw = list(dict.fromkeys(name for file in files for name in file.columns))
        for file in files:
            self.notes.extend((code, "", sentence) for code, sentence in file.notes)
            lacking = [name for name in self.raw if name not in file.columns]
            if lacking:
                names = ", ".join(map(repr, lacking[:5])) + (", ..." if len(lacking) > 5 else "")
                self.notes.append(("COLUMN_NOT_IN_EVERY_FILE", "", f"{file.name} has no column {names}"))

    def _apply_map(self, files: tuple[RowFile, ...]) -> None:
        """Take from the field map what the settings do not say themselves."""
        found = self.settings.field_map
        if found is None:
            return
        if "missing" not in self.settings.model_fields_set:
            self.missing = found.missing
        own = {*self.settings.columns, *(ours for join in self.settings.join for ours in join.columns)}
        applied = apply_map(found, self.spec, files, self.raw, own=own, missing=self.missing)
        self.origins |= applied.columns
        self.rows = applied.rows
        self.notes.extend(applied.notes)
        spellings = found.spellings(self.spec.name)
        self.values = {
            ours: {**spellings.get(ours, {}), **self.settings.values.get(ours, {})}
            for ours in (*spellings, *self.settings.values)
        }
        if applied.lacks:
            what = f"{found.name} takes the rows of {self.spec.name} by {applied.lacks!r}, which the file does not have"
            self._wrong(("map",), what, "export that field too, or leave this table out")

    def _marks(self, carried: dict[str, str]) -> dict[str, ColumnMark]:
        read = {ours: origin.columns for ours, origin in self.origins.items()}
        read |= {name: (theirs,) for theirs, name in carried.items()}
        marks = {}
        for name, columns in read.items():
            known = [mark for each in columns if (mark := self._mark(self.theirs.get(each, each))) is not None]
            if known:
                marks[name] = known[0]
        return marks

    def _mark(self, theirs: str) -> ColumnMark | None:
        """What a field map knows about a column, or else what its name says."""
        found = None if self.settings.field_map is None else self.settings.field_map.mark(theirs)
        return found or mark_by_name(theirs)

    def _join(self, number: int, join: JoinSettings) -> JoinPlan | None:
        keys = ("join", number)
        files = self._open(join, *keys)
        if files is None:
            return None
        theirs = list(dict.fromkeys(name for file in files for name in file.columns))
        on = self._keys(join, theirs, keys)
        brings: dict[str, str] = {}
        for ours, origin in join.columns.items():
            self._bring(ours, origin, theirs, brings, keys)
        stem = files[0].name.partition(".")[0]
        for name in theirs:
            if name not in brings and name not in join.on.values():
                brings[name] = self._free(name, stem)
        self.raw.extend(brings.values())
        self.theirs |= {raw: name for name, raw in brings.items()}
        return JoinPlan(files, on, brings, join.missing or self.missing, join.shown)

    def _keys(self, join: JoinSettings, theirs: list[str], keys: tuple[str | int, ...]) -> dict[str, str]:
        on = {}
        for ours, their in join.on.items():
            origin = self.origins.get(ours)
            left = origin.column if origin is not None and origin.column is not None else ours
            if left not in self.raw:
                self._wrong((*keys, "on", ours), f"there is no column {ours!r} to match by", nearest(ours, self.raw))
            if their not in theirs:
                what = f"{join.shown} has no column {their!r}"
                self._wrong((*keys, "on", ours), what, nearest(their, theirs))
            on[left] = their
        return on

    def _bring(
        self,
        ours: str,
        origin: ColumnSource,
        theirs: list[str],
        brings: dict[str, str],
        keys: tuple[str | int, ...],
    ) -> None:
        if origin.column is None or origin.column not in theirs:
            named = origin.column or "..."
            what = f"there is no column {named!r} in the joined file"
            self._wrong((*keys, "columns", ours), what, nearest(named, theirs))
            return
        if ours in self.settings.columns:
            self._wrong((*keys, "columns", ours), f"{ours} is mapped twice", "map it here or in the table, not in both")
            return
        raw = brings.setdefault(origin.column, self._free(origin.column, ours))
        self.origins[ours] = origin.model_copy(update={"column": raw})

    def _free(self, name: str, prefix: str) -> str:
        while name in self.raw:
            name = f"{prefix}.{name}"
        return name

    def _check_columns(self) -> None:
        for ours, origin in self.settings.columns.items():
            for name in (origin.column, *origin.otherwise):
                if name is not None and name not in self.raw:
                    what = f"there is no column {name!r} in {self.settings.shown}"
                    self._wrong(("columns", ours), what, nearest(name, self.raw))
            if origin.order is not None and origin.order not in self.raw and origin.order != SERIAL:
                what = f"there is no column {origin.order!r} to order by"
                self._wrong(("columns", ours), what, nearest(origin.order, [*self.raw, SERIAL]))
            if origin.constant is not None:
                self._check_constant(ours, origin.constant)

    def _check_constant(self, ours: str, constant: str) -> None:
        column = self.spec.by_name[ours]
        if column.allowed and self.settings.values.get(ours, {}).get(constant, constant) not in column.allowed:
            self._wrong(
                ("columns", ours),
                f"{constant!r} is no {ours.replace('_', ' ')}",
                nearest(constant, map(str, column.allowed)),
            )

    def _take_own_names(self) -> None:
        """Columns of the vocabulary that the source has under our name, and nobody declared."""
        self.used = {name for each in self.origins.values() for name in each.columns}
        for column in self.spec.columns:
            if column.name in self.raw and column.name not in self.origins and column.name not in self.used:
                self.origins[column.name] = ColumnSource(column=column.name)
                self.used.add(column.name)

    def _sensitive(self) -> tuple[str, ...]:
        """The source's columns that are sensitive; from here on they are not there."""
        found: list[str] = []
        for name in self.settings.sensitive:
            origin = self.origins.get(name)
            columns = [each for each in (name,) if each in self.raw] if origin is None else list(origin.columns)
            if not columns:
                known = [*self.raw, *self.origins]
                self._wrong(("sensitive",), f"{self.settings.shown} has no column {name!r}", nearest(name, known))
            found += columns
        for ours, origin in list(self.origins.items()):
            if set(origin.columns) & set(found):
                if self.spec.by_name[ours].required:
                    what = f"{self.spec.name} needs {ours}, so it cannot be sensitive"
                    self._wrong(("sensitive",), what, "keep the sensitive part in a column of its own")
                del self.origins[ours]
        self.used |= set(found)
        for name in found:
            says = f"{name!r} is declared sensitive: its values are read by nobody and written nowhere"
            self.notes.append(("SENSITIVE_COLUMN", name, says))
        return tuple(found)

    def _check_required(self) -> None:
        for column in self.spec.columns:
            if column.required and column.name not in self.origins:
                way = f'columns.{column.name} = "..."'
                if column.kind == Kind.MOMENT:
                    way += f' (or {{ order = "{SERIAL}" }} where nobody recorded it)'
                what = f"{self.spec.name} needs {column.name}, and {self.settings.shown} has no such column"
                self._wrong(
                    ("columns",),
                    f"{what}{self._sought(column)}",
                    f"name the column: {way}; it has: {_listed(self.raw)}",
                )

    def _sought(self, column: Column) -> str:
        """What the field map looked for."""
        found = self.settings.field_map
        written = None if found is None else found.tables[self.spec.name].columns.get(column.name)
        if found is None or written is None:
            return ""
        return f"; {found.name} looks for {' or '.join(map(repr, written.spellings))}"

    def _carried(self) -> dict[str, str]:
        """Raw name -> carried name of every other column."""
        carried: dict[str, str] = {}
        field_map = self.settings.field_map
        if field_map is not None and not field_map.tables[self.spec.name].carry:
            return carried
        for name in self.raw:
            if name not in self.used:
                carried[name] = own = self.names.free(name, list(carried.values()))
                if own != name:
                    self.notes.append(("RENAMED_COLUMN", own, f"their column {name!r} is carried as {own!r}"))
        return carried

    def _check_values(self, carried: dict[str, str]) -> None:
        known = [*self.origins, *carried.values()]
        for column in self.settings.values:
            if column not in known:
                what = f"{self.settings.shown} gives no column {column!r}"
                self._wrong(("values", column), what, nearest(column, known))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (", ..." if len(names) > 20 else "")


def locate_files(root: Path) -> Locate:
    """Files below a folder; databases need ``database.copy_table`` first."""
    return lambda origin: find_files(origin, root)
