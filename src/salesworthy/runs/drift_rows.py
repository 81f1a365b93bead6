"""The rows that drift is seen in: every lead a week after it came, scored by the model in force; handoffs and labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, zone
from salesworthy.drift.bins import Bins, bins_of
from salesworthy.drift.event_tables import OF_LEADS, Events
from salesworthy.drift.histograms import WEEK_COLUMN, count_bins, count_levels, sample_rows
from salesworthy.drift.scores import Scored
from salesworthy.drift.watched import Family, Watched, Weekly
from salesworthy.drift.weeks import Weeks, weeks_until
from salesworthy.features.catalogue import Catalogue, Dtype
from salesworthy.outcomes.labels import label_handoffs

if TYPE_CHECKING:
    import pyarrow as pa

    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.features import OpenTables

AGE = 7 * MICROSECONDS_PER_DAY
"""Every lead is looked at when it has been known so long, so that no week's leads are older than another's."""
MOST_WEEKS = 156
SAMPLE = 50_000
"""Leads that are scored, where there are more."""


@dataclass(frozen=True)
class DriftRows:
    """Rows in the engine, and what says how they are counted.

    Attributes:
        data: Checked tables.
        weeks: The weeks that are watched.
        as_of: Facts known by then count, in microseconds.
        catalogue: Features that are watched.
        rows: One row per lead: features, and the week.
    """

    data: OpenTables
    weeks: Weeks
    as_of: int
    catalogue: Catalogue
    rows: ir.Table

    @property
    def counted(self) -> Catalogue:
        """Features that are counted from these rows: those whose column is not watched in the tables themselves."""
        direct = {(each.table, each.column) for each in OF_LEADS if each.table in self.data.tables}
        return Catalogue(tuple(each for each in self.catalogue if (each.table, each.column) not in direct))

    def sample(self) -> pa.Table:
        """Some of the rows."""
        return sample_rows(self.data.engine, self.rows, most=SAMPLE)

    def histograms(self, bins: list[Bins]) -> Iterator[Weekly]:
        """Weekly counts of every feature."""
        yield count_bins(self.data.engine, self.rows, bins, self.weeks)
        for each in self.counted:
            if each.dtype == Dtype.CATEGORY:
                watched = Watched(Family.FEATURE, each.name, table=each.table, column=each.column)
                yield count_levels(self.data.engine, self.rows, each.name, self.weeks, watched)

    def events(self) -> Events:
        """What the tables themselves say."""
        return Events(self.data.engine, self.data.tables, self.weeks, self.as_of)


def weeks_of(data: OpenTables, *, as_of: int) -> Weeks:
    """The weeks that a workspace's leads allow: from the first lead on, at most three years."""
    leads = data.tables["leads"]
    first = data.engine.to_arrow(leads.filter(leads.created_at <= as_of).created_at.min().as_table()).column(0)[0]
    begin = as_of if first.as_py() is None else int(first.as_py())
    timezone = zone(data.workspace.settings.workspace.timezone)
    return weeks_until(as_of, first=begin, timezone=timezone, most=MOST_WEEKS)


def drift_rows(data: OpenTables, catalogue: Catalogue, weeks: Weeks, *, as_of: int) -> DriftRows:
    """Features of every lead of the weeks, as they were when the lead had been known for seven days."""
    leads = data.tables["leads"]
    spine = leads.select("lead_id", as_of=(leads.created_at + AGE).cast("int64"))
    spine = data.engine.materialise("drift_spine", spine.filter(weeks.within(spine.as_of)))
    found = data.features(spine, catalogue, until=as_of)
    found = found.mutate(**{WEEK_COLUMN: weeks.number(found.as_of)})
    return DriftRows(data, weeks, as_of, catalogue, data.engine.materialise("drift_rows", found))


def scored(sample: pa.Table, model: LoadedModel) -> Scored:
    """Sampled leads as the model scores them; the sample has every feature of the model."""
    features = sample.select(list(model.catalogue.names))
    told = model.bundle.model.explain(features)
    reasons = model.reason_map
    return Scored(
        week=sample[WEEK_COLUMN].to_numpy().astype(np.int64),
        propensity=told.propensity,
        reasons=reasons.sums(told.contributions),
        codes=tuple(each.code for each in reasons.codes),
        features=features,
        contributions=told.contributions,
    )


def handed_over(data: OpenTables, catalogue: Catalogue, *, as_of: int) -> pa.Table:
    """Every handoff with its label and the features of its moment: the rows that a model can be graded on."""
    labels = data.engine.materialise("drift_labels", label_handoffs(data.tables, data.workspace.label_rule, until=as_of))
    found = data.features(labels.rename(as_of="handed_at"), catalogue, until=as_of)
    return data.engine.to_arrow(found.order_by("as_of", "lead_id"))


def bins_for(rows: DriftRows, sample: pa.Table) -> list[Bins]:
    """How the features are counted."""
    return bins_of(rows.counted, sample)
