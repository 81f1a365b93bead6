"""The rows that drift is seen in: every lead a week after it came, scored by the model; handoffs and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment, zone
from salesworthy.drift.bins import Bins, bins_of
from salesworthy.drift.event_tables import OF_LEADS, Events
from salesworthy.drift.histograms import WEEK_COLUMN, count_bins, count_levels, sample_rows
from salesworthy.drift.outcome_watch import Handed
from salesworthy.drift.scores import Scored
from salesworthy.drift.watched import Family, Watched, Weekly
from salesworthy.drift.weeks import Weeks, weeks_until
from salesworthy.features.catalogue import Catalogue, Dtype
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.runs.drift_runs import PublishedRun, issued_scores
from salesworthy.runs.lead_rows import scorable

if TYPE_CHECKING:
    import pyarrow as pa

    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.run_policy import RunPolicy

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


def drift_rows(
    data: OpenTables, catalogue: Catalogue, weeks: Weeks, *, as_of: int, policy: RunPolicy | None = None
) -> DriftRows:
    """Features of every lead of the weeks, as they were when the lead had been known for seven days.

    Leads that have objected to direct marketing are left out, as they are not profiled; their rows still count where
    rows of a table are counted.

    Args:
        data: Checked tables.
        catalogue: The features.
        weeks: The weeks.
        as_of: Objections known by then count, in microseconds.
        policy: Says which states are objections; None where there is none.
    """
    leads = data.tables["leads"]
    leads = scorable(data, leads.select("lead_id", "created_at"), policy, as_of=as_of)
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
        names=model.catalogue.names,
        contributions=told.contributions,
    )


def handed_over(data: OpenTables, model: LoadedModel | None, runs: Sequence[PublishedRun], *, as_of: int) -> Handed:
    """Every handoff with its label, and with what was said of it: by a run at the time, or else by the model.

    Args:
        data: Checked tables.
        model: The model in force; None where there is none.
        runs: Published runs.
        as_of: Labels settled by then count, in microseconds.
    """
    labels = label_handoffs(data.tables, data.workspace.label_rule, until=as_of)
    labels = data.engine.materialise("drift_labels", labels).rename(as_of="handed_at")
    catalogue = Catalogue() if model is None else model.catalogue
    found = data.engine.to_arrow(data.features(labels, catalogue, until=as_of).order_by("as_of", "lead_id"))
    label = np.array(found["label"].cast("float64").to_numpy())
    label[~found["settled"].to_numpy()] = np.nan
    handed_at = found["as_of"].to_numpy().astype(np.int64)
    issued = issued_scores(runs, found["lead_id"].to_pylist(), handed_at.tolist())
    rows, fresh = found.num_rows, np.zeros(found.num_rows, np.bool_)
    propensity, reasons, codes = np.full(rows, np.nan), np.zeros((rows, 0)), tuple[str, ...]()
    if model is not None and rows:
        told = model.bundle.model.explain(found.select(list(model.catalogue.names)))
        propensity, reasons = told.propensity, model.reason_map.sums(told.contributions)
        codes = tuple(each.code for each in model.reason_map.codes)
        fresh = handed_at > parse_moment(model.bundle.metadata["training"]["as_of"])
    was_issued = np.isfinite(issued)
    return Handed(
        handed_at,
        found["matured_at"].to_numpy().astype(np.int64),
        label,
        np.where(was_issued, issued, propensity),
        was_issued | fresh,
        reasons,
        codes,
        was_issued,
    )


def watched_catalogue(own: Catalogue, model: LoadedModel | None) -> Catalogue:
    """The features of the model as it knows them, and those of the workspace that it does not."""
    if model is None:
        return own
    known = {name.lower() for name in model.catalogue.names}
    more = [each for each in own if each.name.lower() not in known]
    there = known | {each.name.lower() for each in more}
    read = [each for each in more if {name.lower() for name in each.reads} <= there]
    return Catalogue((*model.catalogue.features, *read))


def bins_for(rows: DriftRows, sample: pa.Table) -> list[Bins]:
    """How the features are counted, chosen on a sample of them."""
    return bins_of(rows.counted, sample)
