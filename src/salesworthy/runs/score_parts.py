"""Parts of a scoring run: so many leads each, in order of their ids, whatever the batches, the threads and the engine.

A run is written part by part, and a part that is finished is not done again: not by a second process either, when the
first one died (``runs.journal``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.domain.errors import InternalError
from salesworthy.engines.protocol import Engine
from salesworthy.runs.features import OpenTables
from salesworthy.runs.journal import Journal
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.part_tables import EverybodysPast, part_tables
from salesworthy.runs.site_answers import SiteAnswers, bounds_of

LEADS = 262_144
"""Leads of a part. Published files are cut there, so it is no setting."""
_BATCH = 16_384
_DECIDING = ("salesworthy", "duckdb", "ibis-framework", "lightgbm", "numpy", "polars", "pyarrow", "pyspark")


@dataclass(frozen=True)
class Part:
    """Some leads of a run.

    Attributes:
        number: Its place among the parts, from 0.
        first: Place of its first lead in the run.
        leads: How many leads it has.
        rows: What is known of them, one row per lead, as a Parquet file.
    """

    number: int
    first: int
    leads: int
    rows: Path

    @property
    def name(self) -> str:
        """Name of its files, without an ending."""
        return f"part-{self.number:04d}"

    def named(self, what: str) -> str:
        """How the journal calls something about it."""
        return f"{what} {self.number:04d}"


def work_of(run_id: str) -> str:
    """Names everything that decides the bytes of a run: what its name stands for, the versions, and the parts."""
    found = [f"{run_id}, {LEADS} leads a part"]
    for name in _DECIDING:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return "; ".join(found)


def write_rows(
    allowed: OpenTables, leads: ir.Table, rows_of: Callable[[OpenTables], ir.Table], journal: Journal, *, as_of: int
) -> tuple[Part, ...]:
    """Write what is known about the leads of a run, part by part; what is written already stays.

    Args:
        allowed: All tables, without the rows of leads who have objected.
        leads: The leads of the run.
        rows_of: What is known about the leads of some tables: one row per lead, with ``lead_id``.
        journal: Of the run.
        as_of: The moment of the run, in microseconds.
    """
    ranges = _ranges(allowed, leads, journal)
    counts = [count for _, _, count in ranges]
    starts = accumulate(counts, initial=0)
    folder = journal.folder / "rows"
    parts = tuple(
        Part(number, first, count, folder / f"part-{number:04d}.parquet")
        for number, (first, count) in enumerate(zip(starts, counts, strict=False))
    )
    everybody = EverybodysPast(allowed, as_of, SiteAnswers(allowed, as_of, journal))
    for part, (first, last, _) in zip(parts, ranges, strict=True):
        if journal.facts(part.named("rows")) is None:
            with part_tables(everybody, first, last) as data:
                _write_part(data, rows_of(data), part)
            journal.finish(part.named("rows"), [part.rows])
    return parts


def _ranges(allowed: OpenTables, leads: ir.Table, journal: Journal) -> list[tuple[str, str, int]]:
    """The first and the last lead of each part, and how many it has; one part without leads where there is none."""
    told = journal.facts("leads")
    if told is None:
        sorted_leads = allowed.engine.batches(leads.select("lead_id").order_by("lead_id"), rows=_BATCH)
        found = list(bounds_of(sorted_leads, LEADS)) or [("", "", 0)]
        journal.finish("leads", [], ranges=found)
        return found
    return [(first, last, count) for first, last, count in told["ranges"]]


def _write_part(data: OpenTables, rows: ir.Table, part: Part) -> None:
    part.rows.parent.mkdir(exist_ok=True)
    with PartWriter(part.rows, rows.schema().to_pyarrow()) as writer:
        for batch in data.engine.batches(rows.order_by("lead_id"), rows=_BATCH):
            writer.write(pa.Table.from_batches([batch]))
    if writer.rows != part.leads:
        raise InternalError(f"{part.name} of a run has {writer.rows} leads instead of {part.leads}")


def all_rows(engine: Engine, parts: Sequence[Part]) -> ir.Table:
    """What is known about the leads of a run."""
    return engine.read_parquet("rows_of_run", [part.rows for part in parts])


def whole(path: Path, schema: pa.Schema) -> pa.Table:
    """A small file of a part."""
    return read_batches(path, schema).read_all()


def read_batches(path: Path, schema: pa.Schema) -> Any:
    """The rows of a file of a part, batch by batch, with their own types."""
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    file = pq.ParquetFile(path, read_dictionary=coded)
    batches = (
        batch for each in file.iter_batches() for batch in pa.Table.from_batches([each]).cast(schema).to_batches()
    )
    return pa.RecordBatchReader.from_batches(schema, batches)
