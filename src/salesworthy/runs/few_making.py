"""Makes a script ready for questions at once, and believes in it only when DuckDB has said the same."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.runs.evidence_rows import MQLS, PART
from salesworthy.runs.few_at_once import AtOnce
from salesworthy.runs.few_everybody import everybody, mentioned
from salesworthy.runs.few_functions import add_functions
from salesworthy.runs.few_memory import holds_nan, in_memory, rows_of
from salesworthy.runs.few_quickly import Ask, QuickLeads
from salesworthy.runs.few_script import ASKED, CUT, ROWS, Script, Step, tables_read
from salesworthy.runs.few_sqlite import NotAlike, to_sqlite

GIVEN = {ASKED: ["lead_id"], MQLS: ["lead_id", "account_id"], PART: ["lead_id", "account_id"]}
"""Tables that a question brings along, and their columns."""
_LOG = logging.getLogger(__name__)


def at_once(quick: QuickLeads, leads: Sequence[str], *, as_of: int) -> AtOnce | None:
    """Make the questions ready to be asked of tables in memory; None where that is not known to answer alike.

    The first questions are asked both ways: everything must be equal, to the last bit.

    Args:
        quick: The questions, and the tables.
        leads: Ids of the leads that are asked about first.
        as_of: The moment of the first question, in microseconds.
    """
    told = _told(quick.ask_duckdb, quick.script, leads, as_of)
    made = None
    try:
        made = _made(quick.script, quick.checked.paths, {name: table.schema for name, table in told.items()}, as_of)
        again = _told(made.ask, quick.script, leads, as_of)
        unlike = [name for name in told if not told[name].equals(again[name])]
        if unlike:
            raise NotAlike(f"DuckDB answers otherwise: {', '.join(unlike)}")
    except (NotAlike, sqlite3.Error) as why:
        _LOG.info("single leads are asked of DuckDB, which takes longer: %s", why)
        if made is not None:
            made.close()
        return None
    return made


def _told(ask: Ask, script: Script, leads: Sequence[str], as_of: int) -> dict[str, pa.Table]:
    """All answers about leads, the evidence for packets included."""
    found = ask(script.rows, {ASKED: {"lead_id": list(leads)}}, as_of, {})
    some = {name: found[ROWS][name].to_pylist() for name in GIVEN[MQLS]}
    return found | ask(script.evidence, {MQLS: some, PART: some}, as_of, {})


def _made(script: Script, paths: Mapping[str, Path], schemas: Mapping[str, pa.Schema], as_of: int) -> AtOnce:
    leads = in_memory(paths)
    columns = {CUT + name: table.rows.schema.names for name, table in leads.tables.items()} | GIVEN
    steps = [each for each in (*script.rows, *script.evidence) if each.name not in columns]
    small = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=512)
    add_functions(small)
    made = AtOnce(leads, everybody(steps, columns, paths), small, schemas)
    made.everybody.turn_to(as_of)
    for name, names in columns.items():
        _create(small, name, names)
    common = {each.name for each in made.everybody.steps}
    own = [each for each in steps if each.name not in common]
    for name, table in _read_whole(own, made, paths).items():
        columns[name] = table.schema.names
        _create(small, name, columns[name])
        made.fill(name, rows_of(table))
    for step in own:
        _add(made, step, columns, as_of)
    return made


def _add(made: AtOnce, step: Step, columns: dict[str, list[str]], as_of: int) -> None:
    if step.name in made.everybody.rates:
        columns[step.name] = made.everybody.columns_of(step.name, as_of)
    else:
        query = to_sqlite(step.sql, columns)
        described = made.small.execute(f"SELECT * FROM ({query}) LIMIT 0", {"moment": as_of}).description
        columns[step.name] = [each[0] for each in described]
        made.queries[step.name] = query
    if step.kept:
        _create(made.small, step.name, columns[step.name])


def _read_whole(steps: Sequence[Step], made: AtOnce, paths: Mapping[str, Path]) -> dict[str, pa.Table]:
    """Tables that are read as a whole beside those of the leads, such as content; only the columns that are named."""
    text = "\n".join(each.sql for each in steps if each.name not in made.everybody.rates)
    found = {}
    for name in sorted(tables_read(text) & set(paths)):
        found[name] = pq.read_table(paths[name], columns=mentioned(pq.read_schema(paths[name]).names, text))
    if any(map(holds_nan, [*found.values(), *(each.rows for each in made.leads.tables.values())])):
        raise NotAlike("a number is not a number")
    return found


def _create(small: sqlite3.Connection, name: str, columns: Sequence[str]) -> None:
    """A table whose columns have no type: values stay what they are."""
    listed = ", ".join(f'"{each}"' for each in columns)
    small.execute(f'CREATE TABLE "{name}" ({listed})')
