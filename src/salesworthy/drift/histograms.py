"""Histograms in the engine: weekly counts per level, and the sample of rows that everything else is seen in."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from salesworthy.drift.bins import MOST_LEVELS
from salesworthy.drift.watched import MISSING, OTHER, Floats, Watched, Weekly, shares
from salesworthy.drift.weeks import Weeks
from salesworthy.engines.protocol import Engine

WEEK_COLUMN = "drift_week"


def sampled(rows: ir.Table, *, most: int) -> ir.Table:
    """Some of the rows, the same ones whatever the engine, from all weeks alike; all of them where they are few.

    Ids are mostly numbered in order of time. Read from their last character, that order is lost.
    """
    return rows.order_by(rows.lead_id.reverse(), rows.lead_id, rows.as_of).limit(most)


def count_levels(
    engine: Engine, rows: ir.Table, column: str, weeks: Weeks, watched: Watched, *, weight: str = ""
) -> Weekly:
    """Weekly counts per level of a category, those without a value beside them.

    Args:
        engine: Where the rows live.
        rows: Rows with the category and ``WEEK_COLUMN``.
        column: The category.
        weeks: The weeks.
        watched: What is watched; its level is filled in here.
        weight: A column that says for how many rows each stands; one by default.
    """
    value = rows[column].cast("string")
    n = rows[weight].sum() if weight else rows.count()
    counted = rows.group_by(week=rows[WEEK_COLUMN], level=value).agg(n=n)
    return levels_of(engine.to_arrow(counted), weeks, watched)


def levels_of(counted: pa.Table, weeks: Weeks, watched: Watched) -> Weekly:
    """Weekly shares per level from rows ``week, level, n``.

    A level has its share of the rows that have one; rows without are a share of all rows.
    """
    week, n = counted["week"].to_numpy(), counted["n"].to_numpy().astype(np.float64)
    levels = counted["level"].to_pylist()
    names = _named_levels(levels, n)
    places = {name: place for place, name in enumerate(names)}
    hits = np.zeros((weeks.count, len(names) + 2))
    columns = np.array([len(names) + 1 if each is None else places.get(each, len(names)) for each in levels], np.int64)
    np.add.at(hits, (week.astype(np.int64), columns), n)
    rows = hits.sum(axis=1, keepdims=True)
    totals = np.repeat(rows - hits[:, -1:], len(names) + 2, axis=1)
    totals[:, -1:] = rows
    kept = [place for place in range(len(names) + 2) if place < len(names) or hits[:, place].any()]
    found = [_with_level(watched, name) for name in [*names, OTHER, MISSING]]
    return shares(weeks, [found[place] for place in kept], hits[:, kept], totals[:, kept])


def _named_levels(levels: Sequence[str | None], n: Floats) -> list[str]:
    """The most frequent levels, in the order of the alphabet."""
    sums: dict[str, float] = {}
    for level, count in zip(levels, n, strict=True):
        if level is not None:
            sums[level] = sums.get(level, 0.0) + float(count)
    return sorted(sorted(sums, key=lambda level: (-sums[level], level))[:MOST_LEVELS])


def _with_level(watched: Watched, level: str) -> Watched:
    return Watched(watched.family, watched.thing, level, watched.kind, watched.table, watched.column)


def by_week(found: pa.Table, name: str, weeks: Weeks) -> Floats:
    """A column of sums as one figure per week; 0 for weeks that have no row."""
    figures = np.zeros(weeks.count)
    figures[found[WEEK_COLUMN].to_numpy().astype(np.int64)] = found[name].fill_null(0).to_numpy()
    return figures
