"""Building an index: one pass over a published run and its tables, into one file that pages only read.

It runs in a process of its own beside the pages, with memory that does not grow with the number of leads: DuckDB sorts
on disk, and rows go on batch by batch. The file gets its name once it is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa

from salesworthy.web.store.figures import write_figures
from salesworthy.web.store.opened import Opened, engine_at
from salesworthy.web.store.packed import NOTHING, POSITION, Packer
from salesworthy.web.store.schema import FILTERS, INDEXES, LEAD_COLUMNS, SEARCHED, TABLES
from salesworthy.web.store.sources import Sources
from salesworthy.web.store.statements import ACTS, CONSENTS, HANDOFFS, OUTCOMES, leads_sql, scored_sql
from salesworthy.web.store.words import document

ENDING = ".sqlite"


def index_path(folder: Path, sources: Sources) -> Path:
    """Where the index of these sources is, once it was built."""
    return folder / f"{sources.key}{ENDING}"


def build_index(sources: Sources, folder: Path) -> Path:
    """Build an index, unless it is there.

    Args:
        sources: The run and its tables.
        folder: Where indexes are; safe to delete at any time.

    Returns:
        The file.
    """
    target = index_path(folder, sources)
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=".stage-", dir=folder))
    try:
        stage = work / "index"
        with engine_at(work) as engine, closing(sqlite3.connect(stage)) as database:
            database.executescript(TABLES)
            _fill(Opened(sources, engine), database)
            database.executescript(INDEXES)
            database.commit()
        stage.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def build_beside(sources: Sources, folder: Path) -> None:
    """The same, politely: pages that are served meanwhile come first."""
    os.nice(10)
    build_index(sources, folder)


def _fill(opened: Opened, database: sqlite3.Connection) -> None:
    opened.engine.execute(scored_sql(opened.columns("leads"), opened.columns("accounts")))
    (count,) = opened.engine.execute("SELECT count(*) FROM scored").fetchone() or (0,)
    tops = _pack_reasons(opened, database, int(count))
    _pack_verdicts(opened, database)
    for name, (needs, sql, columns) in {
        "act": ACTS,
        "consent": CONSENTS,
        "handoff": HANDOFFS,
        "outcome": OUTCOMES,
    }.items():
        if needs <= opened.sources.tables.keys():
            told = sql(opened.columns("content")) if callable(sql) else sql
            _pack(opened, database, name, told, columns)
    opened.engine.register("tops", tops)
    _write_leads(opened, database)
    _index_packets(opened, database)
    write_figures(opened, database)
    about = {"key": opened.sources.key, "as_of": opened.sources.as_of, "manifest": opened.sources.manifest}
    database.executemany("INSERT INTO about VALUES (?, ?)", [(name, json.dumps(each)) for name, each in about.items()])


REASON = {"code": "text", "family": "text", "log_odds": "float", "degree": "text", "sentence": "text"}


def _pack_reasons(opened: Opened, database: sqlite3.Connection, count: int) -> pa.Table:
    """Pack reasons, and find what speaks most for each lead, or decided.

    Returns:
        ``pos, reason, reason_code``.
    """
    packer = Packer(database, "reason", REASON)
    first = np.full((count, 2), NOTHING, dtype=np.int32)
    decided = packer.code("decided")
    sql = "SELECT s.pos, r.* FROM run_reasons r JOIN scored s USING (lead_id) ORDER BY s.pos, r.rank"
    for rows in opened.batches(sql):
        records = packer.add(rows)
        speaks = (records["degree"] == decided) | (records["log_odds"] > 0)
        positions, places = np.unique(rows.column(POSITION).to_numpy()[speaks], return_index=True)
        fresh = first[positions, 0] == NOTHING
        for column, name in enumerate(("sentence", "code")):
            first[positions[fresh], column] = records[name][speaks][places[fresh]]
    packer.finish()
    texts = [*packer.texts, None]
    named = pa.array(texts, pa.string())
    found = [
        named.take(pa.array(np.where(first[:, column] < 0, len(texts) - 1, first[:, column]))) for column in (0, 1)
    ]
    return pa.table({"pos": pa.array(np.arange(count)), "reason": found[0], "reason_code": found[1]})


def _pack_verdicts(opened: Opened, database: sqlite3.Connection) -> None:
    schema = opened.columns("run_verdicts")
    if not schema:
        return
    ordered = [name for name in opened.engine.table("run_verdicts").columns if name not in ("lead_id", "account_id")]
    types = dict(
        zip(opened.engine.table("run_verdicts").columns, opened.engine.table("run_verdicts").types, strict=True)
    )
    kinds = {"DOUBLE": "float", "VARCHAR": "text"}
    columns = {name: kinds.get(str(types[name]), "small") for name in ordered}
    _pack(
        opened,
        database,
        "verdict",
        "SELECT s.pos, v.* FROM run_verdicts v JOIN scored s USING (lead_id) ORDER BY s.pos",
        columns,
    )


def _pack(opened: Opened, database: sqlite3.Connection, name: str, sql: str, columns: Mapping[str, str]) -> None:
    packer = Packer(database, name, columns)
    for rows in opened.batches(sql):
        packer.add(rows)
    packer.finish()


def _write_leads(opened: Opened, database: sqlite3.Connection) -> None:
    marks = ", ".join("?" * len(LEAD_COLUMNS))
    places = {name: place for place, name in enumerate(LEAD_COLUMNS)}
    searched = [places[name] for name in SEARCHED]
    marked = {name: places[name] for name in (*FILTERS, "region")}
    for rows in opened.batches(leads_sql(opened.columns("was_scores"))):
        leads = list(zip(*(rows.column(name).to_pylist() for name in LEAD_COLUMNS), strict=True))
        database.executemany(f"INSERT INTO lead VALUES ({marks})", leads)
        documents = [
            (lead[0], document((lead[place] for place in searched), {name: lead[at] for name, at in marked.items()}))
            for lead in leads
        ]
        database.executemany("INSERT INTO words (rowid, told) VALUES (?, ?)", documents)
    for name in FILTERS:
        database.execute(
            f"INSERT INTO facet SELECT '{name}', {name}, team, region, count(*) FROM lead "
            f"WHERE {name} IS NOT NULL GROUP BY 2, 3, 4"
        )


def _index_packets(opened: Opened, database: sqlite3.Connection) -> None:
    """Where in the run's files each packet is."""
    scored = "SELECT lead_id, pos FROM scored WHERE decision = 'MQL'"
    lead_at = dict(opened.engine.execute(scored).fetchall())
    for path in sorted((opened.sources.run / "packets").glob("*.jsonl")):
        offset = 0
        found: list[tuple[Any, ...]] = []
        with path.open("rb") as file:
            for line in file:
                found.append((lead_at[json.loads(line)["lead_id"]], path.name, offset, len(line)))
                offset += len(line)
        database.executemany("INSERT INTO packet VALUES (?, ?, ?, ?)", found)
