"""Weekly counts of features in cells of a grid that is the same for all data, so that counts of weeks can be kept.

Where numbers are cut is chosen later, at ends of cells, whatever other weeks bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.drift.bins import Bins
from salesworthy.drift.grid import cell
from salesworthy.drift.histograms import WEEK_COLUMN, levels_of
from salesworthy.drift.watched import Family, Floats, Watched, Weekly, shares
from salesworthy.drift.weeks import WEEK, Weeks
from salesworthy.engines.protocol import Engine
from salesworthy.features.catalogue import Dtype, Feature

TIMES = "drift_times"
"""How often a row counts: 1, or -1 to take it out again."""
COUNTS = pa.schema(
    [
        ("week_start", pa.int64()),
        ("feature", pa.string()),
        ("value", pa.float64()),
        ("level", pa.string()),
        ("n", pa.int64()),
    ]
)
"""One row per week (its first instant, microseconds), feature, and cell or level: how many rows. A number has the end
of its cell in ``value``, yes is 1 and no 0; a category has its ``level``; both are null where it is not known."""
KEYS = ("week_start", "feature", "value", "level")


def count_cells(engine: Engine, rows: ir.Table, features: Iterable[Feature], weeks: Weeks) -> pa.Table:
    """Rows per week, feature, and cell or level.

    Args:
        engine: Where the rows live.
        rows: The features, ``WEEK_COLUMN`` and ``TIMES``.
        features: Those to count.
        weeks: The weeks.

    Returns:
        A table like ``COUNTS``.
    """
    return pa.concat_tables([COUNTS.empty_table(), *(_counted(engine, rows, each, weeks) for each in features)])


def _counted(engine: Engine, rows: ir.Table, feature: Feature, weeks: Weeks) -> pa.Table:
    value = rows[feature.name]
    is_level = feature.dtype == Dtype.CATEGORY
    number = ibis.null("float64") if is_level else cell(_as_number(value, feature))
    level = value.cast("string") if is_level else ibis.null("string")
    found = rows.select(week=rows[WEEK_COLUMN], value=number, level=level, n=rows[TIMES])
    found = found.group_by("week", "value", "level").agg(n=found.n.sum())
    found = found.filter(found.n != 0).select(
        week_start=(found.week * WEEK + weeks.start).cast("int64"),
        feature=ibis.literal(feature.name),
        value="value",
        level="level",
        n=found.n.cast("int64"),
    )
    return engine.to_arrow(found).cast(COUNTS)


def _as_number(value: ir.Value, feature: Feature) -> ir.NumericValue:
    return value.cast("int64") if feature.dtype == Dtype.YES_NO else value


def added(parts: Sequence[pa.Table]) -> pa.Table:
    """Counts of several sets of rows together, in order of their keys; what adds up to nothing is left out."""
    summed = pa.concat_tables([COUNTS.empty_table(), *parts]).group_by(list(KEYS)).aggregate([("n", "sum")])
    summed = summed.rename_columns([*KEYS, "n"]).filter(pc.field("n") != 0)
    return summed.sort_by([(key, "ascending") for key in KEYS]).cast(COUNTS)


def of_weeks(counts: pa.Table, starts: Iterable[int]) -> pa.Table:
    """The counts of some weeks, which are named by their first instants."""
    return counts.filter(pc.is_in(counts["week_start"], pa.array(sorted(starts), pa.int64())))


def weekly_bins(counts: pa.Table, bins: Iterable[Bins], weeks: Weeks) -> list[Weekly]:
    """Weekly sums of numbers and of yes and no.

    Args:
        counts: A table like ``COUNTS``.
        bins: How each feature is counted; cuts are ends of cells.
        weeks: The weeks; others are left out.
    """
    return [_binned(_of_feature(counts, each.feature.name, weeks), each, weeks) for each in bins]


def weekly_levels(counts: pa.Table, feature: Feature, weeks: Weeks) -> Weekly:
    """Weekly sums of a category, level by level."""
    mine = _of_feature(counts, feature.name, weeks).select(["week", "level", "n"])
    watched = Watched(Family.FEATURE, feature.name, table=feature.table, column=feature.column)
    return levels_of(mine, weeks, watched)


def _of_feature(counts: pa.Table, name: str, weeks: Weeks) -> pa.Table:
    start = counts["week_start"]
    chosen = pc.and_(pc.greater_equal(start, weeks.start), pc.less(start, weeks.end))
    mine = counts.filter(pc.and_(pc.equal(counts["feature"], name), chosen))
    week = (mine["week_start"].to_numpy() - weeks.start) // WEEK
    return mine.append_column("week", pa.array(week, pa.int64()))


def _binned(mine: pa.Table, bins: Bins, weeks: Weeks) -> Weekly:
    week, n = mine["week"].to_numpy(), mine["n"].to_numpy().astype(np.float64)
    known = mine["value"].is_valid().to_numpy()
    value = mine["value"].fill_null(np.nan).to_numpy()

    def sums(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        return np.bincount(week[chosen], weights=n[chosen], minlength=weeks.count).astype(np.float64)

    is_yes_no = bins.feature.dtype == Dtype.YES_NO
    hits = [sums(value == 1)] if is_yes_no else [sums(value <= cut) for cut in bins.cuts]
    totals = [sums(known)] * len(hits)
    rows = sums(np.ones(len(week), np.bool_))
    hits, totals = [*hits, rows - sums(known)], [*totals, rows]
    return shares(weeks, [*bins.watched, bins.missing], np.stack(hits, axis=1), np.stack(totals, axis=1))
