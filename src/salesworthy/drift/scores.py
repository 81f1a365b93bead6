"""Scores and reasons of watched leads, counted per week; and what the model makes of each bin of a feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.drift.bins import cuts
from salesworthy.drift.watched import Family, Floats, Kind, Watched, Weekly, shares
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
        names: The features of the model.
        contributions: Leads x features, in log-odds.
    """

    week: Integers
    propensity: Floats
    reasons: Floats
    codes: tuple[str, ...]
    names: tuple[str, ...]
    contributions: Floats

    def weekly(self, weeks: Weeks) -> list[Weekly]:
        """Weekly sums of scores and of reasons."""
        return [self._scores(weeks), self._reasons(weeks)]

    def moved(self, now: tuple[int, int], before: tuple[int, int]) -> dict[str, float]:
        """By how much the mean share of every feature differs between two spans of weeks (ends excluded), in log-odds.

        Empty where one of the spans has no leads.
        """
        later, earlier = (self._mean(*span) for span in (now, before))
        if later is None or earlier is None:
            return {}
        return {name: float(moved) for name, moved in zip(self.names, later - earlier, strict=True)}

    def _mean(self, start: int, end: int) -> Floats | None:
        chosen = (self.week >= start) & (self.week < end)
        return np.asarray(self.contributions[chosen].mean(axis=0)) if chosen.any() else None

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
