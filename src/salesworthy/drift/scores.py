"""Scores and reasons of watched leads, counted per week; and what the model makes of each bin of a feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.drift.bins import Bins, cuts
from salesworthy.drift.watched import MISSING, Family, Floats, Kind, Watched, Weekly, shares
from salesworthy.drift.weeks import Weeks

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Leads as a model scored them, one entry per lead.

    Attributes:
        week: In which week each is watched.
        propensity: What the model says.
        reasons: Leads x reasons, in log-odds.
        codes: The reasons.
        features: Feature values, a column per feature of the model.
        contributions: Leads x features, in log-odds.
    """

    week: Integers
    propensity: Floats
    reasons: Floats
    codes: tuple[str, ...]
    features: pa.Table
    contributions: Floats

    def weekly(self, weeks: Weeks) -> list[Weekly]:
        """Weekly sums of scores and of reasons."""
        return [self._scores(weeks), self._reasons(weeks)]

    def _scores(self, weeks: Weeks) -> Weekly:
        places = cuts(pa.chunked_array([pa.array(self.propensity)]))
        watched = [Watched(Family.SCORE, "propensity", f"at most {cut:.3f}") for cut in places]
        hits = [per_week(self.week, (self.propensity <= cut).astype(float), weeks) for cut in places]
        rows = per_week(self.week, np.ones(len(self.week)), weeks)
        return shares(weeks, watched, np.stack(hits, axis=1) if hits else np.zeros((weeks.count, 0)), rows)

    def _reasons(self, weeks: Weeks) -> Weekly:
        used = np.flatnonzero((self.reasons != 0).any(axis=0)) if len(self.reasons) else np.zeros(0, np.int64)
        watched = tuple(Watched(Family.REASON, self.codes[each], kind=Kind.MEAN) for each in used)
        return means(weeks, watched, self.week, self.reasons[:, used])


def means(weeks: Weeks, watched: Sequence[Watched], week: Integers, values: Floats) -> Weekly:
    """Weekly sums of quantities; rows x watched."""
    hits = np.zeros((weeks.count, len(watched)))
    squares, totals = hits.copy(), hits.copy()
    np.add.at(hits, week, values)
    np.add.at(squares, week, values**2)
    np.add.at(totals, week, np.ones_like(values))
    return Weekly(weeks, tuple(watched), hits, totals, squares)


def per_week(week: Integers, values: Floats, weeks: Weeks) -> Floats:
    """The sum of values per week."""
    return np.bincount(week, weights=values, minlength=weeks.count)[: weeks.count].astype(np.float64)


def worth_of_levels(scored: Scored, watched: Sequence[Watched], bins: Sequence[Bins]) -> dict[str, Floats]:
    """Per feature: the mean log-odds that the model adds through it, in each of the cells that its bins make.

    Cells of a number lie between its cuts; those of a yes or no are no and yes; missing comes last.
    """
    names = list(scored.features.column_names)
    found = {}
    for each in bins:
        if each.feature.name in names:
            share = scored.contributions[:, names.index(each.feature.name)]
            cell = cell_of(each, scored.features[each.feature.name])
            found[each.feature.name] = _mean_per_cell(cell, share, len(each.watched) + 2)
    del watched
    return found


def cell_of(bins: Bins, values: pa.ChunkedArray) -> Integers:
    """In which cell each value lies."""
    known = np.asarray(values.is_valid().to_numpy())
    plain = np.asarray(values.cast(pa.float64()).fill_null(0.0).to_numpy())
    cell = np.searchsorted(bins.cuts, plain, side="left") if bins.cuts else (plain > 0).astype(np.int64)
    return np.asarray(np.where(known, cell, len(bins.watched) + 1), np.int64)


def _mean_per_cell(cell: Integers, share: Floats, cells: int) -> Floats:
    n = np.bincount(cell, minlength=cells)
    return np.bincount(cell, weights=share, minlength=cells) / np.maximum(n, 1)
