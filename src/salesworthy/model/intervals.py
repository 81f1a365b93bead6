"""Intervals of a propensity: Venn-Abers on predictions of later handoffs.

For a score, the two probabilities that an isotonic fit gives when the lead itself is added once as a loss and once as
an acceptance (Vovk and Petej 2014). The wider apart they are, the fewer leads like it there were to learn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from salesworthy.model.calibration import LaterPredictions
from salesworthy.model.dataset import Floats
from salesworthy.model.logistic import expit

GRID = 101
BINS = 400
"""Leads are pooled in this many groups of neighbouring scores, so that the fits stay quick."""


@dataclass(frozen=True)
class Intervals:
    """Bounds over a grid of calibrated log-odds, read by straight lines in between."""

    log_odds: Floats
    low: Floats
    high: Floats

    def of(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Lower and upper bound of the propensity; both rise with the score and enclose the propensity itself."""
        propensity = expit(log_odds)
        if not len(self.log_odds):
            return np.zeros_like(propensity), np.ones_like(propensity)
        low = np.interp(log_odds, self.log_odds, self.low)
        high = np.interp(log_odds, self.log_odds, self.high)
        return np.minimum(low, propensity), np.maximum(high, propensity)

    def to_json(self) -> dict[str, Any]:
        """The bounds as plain values."""
        return {"log_odds": self.log_odds.tolist(), "low": self.low.tolist(), "high": self.high.tolist()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The bounds that ``to_json`` wrote."""
        return cls(*(np.asarray(plain[name], dtype=np.float64) for name in ("log_odds", "low", "high")))


NO_INTERVALS = Intervals(np.empty(0), np.empty(0), np.empty(0))
"""Where there were no later predictions: from 0 to 1."""


def venn_abers(given: LaterPredictions) -> Intervals:
    """Intervals from calibrated predictions of later handoffs."""
    if not len(given.y):
        return NO_INTERVALS
    order = np.argsort(given.log_odds, kind="stable")
    groups = np.array_split(order, min(BINS, len(order)))
    place = np.array([given.log_odds[group].mean() for group in groups])
    leads = np.array([len(group) for group in groups], dtype=np.float64)
    share = np.array([given.y[group].mean() for group in groups])
    grid = np.unique(np.quantile(given.log_odds, np.linspace(0, 1, GRID)))
    bounds = np.array([[_with(score, added, place, share, leads) for added in (0.0, 1.0)] for score in grid])
    rising = np.maximum.accumulate(bounds, axis=0)
    return Intervals(grid, rising[:, 0], rising[:, 1])


def _with(score: float, added: float, place: Floats, share: Floats, leads: Floats) -> float:
    """The isotonic fit at a score when one lead with this result is added there."""
    from scipy.optimize import isotonic_regression

    at = int(np.searchsorted(place, score))
    fit = isotonic_regression(np.insert(share, at, added), weights=np.insert(leads, at, 1.0))
    return float(fit.x[at])
