"""Settings of tables: where the rows of a table are, and what its columns are called there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field, field_validator, model_validator

from salesworthy.intake.field_map import FieldMap
from salesworthy.intake.settings_parts import Part

Path = tuple[str | int, ...]
"""The keys that lead to a place in the settings, such as ``("tables", "leads", "columns", "lead_id")``."""
Report = Callable[[Path, str, str], None]
"""Called with the place of a mistake, what it is, and what to do."""


def as_text(value: Any) -> Any:
    """A number, or yes or no, as it would stand in a file; everything else as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


class ColumnSource(Part):
    """Where the values of one of our columns come from: exactly one of ``column``, ``constant`` and ``order``.

    ``otherwise`` names further columns: a row takes the first of them that it fills in. ``format`` says how a moment is
    written, as ``strptime`` does; of several ways each value takes the first that reads it. ``order`` stands for
    moments that nobody recorded: a column by whose values the rows are ordered, or ``serial`` for the order in which
    they stand.
    """

    column: str | None = None
    otherwise: tuple[str, ...] = ()
    format: str | tuple[str, ...] | None = None
    constant: str | None = None
    order: str | None = None

    _constant_as_text = field_validator("constant", mode="before")(as_text)

    @field_validator("otherwise", mode="before")
    @classmethod
    def _one_other(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnSource:
        if sum(each is not None for each in (self.column, self.constant, self.order)) != 1:
            raise ValueError("give exactly one of column, constant and order")
        if self.format is not None and self.column is None:
            raise ValueError("a format goes with a column")
        if self.otherwise and self.column is None:
            raise ValueError("otherwise goes with a column")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the source that it reads, an order's among them."""
        return tuple(name for name in (self.column, *self.otherwise, self.order) if name is not None)


LEDGER = "ledger"
"""As a source of outcomes: what sales said, as the ledger has it; no table goes with it."""


class Origin(Part):
    """Where rows are read from: ``path``, or ``source`` with ``table``."""

    path: str | None = None
    source: str | None = None
    table: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    columns: dict[str, ColumnSource] = Field(default_factory=dict)

    @field_validator("missing", mode="before")
    @classmethod
    def _missing_as_text(cls, value: Any) -> Any:
        return [as_text(each) for each in value] if isinstance(value, list | tuple) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _plain_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {ours: {"column": theirs} if isinstance(theirs, str) else theirs for ours, theirs in value.items()}

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                "".encode(value)
            except LookupError as error:
                raise ValueError(f"there is no encoding called {value!r}") from error
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Origin:
        if (self.path is None) == (self.source is None):
            raise ValueError("give either path or source")
        if (self.source in {None, LEDGER}) != (self.table is None):
            raise ValueError("source and table go together")
        return self

    @property
    def shown(self) -> str:
        """The place as messages name it, without a password."""
        if self.path is not None:
            return self.path
        scheme, _, rest = (self.source or "").partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]} {self.table}"


class JoinSettings(Origin):
    """A look-up from a further file: rows are matched by ``on``, its columns come along."""

    on: dict[str, str] = Field(min_length=1)


class SourceSettings(Origin):
    """One source of a table.

    ``places`` tells where its keys stand in the settings file; ``field_map`` is what ``map`` names; ``sensitive`` are
    columns, by the source's names or ours, whose values are read by nobody and written nowhere.
    """

    map: str | None = None
    field_map: FieldMap | None = None
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    join: tuple[JoinSettings, ...] = ()
    places: dict[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    @field_validator("values", mode="before")
    @classmethod
    def _values_as_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            column: {theirs: as_text(ours) for theirs, ours in spellings.items()}
            if isinstance(spellings, dict)
            else spellings
            for column, spellings in value.items()
        }

    @field_validator("join", mode="before")
    @classmethod
    def _one_join(cls, value: Any) -> Any:
        return [value] if isinstance(value, dict) else value

    def place(self, *keys: str | int) -> str:
        """Where a key stands: file and line where they are known, the dotted key otherwise."""
        for end in range(len(keys), -1, -1):
            found = self.places.get(".".join(map(str, keys[:end])))
            if found:
                return found
        return ".".join(map(str, keys))


Tables = dict[str, tuple[SourceSettings, ...]]
"""Table -> its sources."""
