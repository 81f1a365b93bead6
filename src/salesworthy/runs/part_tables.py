"""The tables of some leads of a run: what is known about them is found without looking at everybody's rows again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir

from salesworthy.engines.temporary import TemporaryTables
from salesworthy.features.as_of import features_as_of
from salesworthy.features.catalogue import Catalogue, Feature, FeatureKind
from salesworthy.runs.features import OpenTables

LEAD = "lead_id"
_RESULTS = "results_of_run"


@dataclass(frozen=True)
class EverybodysPast:
    """What is learned from all leads, found once.

    Attributes:
        data: All tables, without the rows of leads who have objected.
        as_of: The moment of the run, in microseconds.
        sites: Gives what everybody at a site did.
    """

    data: OpenTables
    as_of: int
    sites: Callable[[Sequence[Feature]], ir.Table]

    @cached_property
    def known_results(self) -> ir.Table:
        """Results that ``history`` features learn from."""
        return self.data.engine.materialise(_RESULTS, self.data.known_results(until=self.as_of))


@dataclass(frozen=True)
class PartTables(OpenTables):
    """Tables with the rows of some leads; what is learned from everybody is learned from all rows."""

    everybody: EverybodysPast

    def features(self, spine: ir.Table, catalogue: Catalogue, *, until: int) -> ir.Table:  # noqa: ARG002
        """As of ``OpenTables``, for questions as of the moment of the run."""
        learns = any(feature.kind == FeatureKind.HISTORY for feature in catalogue)
        return features_as_of(
            self.engine,
            self.tables,
            spine,
            catalogue,
            results=self.everybody.known_results if learns else None,
            everybody=self.everybody.data.tables,
            sites=self.everybody.sites,
        )


@contextmanager
def part_tables(everybody: EverybodysPast, first: str, last: str) -> Iterator[PartTables]:
    """The tables with the rows of the leads from the first to the last; what is made of them is dropped at the end.

    Args:
        everybody: All tables.
        first: The least lead id.
        last: The greatest.
    """
    data = everybody.data
    tables = {
        name: table.filter(table[LEAD].between(first, last)) if LEAD in table.columns else table
        for name, table in data.tables.items()
    }
    with TemporaryTables(data.engine) as engine:
        yield PartTables(data.workspace, data.checked, engine, tables, everybody)
