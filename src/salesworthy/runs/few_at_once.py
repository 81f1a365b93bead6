"""Asks the kept questions of tables in memory, for a program that keeps leads open: milliseconds for a lead.

What belongs to the leads and their sites is put into small tables of SQLite, whose plans are kept from one question to
the next. What is the same for everybody, such as outcome rates, is asked of DuckDB, whenever it may have changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from salesworthy.runs.few_everybody import Everybody
from salesworthy.runs.few_memory import LeadsInMemory, rows_of
from salesworthy.runs.few_script import ASKED, CUT, Step

Texts = Mapping[str, Sequence[str | None]]


@dataclass
class AtOnce:
    """The questions of a script, ready to be asked of tables in memory.

    Attributes:
        leads: The rows of leads and sites.
        everybody: What is the same for everybody.
        small: Where the small tables are.
        queries: Name of a step -> its query in SQLite's words.
        schemas: Name of an answer -> its columns as DuckDB answers them.
    """

    leads: LeadsInMemory
    everybody: Everybody
    small: sqlite3.Connection
    schemas: Mapping[str, pa.Schema]
    queries: dict[str, str] = field(default_factory=dict)

    def ask(
        self, steps: Sequence[Step], given: Mapping[str, Texts], moment: int, more: Mapping[str, pa.Table]
    ) -> dict[str, pa.Table]:
        """The answers to the questions among the steps.

        Args:
            steps: Steps of the script.
            given: Tables that the question brings along.
            moment: The moment of the question, in microseconds.
            more: Table -> rows of the leads that are not in it yet; with the table's columns.

        Raises:
            sqlite3.Error: When only DuckDB can answer.
        """
        self.everybody.turn_to(moment)
        if ASKED in given:
            self._cut_down([each for each in given[ASKED]["lead_id"] if each is not None], more)
        for name, columns in given.items():
            self.fill(name, list(zip(*columns.values(), strict=True)))
        answers = {}
        for step in steps:
            rows = self._rows(step, moment)
            if rows is not None:
                answers[step.name] = _table(rows, self.schemas[step.name])
        return answers

    def close(self) -> None:
        """Release memory."""
        self.small.close()
        self.everybody.close()

    def _cut_down(self, leads: Sequence[str], more: Mapping[str, pa.Table]) -> None:
        """Fill the small tables with the rows of leads and of everybody at their sites."""
        for name, rows in self.leads.of(leads).items():
            self.fill(CUT + name, [*rows, *rows_of(more[name])] if name in more else rows)

    def _rows(self, step: Step, moment: int) -> Sequence[tuple[Any, ...]] | None:
        """The rows of an answer; None of a step that is kept."""
        if step.name in self.everybody.rates:
            rate = self.everybody.rates[step.name]
            query = f'SELECT DISTINCT "{rate.key}" FROM "{rate.source}" WHERE "{rate.key}" IS NOT NULL'
            keys = [key for (key,) in self.small.execute(query)]
            self.fill(step.name, self.everybody.rates_of(step.name, keys, moment))
            return None
        if step.name not in self.queries:
            return self.everybody.answers.get(step.name)
        query, values = self.queries[step.name], {"moment": moment}
        if not step.kept:
            return self.small.execute(query, values).fetchall()
        self.small.execute(f'DELETE FROM "{step.name}"')
        self.small.execute(f'INSERT INTO "{step.name}" {query}', values)
        return None

    def fill(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put other rows into a small table."""
        self.small.execute(f'DELETE FROM "{name}"')
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.small.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([_array(*each) for each in zip(columns, schema.types, strict=True)], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(kind):
        values = [None if each is None else bool(each) for each in values]
    return pa.array(values, kind)
