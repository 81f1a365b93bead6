"""What everybody at a site did, counted once for a whole run: its leads are spread over all parts of the run.

The sites are taken some at a time, in order of their ids, so that memory does not grow with their number. What was
counted is kept as Parquet files beside the run, and not counted again after a crash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.engines.temporary import TemporaryTables
from salesworthy.features.act_features import act_features
from salesworthy.features.acts import ASKED
from salesworthy.features.catalogue import Feature
from salesworthy.runs.features import OpenTables
from salesworthy.runs.journal import Journal
from salesworthy.runs.parquet_parts import PartWriter

SITES = 32_768
"""Sites that are counted at a time."""
_BATCH = 16_384
Bounds = tuple[str, str]


@dataclass(frozen=True)
class SiteAnswers:
    """Features over the acts of everybody at a site, of every site that a lead belongs to.

    Attributes:
        data: All tables, without the rows of leads who have objected.
        as_of: The moment of the question, in microseconds.
        journal: Of the run.
    """

    data: OpenTables
    as_of: int
    journal: Journal

    def __call__(self, features: Sequence[Feature]) -> ir.Table:
        """Features of one table of acts: ``ASKED`` and one column each, one row per site with an act."""
        name = f"sites_{hashlib.sha256(repr(list(features)).encode()).hexdigest()[:12]}"
        files = []
        for number, bounds in enumerate(self._slices()):
            part = f"{name} {number:04d}"
            files.append(self.journal.folder / name / f"part-{number:04d}.parquet")
            if self.journal.facts(part) is None:
                self._count(features, bounds, files[-1])
                self.journal.finish(part, [files[-1]])
        return self.data.engine.read_parquet(name, files)

    def _slices(self) -> list[Bounds]:
        """First and last of so many sites each; one pair that holds for none where there are no sites."""
        told = self.journal.facts("sites")
        if told is None:
            account = self.data.tables["leads"].account_id.cast("string")
            sites = self.data.tables["leads"].select(site=account).distinct()
            found = list(bounds_of(self._batches(sites.filter(sites.site.notnull()).order_by("site")), SITES))
            self.journal.finish("sites", [], bounds=[[first, last] for first, last, _ in found])
            told = {"bounds": found}
        return [(each[0], each[1]) for each in told["bounds"]] or [("", "")]

    def _batches(self, table: ir.Table) -> Iterator[pa.RecordBatch]:
        return self.data.engine.batches(table, rows=_BATCH)

    def _count(self, features: Sequence[Feature], bounds: Bounds, target: Path) -> None:
        target.parent.mkdir(exist_ok=True)
        tables, acts = dict(self.data.tables), features[0].table
        leads = tables["leads"]
        with TemporaryTables(self.data.engine) as engine:
            here = engine.materialise("leads_of_sites", leads.filter(leads.account_id.cast("string").between(*bounds)))
            sites = here.select(**{ASKED[0]: here.account_id.cast("string")}).distinct()
            questions = sites.mutate(**{ASKED[1]: ibis.literal(self.as_of, "int64")})
            tables |= {"leads": here, acts: tables[acts].semi_join(here, "lead_id")}
            answers = act_features(features, tables, questions, (self.as_of, self.as_of))
            with PartWriter(target, answers.schema().to_pyarrow()) as writer:
                for batch in engine.batches(answers, rows=_BATCH):
                    writer.write(pa.Table.from_batches([batch]))


def bounds_of(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[tuple[str, str, int]]:
    """First and last value of so many sorted rows of one column each, and how many there are.

    Example:
        >>> list(bounds_of(iter(pa.table({"x": ["a", "b", "c"]}).to_batches()), 2))
        [('a', 'b', 2), ('c', 'c', 1)]
    """
    first, last, count = "", "", 0
    for batch in batches:
        column, start = batch.column(0), 0
        while start < len(column):
            taken = min(rows - count, len(column) - start)
            first = column[start].as_py() if not count else first
            last, count, start = column[start + taken - 1].as_py(), count + taken, start + taken
            if count == rows:
                yield first, last, count
                count = 0
    if count:
        yield first, last, count
