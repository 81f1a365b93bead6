"""Small tables as plain Python: rows in, checked tables and their schema out, answers back as rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from salesworthy.domain.marks import ColumnMark
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue
from salesworthy.features.loading import LoadedCatalogue, load_catalogue

DAY = 86_400_000_000
ARROW = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.YES_NO: pa.bool_(),
    Kind.MOMENT: pa.int64(),
}
CARRIED = {"leads": {"score": Kind.NUMBER, "vip": Kind.YES_NO, "answered_at": Kind.MOMENT, "note": Kind.TEXT}}
"""Columns outside the vocabulary that tests carry."""
RESULTS = pa.schema([("lead_id", pa.string()), ("known_at", pa.int64()), ("label", pa.float64())])
_numbers = itertools.count()


@dataclass(frozen=True)
class Facts:
    """As ``intake.checked.ColumnFacts``."""

    kind: Kind
    present: bool = True
    carried: bool = False
    mark: ColumnMark | None = None


def kinds_of(table: str) -> dict[str, Kind]:
    """What the columns of a table hold."""
    return {column.name: column.kind for column in TABLES[table].columns} | CARRIED.get(table, {})


def schema_of(tables, *, lacking: dict[str, set[str]] | None = None):
    """The schema of tables given as rows or by name; ``lacking`` names columns that the source does not have."""
    lacking = lacking or {}
    return {
        table: {
            name: Facts(kind, name not in lacking.get(table, ()), name in CARRIED.get(table, {}))
            for name, kind in kinds_of(table).items()
        }
        for table in tables
    }


def arrow_of(table: str, rows: list[dict]) -> pa.Table:
    """Rows as a checked table: every column is there, null where a row does not give it."""
    kinds = kinds_of(table)
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in kinds.items()})


def in_engine(engine, tables: dict[str, list[dict]]):
    """Tables of rows as tables of an engine."""
    return {name: engine.from_arrow(f"t{next(_numbers)}_{name}", arrow_of(name, rows)) for name, rows in tables.items()}


def load(text: str, folder: Path, *, tables=tuple(TABLES), lacking=None, **options) -> LoadedCatalogue:
    """The catalogue that a ``features.yaml`` of this text gives."""
    (folder / "features.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(["features.yaml"], root=folder, schema=schema_of(tables, lacking=lacking), **options)


def answers(engine, tables, spine: list[tuple], catalogue: Catalogue, results=None) -> pa.Table:
    """Features of (lead, moment) pairs, in their order, with the type that each has."""
    rows = pa.table(
        {
            "lead_id": pa.array([lead for lead, _ in spine], pa.string()),
            "as_of": pa.array([moment for _, moment in spine], pa.int64()),
            "place": pa.array(range(len(spine)), pa.int64()),
        }
    )
    asked = engine.from_arrow(f"t{next(_numbers)}_spine", rows)
    told = None
    if results is not None:
        told = engine.from_arrow(f"t{next(_numbers)}_results", pa.Table.from_pylist(results, RESULTS))
    found = features_as_of(engine, in_engine(engine, tables), asked, catalogue, results=told)
    return engine.to_arrow(found.order_by("place")).drop_columns(["lead_id", "as_of", "place"])
