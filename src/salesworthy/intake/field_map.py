"""A field map: what a CRM calls its columns, what its values mean, and which of its fields are no honest features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pydantic import Field, field_validator, model_validator

from salesworthy.domain.marks import ColumnMark, MarkKind
from salesworthy.domain.tables import TABLES
from salesworthy.intake.settings_parts import Part

UPLOAD_COLUMNS = (
    "decision",
    "score",
    "fit_grade",
    "interest_grade",
    "reasons",
    "next_step",
    "respond_by",
    "owner",
    "scored_as_of",
    "run_id",
)
"""What an upload file can hold beside the key of the lead. The score is the propensity in whole percent."""

Names = tuple[str, ...]
"""Spellings of one field: its name in the API, and its labels in exports from the pages."""


def plain_name(name: str) -> str:
    """A column name without what exports change: case, and blanks around and inside.

    Example:
        >>> plain_name(" Became a  Lead Date ") == plain_name("became a lead date")
        True
    """
    return " ".join(name.split()).casefold()


def find_name(names: Names, header: Sequence[str]) -> str | None:
    """The column of a file that is spelled in one of these ways; the first spelling that is there counts."""
    there = {plain_name(each): each for each in reversed(header)}
    return next((there[plain_name(name)] for name in names if plain_name(name) in there), None)


def _spellings(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class MapColumn(Part):
    """Where the values of one of our columns come from.

    Attributes:
        first: Fields in order; each row takes the first that it fills in.
        constant: The same for every row, where the file has none of the fields.
    """

    first: tuple[Names, ...] = ()
    constant: str | None = None

    @field_validator("first", mode="before")
    @classmethod
    def _each_spelled(cls, value: Any) -> Any:
        return tuple(_spellings(each) for each in value) if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _says_something(self) -> MapColumn:
        if not self.first and self.constant is None:
            raise ValueError("name a field, or a constant")
        return self

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling of every field."""
        return tuple(name for names in self.first for name in names)


class RowChoice(Part):
    """Which rows of a file are about a table: those where a field has one of these values, or none of those, or any.

    ``also`` names further fields to look at in the same way: one that has the value is enough.
    """

    column: Names
    also: tuple[Names, ...] = ()
    is_: Names | None = Field(None, alias="is")
    is_not: Names | None = None
    filled: bool | None = None

    _spelled = field_validator("column", "is_", "is_not", mode="before")(_spellings)

    @field_validator("also", mode="before")
    @classmethod
    def _each_spelled(cls, value: Any) -> Any:
        return tuple(_spellings(each) for each in value) if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _one_choice(self) -> RowChoice:
        if sum(each is not None for each in (self.is_, self.is_not, self.filled)) != 1 or self.filled is False:
            raise ValueError("give exactly one of is, is_not and filled: true")
        return self

    @property
    def optional(self) -> bool:
        """Whether a file without the field is about the table throughout."""
        return self.is_not is not None


class TableMap(Part):
    """How a file is read as one of our tables; ``carry`` says whether its other columns come along."""

    columns: dict[str, MapColumn]
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    rows: RowChoice | None = None
    carry: bool = True

    @field_validator("columns", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        """A text or a list of texts stands for one field."""
        if not isinstance(value, dict):
            return value
        return {ours: {"first": [_spellings(theirs)]} if isinstance(theirs, str | list) else theirs
                for ours, theirs in value.items()}  # fmt: skip


class UploadForm(Part):
    """How upload files are written.

    Attributes:
        object: What the CRM calls the records that are updated.
        usual: Whether the name of the CRM alone means this map.
        key: The column that names the record.
        columns: One of ``UPLOAD_COLUMNS`` -> the CRM's field.
        moments: How moments are written, as ``strftime`` does, in UTC.
        empty: What empties a field.
        longest: Most letters of a text.
    """

    object: str
    usual: bool = False
    key: str
    columns: dict[str, str]
    moments: str
    empty: str = ""
    longest: int | None = Field(None, ge=20)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str]) -> dict[str, str]:
        check_upload_columns(value)
        return value


def check_upload_columns(columns: dict[str, str]) -> None:
    """Make sure that upload columns are ours, and that no two have one field.

    Raises:
        ValueError: Naming the first that is not.
    """
    fields = [field for field in columns.values() if field]
    for ours, field in columns.items():
        if ours not in UPLOAD_COLUMNS:
            raise ValueError(f"{ours!r} is nothing that is exported; known: {', '.join(UPLOAD_COLUMNS)}")
        if field and fields.count(field) > 1:
            raise ValueError(f"the field {field!r} is given twice")


class FieldMap(Part):
    """A field map.

    Attributes:
        name: Such as ``hubspot/contacts``.
        reads: What it reads, in words.
        tables: Table -> how the file is read as that table.
        missing: Spellings of "not known".
        dates: How times are written where they are not ISO 8601, as ``strptime`` does: customs of places, each with its
            ways of writing. A column follows the first custom that reads all of it.
        values: Column -> their spelling -> ours; for every table that has the column.
        after_outcome: Fields that are filled in, or go on changing, once sales has the lead; ``*`` stands for anything.
        personal: Fields that say who a person is.
        workers: Fields that say who works on the lead.
        free_text: Fields that may hold anything.
        upload: How scores are written back; None for what takes none.
    """

    name: str
    reads: str
    tables: dict[str, TableMap] = Field(min_length=1)
    missing: tuple[str, ...] = ()
    dates: tuple[tuple[str, ...], ...] = ()
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    after_outcome: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    free_text: tuple[str, ...] = ()
    upload: UploadForm | None = None

    @model_validator(mode="after")
    def _known_words(self) -> FieldMap:
        for mistake in self._mistakes():
            raise ValueError(mistake)
        return self

    def _mistakes(self) -> Iterator[str]:
        for name, table in self.tables.items():
            if name not in TABLES:
                yield f"there is no table {name!r}; known: {', '.join(TABLES)}"
                continue
            spec = TABLES[name]
            yield from (f"{name} has no column {ours!r}" for ours in table.columns if ours not in spec.by_name)
            for column, spellings in self.spellings(name).items():
                allowed = spec.by_name[column].allowed if column in spec.by_name else ()
                for ours in spellings.values():
                    if allowed and ours and ours not in allowed:
                        yield f"{ours!r} is no {column.replace('_', ' ')}; known: {', '.join(allowed)}"

    def spellings(self, table: str) -> dict[str, dict[str, str]]:
        """Column of a table -> their spelling -> ours."""
        own = self.tables[table]
        shared = {column: words for column, words in self.values.items() if column in own.columns}
        return {column: {**shared.get(column, {}), **own.values.get(column, {})} for column in (*shared, *own.values)}

    def mark(self, name: str) -> ColumnMark | None:
        """What is known about a column by its name; a field that names people is that before all else."""
        for kind, names in (
            (MarkKind.WORKER, self.workers),
            (MarkKind.PERSONAL, self.personal),
            (MarkKind.FREE_TEXT, self.free_text),
            (MarkKind.AFTER_OUTCOME, self.after_outcome),
        ):
            if any(fnmatchcase(plain_name(name), plain_name(each)) for each in names):
                return ColumnMark(kind, self.name)
        return None
