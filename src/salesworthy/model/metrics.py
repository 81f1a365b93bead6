"""Figures of merit for probabilities, each with an interval from resampling accounts.

All figures of many resamples are computed at once: a resample is a row of weights (how often each lead was drawn), and
every figure is a weighted one. Resampling whole accounts keeps leads of one site together, so that an interval is not
narrower than the number of independent sites allows (Cameron, Gelbach and Miller 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from salesworthy.model.dataset import Floats, Integers

RESAMPLES = 200
LEVEL = 0.95
BINS = 10
SMALLEST_PROBABILITY = 1e-15
"""Log-loss clips here, as scikit-learn does, so that one certain error is not infinite."""
_CELLS = 4_000_000
"""Leads x resamples held in memory at once."""
_NEWTON_STEPS = 25


@dataclass(frozen=True)
class Figure:
    """A value with the bounds of its 95 % interval; None where it does not exist (one class only, no rows)."""

    value: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | None]:
        """The figure as JSON writes it."""
        return {"value": self.value, "low": self.low, "high": self.high}


Figures = Mapping[str, Figure]
NO_FIGURE = Figure(None, None, None)


@dataclass(frozen=True)
class _Ranked:
    """Labels and probabilities in order of falling probability, with the ends of groups of equal probability."""

    y: Floats
    p: Floats
    order: Integers
    ends: Integers

    @classmethod
    def of(cls, y: Floats, p: Floats) -> _Ranked:
        order = np.argsort(-p, kind="stable")
        ranked = p[order]
        ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
        return cls(y[order], ranked, order, ends)


def draws(groups: Integers, *, resamples: int, seed: int) -> Floats:
    """Weights of resampled accounts: resamples + 1 rows, the first of ones.

    Args:
        groups: Account number per lead, from 0.
        resamples: How many.
        seed: Of the draws.
    """
    accounts = int(groups.max()) + 1 if len(groups) else 0
    weights = np.ones((resamples + 1, len(groups)))
    rng = np.random.default_rng(seed)
    for row in range(1, resamples + 1):
        drawn = np.bincount(rng.integers(0, accounts, accounts), minlength=accounts) if accounts else groups
        weights[row] = drawn[groups]
    return weights


def figures(y: Floats, p: Floats, groups: Integers, *, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Figure]:
    """All figures of a contender's probabilities.

    ===================== ====================================================================================
    roc_auc               chance that a positive stands above a negative (ties count half)
    average_precision     mean precision over the positives, in order of probability (scikit-learn's definition)
    brier                 mean squared error
    log_loss              mean negative log-likelihood, in nats
    ece                   expected calibration error over ten equally wide bins (Naeini et al. 2015)
    calibration_slope     slope of a logistic regression of the outcome on the log-odds; 1 is right
    calibration_intercept its intercept where the slope is held at 1 (calibration in the large); 0 is right
    lift_at_10            share of positives in the best tenth, over their share in all; ties are shared out
    ===================== ====================================================================================

    Args:
        y: 1.0 or 0.0 per lead.
        p: Probability per lead.
        groups: Account number per lead, from 0.
        resamples: How many the intervals rest on.
        seed: Of the draws.
    """
    if not len(y):
        return dict.fromkeys(FIGURES, NO_FIGURE)
    ranked = _Ranked.of(y, np.clip(p, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
    found: dict[str, list[Floats]] = {name: [] for name in FIGURES}
    everything = draws(groups, resamples=resamples, seed=seed)
    for part in np.array_split(everything, max(1, -(-everything.size // _CELLS))):
        weights = part[:, ranked.order]
        for name, figure in FIGURES.items():
            found[name].append(figure(ranked, weights))
    return {name: _with_interval(np.concatenate(parts)) for name, parts in found.items()}


def auc_figure(y: Floats, p: Floats, groups: Integers, *, resamples: int = RESAMPLES, seed: int = 0) -> Figure:
    """ROC AUC alone."""
    ranked = _Ranked.of(y, p)
    return _with_interval(_roc_auc(ranked, draws(groups, resamples=resamples, seed=seed)[:, ranked.order]))


def within_periods(y: Floats, p: Floats, periods: Integers, groups: Integers, *, resamples: int, seed: int) -> Figure:
    """ROC AUC among leads of the same period, averaged over periods by their number of comparable pairs.

    It shows ranking alone: a rate that moves from month to month adds nothing to it.
    """
    if not len(y):
        return NO_FIGURE
    weights = draws(groups, resamples=resamples, seed=seed)
    total, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for period in np.unique(periods):
        rows = np.flatnonzero(periods == period)
        ranked = _Ranked.of(y[rows], p[rows])
        drawn = weights[:, rows][:, ranked.order]
        weight = (drawn @ ranked.y) * (drawn @ (1 - ranked.y))
        auc = np.nan_to_num(_roc_auc(ranked, drawn))
        total, pairs = total + weight * auc, pairs + weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return _with_interval(total / pairs)


def _with_interval(values: Floats) -> Figure:
    point, drawn = values[0], values[1:][np.isfinite(values[1:])]
    if not np.isfinite(point):
        return NO_FIGURE
    if not len(drawn):
        return Figure(float(point), None, None)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Figure(float(point), float(min(low, point)), float(max(high, point)))


def _roc_auc(ranked: _Ranked, weights: Floats) -> Floats:
    won, lost = weights * ranked.y, weights * (1 - ranked.y)
    above = np.cumsum(won, axis=1)[:, ranked.ends]
    below = np.cumsum(lost, axis=1)[:, ranked.ends]
    steps = np.diff(below, axis=1, prepend=0)
    before = np.concatenate([np.zeros((len(weights), 1)), above[:, :-1]], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(((before + above) / 2 * steps).sum(axis=1) / (above[:, -1] * below[:, -1]))


def _average_precision(ranked: _Ranked, weights: Floats) -> Floats:
    won = np.cumsum(weights * ranked.y, axis=1)[:, ranked.ends]
    told = np.cumsum(weights, axis=1)[:, ranked.ends]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(told > 0, won / told, 0.0)
        return np.asarray((np.diff(won, axis=1, prepend=0) * precision).sum(axis=1) / won[:, -1])


def _brier(ranked: _Ranked, weights: Floats) -> Floats:
    return np.asarray((weights @ (ranked.y - ranked.p) ** 2) / weights.sum(axis=1))


def _log_loss(ranked: _Ranked, weights: Floats) -> Floats:
    loss = -np.log(np.where(ranked.y == 1, ranked.p, 1 - ranked.p))
    return np.asarray((weights @ loss) / weights.sum(axis=1))


def _ece(ranked: _Ranked, weights: Floats) -> Floats:
    place = np.minimum((ranked.p * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(weights @ ((ranked.y - ranked.p)[:, None] * np.eye(BINS)[place]))
    return np.asarray(gaps.sum(axis=1) / weights.sum(axis=1))


def _lift_at_10(ranked: _Ranked, weights: Floats) -> Floats:
    told = np.cumsum(weights, axis=1)[:, ranked.ends]
    won = np.cumsum(weights * ranked.y, axis=1)[:, ranked.ends]
    best = told[:, -1] / 10
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [np.interp(limit, [0, *rows], [0, *hits]) for limit, rows, hits in zip(best, told, won, strict=True)]
        return np.asarray(np.array(found) / best / (won[:, -1] / told[:, -1]))


def _calibration_slope(ranked: _Ranked, weights: Floats) -> Floats:
    log_odds = np.log(ranked.p / (1 - ranked.p))
    if np.ptp(log_odds) < 1e-9:
        return np.full(len(weights), np.nan)
    terms = np.stack([np.ones(len(log_odds)), log_odds])
    return np.asarray(_logistic_fit(terms, np.zeros(len(log_odds)), ranked.y, weights)[1])


def _calibration_intercept(ranked: _Ranked, weights: Floats) -> Floats:
    log_odds = np.log(ranked.p / (1 - ranked.p))
    return np.asarray(_logistic_fit(np.ones((1, len(log_odds))), log_odds, ranked.y, weights)[0])


def _logistic_fit(terms: Floats, start: Floats, y: Floats, weights: Floats) -> Floats:
    """Coefficients (terms x rows of weights) of weighted logistic regressions of y on terms, beside a fixed start.

    The first row is fitted by damped Newton steps; every other row takes one Newton step from there, which is as good
    as a full fit up to terms of order 1/n (the one-step bootstrap, Davidson and MacKinnon 1999) and shares its sums.
    """
    point = np.zeros(len(terms))
    for _ in range(_NEWTON_STEPS):
        point = point + np.clip(_newton_step(terms, start, y, weights[:1], point)[:, 0], -1.0, 1.0)
    found = point[:, None] + _newton_step(terms, start, y, weights, point)
    won, told = weights @ y, weights.sum(axis=1)
    return np.asarray(np.where((won > 0) & (won < told), found, np.nan))


def _newton_step(terms: Floats, start: Floats, y: Floats, weights: Floats, point: Floats) -> Floats:
    fitted = expit(start + point @ terms)
    slopes = np.stack([weights @ (term * (y - fitted)) for term in terms], axis=1)
    curve = fitted * (1 - fitted)
    curves = np.stack([[weights @ (one * other * curve) for other in terms] for one in terms]).transpose(2, 0, 1)
    curves = curves + 1e-9 * np.eye(len(terms))
    return np.asarray(np.linalg.solve(curves, slopes[:, :, None])[:, :, 0].T)


FIGURES: dict[str, Callable[[_Ranked, Floats], Floats]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "brier": _brier,
    "log_loss": _log_loss,
    "ece": _ece,
    "calibration_slope": _calibration_slope,
    "calibration_intercept": _calibration_intercept,
    "lift_at_10": _lift_at_10,
}
