"""Figures of merit on weighted leads, for many rows of weights at once; what ``metrics`` resamples.

A row of weights says for how many leads each one stands. Leads are ranked once, and every figure is computed for all
rows together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from salesworthy.model.dataset import Floats, Integers

BINS = 10
NEARLY_CONSTANT = 0.01
"""Spread of log-odds, as a standard deviation, below which probabilities have no slope of calibration: a hundred
thousand leads would tell it no better than within plus or minus one."""
_NEWTON_STEPS = 50


@dataclass(frozen=True)
class Ranked:
    """Leads in order of falling probability.

    Attributes:
        y: 1.0 or 0.0 per lead.
        p: Probability per lead, neither 0 nor 1.
        weight: For how many leads each one stands.
        order: Positions of the leads as they were given.
        ends: The last lead of every group of equal probability.
    """

    y: Floats
    p: Floats
    weight: Floats
    order: Integers
    ends: Integers

    @classmethod
    def of(cls, y: Floats, p: Floats, weight: Floats | None = None) -> Ranked:
        """Rank leads; all stand for one by default."""
        order = np.argsort(-p, kind="stable")
        ranked = p[order]
        ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
        return cls(y[order], ranked, np.ones(len(y)) if weight is None else weight[order], order, ends)

    @cached_property
    def log_odds(self) -> Floats:
        """Log-odds of the probabilities."""
        return np.asarray(np.log(self.p / (1 - self.p)))

    @cached_property
    def errors_by_bin(self) -> Floats:
        """Leads x bins: label minus probability, in the bin of the probability."""
        place = np.minimum((self.p * BINS).astype(np.int64), BINS - 1)
        return np.asarray((self.y - self.p)[:, None] * np.eye(BINS)[place])

    @cached_property
    def line(self) -> Floats:
        """Intercept and slope of the logistic regression of the labels on the log-odds."""
        return _logistic(self, np.stack([np.ones(len(self.y)), self.log_odds]), np.zeros(len(self.y)))

    @cached_property
    def shift(self) -> Floats:
        """Intercept of the logistic regression whose slope is held at 1."""
        return _logistic(self, np.ones((1, len(self.y))), self.log_odds)


@dataclass(frozen=True)
class Weighted:
    """Ranked leads with rows of weights, in the order of the ranking."""

    ranked: Ranked
    weights: Floats

    @cached_property
    def told(self) -> Floats:
        """Weight of the leads down to the end of each group of equal probability."""
        return self._at_ends(np.cumsum(self.weights, axis=1))

    @cached_property
    def won(self) -> Floats:
        """Weight of the positives among them."""
        return self._at_ends(np.cumsum(self.weights * self.ranked.y, axis=1))

    @cached_property
    def total(self) -> Floats:
        """Weight of all leads."""
        return np.asarray(self.weights.sum(axis=1))

    @cached_property
    def gaps(self) -> Floats:
        """Rows x bins: accepted minus expected leads of ten equally wide bins, as shares of all leads."""
        return np.asarray(self.weights @ self.ranked.errors_by_bin / self.total[:, None])

    def _at_ends(self, running: Floats) -> Floats:
        return running if len(self.ranked.ends) == running.shape[1] else running[:, self.ranked.ends]


def roc_auc(leads: Weighted) -> Floats:
    """Chance that a positive stands above a negative; ties count half."""
    above, below = leads.won, leads.told - leads.won
    before = np.concatenate([np.zeros((len(above), 1)), above[:, :-1]], axis=1)
    steps = np.diff(below, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.einsum("ij,ij->i", before + above, steps) / (2 * above[:, -1] * below[:, -1]))


def average_precision(leads: Weighted) -> Floats:
    """Mean precision over the positives, in order of probability."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(leads.told > 0, leads.won / leads.told, 0.0)
        return np.asarray(np.einsum("ij,ij->i", np.diff(leads.won, axis=1, prepend=0), precision) / leads.won[:, -1])


def brier(leads: Weighted) -> Floats:
    """Mean squared error."""
    return np.asarray((leads.weights @ (leads.ranked.y - leads.ranked.p) ** 2) / leads.total)


def log_loss(leads: Weighted) -> Floats:
    """Mean negative log-likelihood, in nats."""
    loss = -np.log(np.where(leads.ranked.y == 1, leads.ranked.p, 1 - leads.ranked.p))
    return np.asarray((leads.weights @ loss) / leads.total)


def ece(leads: Weighted) -> Floats:
    """Expected calibration error: the sizes of the gaps, added up."""
    return np.asarray(np.abs(leads.gaps).sum(axis=1))


def lift_at_10(leads: Weighted) -> Floats:
    """Share of positives in the best tenth over their share in all; a group of equal probability is shared out."""
    told, won = leads.told, leads.won
    rows, best = np.arange(len(told)), told[:, -1] / 10
    at = (told < best[:, None]).sum(axis=1)
    told_before = np.where(at > 0, told[rows, at - 1], 0.0)
    won_before = np.where(at > 0, won[rows, at - 1], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (best - told_before) / (told[rows, at] - told_before)
        hits = won_before + share * (won[rows, at] - won_before)
        return np.asarray(hits / best / (won[:, -1] / told[:, -1]))


def calibration_slope(leads: Weighted) -> Floats:
    """Slope of a logistic regression of the outcome on the log-odds; not a number where these hardly differ."""
    ranked = leads.ranked
    if ranked.log_odds.std() < NEARLY_CONSTANT:
        return np.full(len(leads.weights), np.nan)
    terms = np.stack([np.ones(len(ranked.y)), ranked.log_odds])
    return np.asarray(_one_step(leads, terms, np.zeros(len(ranked.y)), ranked.line)[1])


def calibration_intercept(leads: Weighted) -> Floats:
    """Intercept of that regression with its slope held at 1."""
    return np.asarray(_one_step(leads, np.ones((1, len(leads.ranked.y))), leads.ranked.log_odds, leads.ranked.shift)[0])


FIGURES: dict[str, Callable[[Weighted], Floats]] = {
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "brier": brier,
    "log_loss": log_loss,
    "ece": ece,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
    "lift_at_10": lift_at_10,
}


def _logistic(ranked: Ranked, terms: Floats, start: Floats) -> Floats:
    """Coefficients of the logistic regression of the labels on terms, beside a fixed start, by damped Newton steps."""
    point = np.zeros(len(terms))
    for _ in range(_NEWTON_STEPS):
        step = np.clip(_newton_step(terms, start, ranked.y, ranked.weight[None, :], point)[:, 0], -1.0, 1.0)
        point = point + step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(point)


def _one_step(leads: Weighted, terms: Floats, start: Floats, point: Floats) -> Floats:
    """Coefficients (terms x rows of weights) by one Newton step from those of the ranked leads.

    It is as good as a full fit up to terms of order 1/n (the one-step bootstrap, Davidson and MacKinnon 1999), and all
    rows share its sums.
    """
    found = point[:, None] + _newton_step(terms, start, leads.ranked.y, leads.weights, point)
    won = leads.weights @ leads.ranked.y
    return np.asarray(np.where((won > 0) & (won < leads.total), found, np.nan))


def _newton_step(terms: Floats, start: Floats, y: Floats, weights: Floats, point: Floats) -> Floats:
    fitted = expit(start + point @ terms)
    slopes = np.stack([weights @ (term * (y - fitted)) for term in terms], axis=1)
    curve = fitted * (1 - fitted)
    curves = np.stack([[weights @ (one * other * curve) for other in terms] for one in terms]).transpose(2, 0, 1)
    curves = curves + 1e-9 * np.eye(len(terms))
    return np.asarray(np.linalg.solve(curves, slopes[:, :, None])[:, :, 0].T)
