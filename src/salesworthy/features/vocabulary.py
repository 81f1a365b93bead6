"""What features may be made of: tables of acts, look-ups, facts about a lead, and since when each was known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from salesworthy.domain.marks import ColumnMark, MarkKind
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.condition_kinds import ColumnRef, ValueKind


class ColumnFacts(Protocol):
    """What is known about a column of a checked table; see ``intake.checked``."""

    @property
    def kind(self) -> Kind:
        """What the column holds."""

    @property
    def present(self) -> bool:
        """Whether the source has it; it is null throughout otherwise."""

    @property
    def carried(self) -> bool:
        """Whether it came along under its own name, outside the vocabulary."""

    @property
    def mark(self) -> ColumnMark | None:
        """What a field map knows about it; None where there is nothing to say."""


Schema = Mapping[str, Mapping[str, ColumnFacts]]


@dataclass(frozen=True)
class ActTable:
    """A table of dated acts of leads: when an act happened, and when it became known."""

    occurred_at: str
    known_at: str
    strictly_before: bool = False
    """Acts at the very moment asked about do not count: a handoff that asks is not part of its own past."""


@dataclass(frozen=True)
class LookUp:
    """A table that acts and leads point to; its facts are known from ``known_from`` on, always where null."""

    key: str
    known_from: str


ACTS = {
    "engagements": ActTable("occurred_at", "known_at"),
    "handoffs": ActTable("handed_at", "handed_at", strictly_before=True),
    "consents": ActTable("at", "at"),
}
ACT_LOOK_UPS = {
    "content": LookUp("content_id", "tagged_at"),
    "campaigns": LookUp("campaign_id", "approved_at"),
    "leads": LookUp("lead_id", "created_at"),
}
LEAD_LOOK_UPS = {
    "accounts": LookUp("account_id", "created_at"),
    "campaigns": LookUp("campaign_id", "approved_at"),
}
FACTS = ("leads", *LEAD_LOOK_UPS)
"""Tables whose columns are facts about a lead."""
DAY = "day"
"""Stands for the UTC day of an act, in ``distinct``."""

VALUE_KINDS = {
    Kind.ID: ValueKind.TEXT,
    Kind.TEXT: ValueKind.TEXT,
    Kind.NUMBER: ValueKind.NUMBER,
    Kind.MOMENT: ValueKind.NUMBER,
    Kind.YES_NO: ValueKind.YES_NO,
}


@dataclass(frozen=True)
class Vocabulary:
    """The tables and columns at hand, as features may name them."""

    schema: Schema

    def lacks(self, table: str, column: str) -> str:
        """Why a column cannot be read, as a sentence; empty where it can."""
        if table not in self.schema:
            return f"there is no table {table!r}"
        facts = self.schema[table].get(column)
        if facts is None:
            return f"there is no column '{table}.{column}'"
        return "" if facts.present else f"the source of {table} has no column {column!r}"

    def kind(self, table: str, column: str) -> Kind | None:
        """What a column holds; None where it cannot be read."""
        return None if self.lacks(table, column) else self.schema[table][column].kind

    def present(self, table: str) -> list[str]:
        """Columns of a table that the source has."""
        return [name for name, facts in self.schema.get(table, {}).items() if facts.present]

    def fact_columns(self) -> dict[ColumnRef, ValueKind | None]:
        """Facts about a lead, as ``table.column``; transfers of value are none."""
        tables = ["leads", *(table for table, by in LEAD_LOOK_UPS.items() if not self.lacks("leads", by.key))]
        return dict(self._columns((table, table) for table in tables))

    def act_columns(self, table: str) -> dict[ColumnRef, ValueKind | None]:
        """What conditions on a table of acts may read: its columns by name, look-ups as ``table.column``."""
        look_ups = [name for name, by in ACT_LOOK_UPS.items() if not self.lacks(table, by.key)]
        tables = [("", table), (table, table), *((name, name) for name in look_ups)]
        return dict(self._columns(tables))

    def all_act_columns(self, table: str) -> dict[ColumnRef, ValueKind | None]:
        """As ``act_columns``, with the columns of the vocabulary that the source lacks: null throughout."""
        lacking = {
            ColumnRef(prefix, column.name): VALUE_KINDS[column.kind]
            for prefix in ("", table)
            for column in TABLES[table].columns
        }
        return {**lacking, **self.act_columns(table)}

    def _columns(
        self, tables: Iterator[tuple[str, str]] | list[tuple[str, str]]
    ) -> Iterator[tuple[ColumnRef, ValueKind]]:
        for prefix, table in tables:
            for name in self.present(table):
                facts = self.schema[table][name]
                if facts.mark is None or facts.mark.kind is not MarkKind.TRANSFER_OF_VALUE:
                    yield ColumnRef(prefix, name), VALUE_KINDS[facts.kind]
