"""The rows that drift is seen in: every lead a week after it came, counted week by week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, zone
from salesworthy.drift.bins import Bins, bins_of
from salesworthy.drift.cells import TIMES, added, count_cells, of_weeks, weekly_bins, weekly_levels
from salesworthy.drift.event_tables import Events
from salesworthy.drift.histograms import WEEK_COLUMN, sampled
from salesworthy.drift.watched import Weekly
from salesworthy.drift.weeks import WEEK, Weeks, weeks_until
from salesworthy.features.catalogue import Catalogue, Dtype
from salesworthy.runs.drift_digests import counted_features, digests_of
from salesworthy.runs.drift_kept import KeptCounts, place_of, read_kept, write_kept
from salesworthy.runs.lead_rows import scorable
from salesworthy.runs.objections import ON_RECORD

if TYPE_CHECKING:
    from salesworthy.runs.champion import LoadedModel
    from salesworthy.runs.features import OpenTables
    from salesworthy.runs.run_policy import RunPolicy

AGE = 7 * MICROSECONDS_PER_DAY
"""Every lead is looked at when it has been known so long, so that no week's leads are older than another's."""
MOST_WEEKS = 156
SAMPLE = 50_000
"""Leads that are scored, where there are more."""
SAMPLED = "drift_sampled"
"""Whether a row is of the sample."""


@dataclass(frozen=True)
class DriftRows:
    """Rows in the engine, and what says how they are counted.

    Attributes:
        data: Checked tables.
        weeks: The weeks that are watched.
        as_of: Facts known by then count, in microseconds.
        catalogue: Features that are watched.
        rows: One row per lead that is looked at: features, the week, how often it counts, and whether it is sampled.
        kept: What is left of earlier counts, which these rows complete.
        digests: What each week was counted from, by its first instant.
        excluded: Leads of these weeks who have objected.
    """

    data: OpenTables
    weeks: Weeks
    as_of: int
    catalogue: Catalogue
    rows: ir.Table
    kept: pa.Table
    digests: Mapping[int, str]
    excluded: frozenset[str]

    @property
    def counted(self) -> Catalogue:
        """Features that are counted from these rows."""
        return counted_features(self.catalogue, self.data)

    def sample(self) -> pa.Table:
        """Some of the leads, the same ones whatever was counted before."""
        chosen = self.rows.filter(self.rows[SAMPLED]).drop(SAMPLED, TIMES)
        return self.data.engine.to_arrow(chosen.order_by("lead_id", "as_of"))

    @cached_property
    def counts(self) -> pa.Table:
        """Rows per week, feature and cell; kept for the next time."""
        found = added([self.kept, count_cells(self.data.engine, self.rows, self.counted, self.weeks)])
        write_kept(place_of(self.data, self.catalogue), KeptCounts(found, self.digests, self.excluded))
        return found

    def histograms(self, bins: list[Bins]) -> Iterator[Weekly]:
        """Weekly counts of every feature."""
        yield from weekly_bins(self.counts, bins, self.weeks)
        for each in self.counted:
            if each.dtype == Dtype.CATEGORY:
                yield weekly_levels(self.counts, each, self.weeks)

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
    data: OpenTables,
    catalogue: Catalogue,
    weeks: Weeks,
    *,
    as_of: int,
    policy: RunPolicy | None = None,
    most: int = SAMPLE,
) -> DriftRows:
    """Features of leads, as they were when the lead had been known for seven days.

    Leads whose objection to direct marketing is on record are left out, as they are not profiled; their rows still
    count where rows of a table are counted. Weeks that were counted before from the same facts are not counted again:
    of them only the sample is looked at, and leads who have objected since, to take them out.

    Args:
        data: Checked tables.
        catalogue: The features.
        weeks: The weeks.
        as_of: Outcomes known by then count, in microseconds.
        policy: Says which states are objections; None where there is none.
        most: How many leads are sampled.
    """
    leads = data.tables["leads"].select("lead_id", "created_at")
    spine = leads.select("lead_id", as_of=(leads.created_at + AGE).cast("int64"))
    spine = spine.filter(weeks.within(spine.as_of))
    spine = data.engine.materialise("drift_spine", spine.mutate(**{WEEK_COLUMN: weeks.number(spine.as_of)}))
    allowed = data.engine.materialise("drift_allowed", scorable(data, spine, policy, as_of=ON_RECORD))
    excluded = _ids(data, spine.anti_join(allowed, "lead_id"))
    kept, digests = read_kept(place_of(data, catalogue)), digests_of(data, catalogue, weeks, age=AGE)
    same = [start for start, digest in digests.items() if kept.digests.get(start) == digest]
    asked = _asked(data, spine, allowed, kept.excluded ^ excluded, [(start - weeks.start) // WEEK for start in same])
    asked = asked.left_join(sampled(allowed, most=most).select("lead_id", **{SAMPLED: True}), "lead_id")
    asked = asked.mutate(**{SAMPLED: asked[SAMPLED].fill_null(False)}).drop("lead_id_right")
    asked = data.engine.materialise("drift_asked", asked.filter(asked[SAMPLED] | (asked[TIMES] != 0)))
    rows = data.engine.materialise("drift_rows", data.features(asked, catalogue, until=as_of))
    return DriftRows(data, weeks, as_of, catalogue, rows, of_weeks(kept.counts, same), digests, excluded)


def _asked(
    data: OpenTables, spine: ir.Table, allowed: ir.Table, changed: frozenset[str], same: Sequence[int]
) -> ir.Table:
    """Every lead with how often it is to be counted: once; never, where its week was; -1 to take it out of that."""
    moved = data.engine.from_arrow("drift_moved", pa.table({"lead_id": pa.array(sorted(changed), pa.string())}))
    flags = spine.left_join(allowed.select("lead_id", allowed=True), "lead_id").drop("lead_id_right")
    flags = flags.left_join(moved.mutate(moved=True), "lead_id").drop("lead_id_right")
    is_allowed, has_moved = flags.allowed.fill_null(False), flags.moved.fill_null(False)
    was_counted = flags[WEEK_COLUMN].isin(list(same)) if same else ibis.literal(False)
    times = ibis.cases(
        (~was_counted, is_allowed.ifelse(1, 0)),
        (has_moved, is_allowed.ifelse(1, -1)),
        else_=0,
    )
    return flags.select("lead_id", "as_of", WEEK_COLUMN, **{TIMES: times.cast("int64")})


def _ids(data: OpenTables, leads: ir.Table) -> frozenset[str]:
    return frozenset(data.engine.to_arrow(leads.select("lead_id"))["lead_id"].to_pylist())


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
