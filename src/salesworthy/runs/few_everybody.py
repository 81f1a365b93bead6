"""What is the same for everybody at a moment: outcomes that are mature, who objected, and rates of earlier results.

It is asked of DuckDB. It changes only when one of the moments in the tables passes, or a period after it: until then
what was asked before still holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.runs.few_script import MOMENT, Step, tables_read
from salesworthy.runs.few_sqlite import NotAlike

Key = Any
LONGEST = 2**50
"""Longer numbers are no periods: thirty-five years."""
_COMPARED = re.compile(r"(<=|>=|<|>) \{\{moment[+-]\d+\}\}|\{\{moment[+-]\d+\}\} (<=|>=|<|>)")
_PERIOD = re.compile(r"(?<![\w.{+-])\d{7,18}(?![\w.])")
_KEY, _AS_OF = "key.", "question.as_of"
_OF_A_QUESTION = re.compile(r'"((?:key|question|fact)\.[^"]+)"')


@dataclass(frozen=True)
class Rate:
    """A step that looks something up by a key of the lead: the outcome rate of its source, say.

    Attributes:
        step: The step.
        source: The step before it that holds the keys.
        key: The column of the key.
    """

    step: Step
    source: str
    key: str


@dataclass
class Everybody:
    """Tables as a whole, and what was asked of them last.

    Attributes:
        steps: Steps that read nothing of single leads.
        rates: Steps that read a key of theirs.
        database: Where the tables are.
        changes: Moments at which an answer may change, in order.
    """

    steps: Sequence[Step]
    rates: Mapping[str, Rate]
    database: duckdb.DuckDBPyConnection
    changes: np.ndarray[Any, np.dtype[np.int64]]
    answers: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _between: tuple[int, int] | None = None
    _known: dict[str, dict[Key, tuple[Any, ...]]] = field(default_factory=dict)

    def turn_to(self, moment: int) -> bool:
        """Ask everything for a moment, unless nothing has changed since it was asked; returns whether it was asked."""
        between = tuple(int(np.searchsorted(self.changes, moment, side)) for side in ("left", "right"))
        if between == self._between:
            return False
        self._between = None
        for step in self.steps:
            if step.kept:
                self.database.execute(f'CREATE OR REPLACE TABLE "{step.name}" AS {step.at(moment)}')
            else:
                self.answers[step.name] = self.database.execute(step.at(moment)).fetchall()
        for name, rate in self.rates.items():
            seen = self._known.get(name, {})
            self._known[name] = {}
            self._look_up(rate, seen, moment)
        self._between = (between[0], between[1])
        return True

    def rates_of(self, name: str, keys: Iterable[Key], moment: int) -> list[tuple[Any, ...]]:
        """The rows of a rate for some keys, dated with a moment."""
        keys = list(keys)
        rate, known = self.rates[name], self._known[name]
        self._look_up(rate, [each for each in keys if each not in known], moment)
        return [(row[0], moment, *row[2:]) for row in (known[each] for each in keys) if row]

    def columns_of(self, name: str, moment: int) -> list[str]:
        """The columns of a rate: its key, the moment, and what is looked up."""
        names = [each[0] for each in self._found(self.rates[name], [], moment).description or ()]
        if len(names) != 3 or not names[0].endswith(".key") or not names[1].endswith(".as_of"):
            raise NotAlike(f"{name} answers {', '.join(names)}")
        return names

    def close(self) -> None:
        """Release memory."""
        self.database.close()

    def _look_up(self, rate: Rate, keys: Iterable[Key], moment: int) -> None:
        keys = list(keys)
        if keys:
            rows = {row[0]: row for row in self._found(rate, keys, moment).fetchall()}
            self._known.setdefault(rate.step.name, {}).update({key: rows.get(key, ()) for key in keys})

    def _found(self, rate: Rate, keys: Sequence[Key], moment: int) -> duckdb.DuckDBPyConnection:
        kind = None if keys else pa.string()
        asked = pa.table({rate.key: pa.array(keys, kind), _AS_OF: pa.array([moment] * len(keys), pa.int64())})
        self.database.register("few_keys", asked)
        self.database.execute(f'CREATE OR REPLACE TABLE "{rate.source}" AS SELECT * FROM few_keys')
        self.database.unregister("few_keys")
        return self.database.execute(rate.step.at(moment))


def everybody(steps: Sequence[Step], few: Collection[str], paths: Mapping[str, Path]) -> Everybody:
    """Take from all steps those that are about everybody, and open the tables that they read.

    Args:
        steps: All steps, in order.
        few: Names of tables that hold a few leads.
        paths: Table -> Parquet file.

    Raises:
        NotAlike: When nobody could say when the answers change.
    """
    common = _common(steps, few, paths)
    found = (_rate(each, common, steps, {*few, *paths}, paths) for each in steps)
    rates = {each.step.name: each for each in found if each is not None}
    text = "\n".join(each.sql for each in [*common, *(each.step for each in rates.values())])
    if len(_COMPARED.findall(text)) != len(MOMENT.findall(text)):
        raise NotAlike("what is asked of everybody does more with the moment than compare it")
    database = duckdb.connect(config={"threads": 1})
    database.execute("SET TimeZone = 'UTC'")
    moments = []
    for name in sorted(tables_read(text) & set(paths)):
        table = pq.read_table(paths[name], columns=mentioned(pq.read_schema(paths[name]).names, text))
        database.register("few_given", table)
        database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM few_given')
        database.unregister("few_given")
        moments += [each.drop_null().to_numpy() for each in table.columns if pa.types.is_int64(each.type)]
    periods = sorted({abs(int(each)) for each in [*_PERIOD.findall(text), *MOMENT.findall(text)]} - {0})
    return Everybody(common, rates, database, _changes(moments, periods))


def mentioned(columns: Sequence[str], text: str) -> list[str]:
    """The columns that a text of queries names."""
    return [each for each in columns if f'"{each}"' in text]


def _changes(moments: Sequence[np.ndarray[Any, Any]], periods: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Every moment of the tables, and every period of the questions before and after it."""
    base = np.unique(np.concatenate([*moments, np.empty(0, np.int64)]).astype(np.int64))
    near = [each for each in periods if each < LONGEST]
    return np.unique(np.concatenate([base, *(base + each for each in near), *(base - each for each in near)]))


def _common(steps: Sequence[Step], few: Collection[str], paths: Mapping[str, Path]) -> list[Step]:
    """Steps that read nothing that hangs on single leads."""
    found: list[Step] = []
    everything = {*few, *paths, *(each.name for each in steps)}
    for step in steps:
        if tables_read(step.sql) & everything <= {*paths, *(each.name for each in found)}:
            found.append(step)
    return found


def _rate(
    step: Step, common: Sequence[Step], steps: Sequence[Step], given: Collection[str], paths: Mapping[str, Path]
) -> Rate | None:
    """A step as a rate; None where it hangs on more than one key of one step before."""
    shared = {each.name for each in common}
    read = tables_read(step.sql) & {*given, *(each.name for each in steps)}
    sources = read - shared - set(paths)
    if step.name in shared or not step.kept or len(sources) != 1 or not read & shared:
        return None
    columns = set(_OF_A_QUESTION.findall(step.sql))
    keys = {each for each in columns if each.startswith(_KEY)}
    if len(keys) != 1 or columns - keys != {_AS_OF}:
        return None
    return Rate(step, sources.pop(), keys.pop())
