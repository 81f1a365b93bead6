"""Figures of merit for probabilities, each with an interval from resampling accounts.

All figures of many resamples are computed at once: a resample is a row of weights (how often each lead was drawn), and
every figure is a weighted one. Resampling whole accounts keeps leads of one site together, so that an interval is not
narrower than the number of independent sites allows (Cameron, Gelbach and Miller 2008). How often the intervals hold
the truth is measured in ``experiments/interval_coverage``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.weighted_figures import FIGURES, Ranked, Weighted, roc_auc

RESAMPLES = 200
LEVEL = 0.95
SMALLEST_PROBABILITY = 1e-15
"""Log-loss clips here, as scikit-learn does, so that one certain error is not infinite."""
_CELLS = 500_000
"""Leads x resamples computed at once; few enough that they stay in the processor's cache."""
_SHARES = np.linspace(0.0, 3.0, 121)
"""True calibration errors that are tried, as shares of the one seen."""


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


def draws(groups: Integers, *, resamples: int, seed: int) -> Floats:
    """Weights of resampled accounts: resamples + 1 rows, the first of ones.

    Args:
        groups: Account number per lead, from 0.
        resamples: How many.
        seed: Of the draws.
    """
    return _account_draws(groups, resamples=resamples, seed=seed)[:, groups]


def _account_draws(groups: Integers, *, resamples: int, seed: int) -> Floats:
    """How often each account was drawn: resamples + 1 rows, the first of ones."""
    accounts = int(groups.max()) + 1 if len(groups) else 0
    times = np.ones((resamples + 1, accounts))
    rng = np.random.default_rng(seed)
    for row in range(1, len(times) if accounts else 0):
        times[row] = np.bincount(rng.integers(0, accounts, accounts), minlength=accounts)
    return times


def figures(
    y: Floats,
    p: Floats,
    groups: Integers,
    *,
    weights: Floats | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Figure]:
    """All figures of a contender's probabilities.

    ===================== ====================================================================================
    roc_auc               chance that a positive stands above a negative (ties count half)
    average_precision     mean precision over the positives, in order of probability (scikit-learn's definition)
    brier                 mean squared error
    log_loss              mean negative log-likelihood, in nats
    ece                   expected calibration error over ten equally wide bins (Naeini et al. 2015)
    calibration_slope     slope of a logistic regression of the outcome on the log-odds; 1 is right; none where all
                          probabilities are nearly the same
    calibration_intercept its intercept where the slope is held at 1 (calibration in the large); 0 is right
    lift_at_10            share of positives in the best tenth, over their share in all; ties are shared out
    ===================== ====================================================================================

    Luck adds to ``ece``: gaps of either sign count, so that even true probabilities show some error on a sample. Its
    value is the usual one. Its interval is about the error that the probabilities have without that luck; it reaches
    0 where the leads do not tell them from true ones.

    Args:
        y: 1.0 or 0.0 per lead.
        p: Probability per lead.
        groups: Account number per lead, from 0.
        weights: For how many leads each one stands; all alike by default.
        resamples: How many the intervals rest on.
        seed: Of the draws.
    """
    if not len(y):
        return dict.fromkeys(FIGURES, NO_FIGURE)
    values, by_bin = _measured(y, p, groups, weights=weights, resamples=resamples, seed=seed)
    accounts = accounts_of_the_rarer(y, groups)
    found = {name: with_interval(drawn, accounts=accounts) for name, drawn in values.items()}
    return found | {"ece": _calibration_error(by_bin, _tail(accounts))}


def resampled(
    y: Floats, p: Floats, groups: Integers, *, weights: Floats | None = None, resamples: int, seed: int
) -> dict[str, Floats]:
    """All figures on the leads themselves and on every resample of accounts: resamples + 1 values per figure.

    Two contenders resampled with the same accounts and seed are measured on the same draws, so that their difference
    has an interval of its own; see ``differences``.
    """
    return _measured(y, p, groups, weights=weights, resamples=resamples, seed=seed)[0]


def _measured(
    y: Floats, p: Floats, groups: Integers, *, weights: Floats | None, resamples: int, seed: int
) -> tuple[dict[str, Floats], Floats]:
    """All figures, and the gaps of the bins of the calibration error, on every resample."""
    chance = np.clip(p, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    ranked = Ranked.of(y, chance, None if weights is None else weights / weights.mean())
    found: dict[str, list[Floats]] = {name: [] for name in FIGURES}
    by_bin = []
    for leads in _parts(ranked, groups, resamples=resamples, seed=seed):
        by_bin.append(leads.gaps)
        for name, figure in FIGURES.items():
            found[name].append(figure(leads))
    return {name: np.concatenate(parts) for name, parts in found.items()}, np.concatenate(by_bin)


def _parts(ranked: Ranked, groups: Integers, *, resamples: int, seed: int) -> Iterator[Weighted]:
    """Ranked leads with some resamples at a time."""
    drawn = _account_draws(groups, resamples=resamples, seed=seed)
    ordered = groups[ranked.order]
    for part in np.array_split(drawn, -(-len(drawn) * len(groups) // _CELLS)):
        yield Weighted(ranked, part[:, ordered] * ranked.weight)


def auc_figure(y: Floats, p: Floats, groups: Integers, *, resamples: int = RESAMPLES, seed: int = 0) -> Figure:
    """ROC AUC alone."""
    parts = _parts(Ranked.of(y, p), groups, resamples=resamples, seed=seed)
    values = np.concatenate([roc_auc(leads) for leads in parts])
    return with_interval(values, accounts=accounts_of_the_rarer(y, groups))


def within_periods(y: Floats, p: Floats, periods: Integers, groups: Integers, *, resamples: int, seed: int) -> Figure:
    """ROC AUC among leads of the same period, averaged over periods by their number of comparable pairs.

    It shows ranking alone: a rate that moves from month to month adds nothing to it.
    """
    if not len(y):
        return NO_FIGURE
    drawn = _account_draws(groups, resamples=resamples, seed=seed)
    total, pairs = np.zeros(len(drawn)), np.zeros(len(drawn))
    for period in np.unique(periods):
        rows = np.flatnonzero(periods == period)
        ranked = Ranked.of(y[rows], p[rows])
        leads = Weighted(ranked, drawn[:, groups[rows[ranked.order]]])
        weight = leads.won[:, -1] * (leads.total - leads.won[:, -1])
        total, pairs = total + weight * np.nan_to_num(roc_auc(leads)), pairs + weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return with_interval(total / pairs, accounts=accounts_of_the_rarer(y, groups))


def accounts_of_the_rarer(y: Floats, groups: Integers) -> int:
    """How many accounts show the result that fewer of them show: what an interval really rests on."""
    return min(len(np.unique(groups[y == result])) for result in (0.0, 1.0))


def with_interval(values: Floats, *, accounts: int | None = None) -> Figure:
    """The first value, with the middle 95 % of the others around it.

    Args:
        values: A figure on the leads themselves, then on every resample.
        accounts: On how many independent accounts it rests. Resamples of few spread too little, so that the bounds are
            then taken further out, as Student's distribution does (the expanded percentile interval, Hesterberg 2015).
    """
    point, drawn = values[0], values[1:][np.isfinite(values[1:])]
    if not np.isfinite(point):
        return NO_FIGURE
    if not len(drawn):
        return Figure(float(point), None, None)
    low, high = _middle(drawn, _tail(accounts))
    return Figure(float(point), float(min(low, point)), float(max(high, point)))


def _tail(accounts: int | None) -> float:
    """Share of the resamples that is left out on either side."""
    outside = (1 - LEVEL) / 2
    if accounts is None:
        return outside
    if accounts < 2:
        return 0.0
    return float(norm.cdf(t.ppf(outside, accounts - 1) * np.sqrt(accounts / (accounts - 1))))


def _middle(drawn: Floats, tail: float) -> Floats:
    """Bounds without the tails, along the last axis; of n values the k-th stands for k / (n + 1)."""
    return np.asarray(np.quantile(drawn, [tail, 1 - tail], axis=-1, method="weibull"))


def _calibration_error(by_bin: Floats, tail: float) -> Figure:
    """The sizes of the gaps added up, with an interval for the same sum without the luck of the sample.

    Two ways in which true gaps may lie are tried, each at many sizes: as the gaps seen, and spread over the bins as
    luck is, so that luck hides least of them. The interval holds the sizes for which the sum seen is among the middle
    95 % once luck is added (a test turned round). The sum seen, which luck has raised, is kept inside.

    Args:
        by_bin: Gaps per bin, on the leads themselves and on every resample.
        tail: Share of the resamples that is left out on either side.
    """
    seen, luck = by_bin[0], by_bin[1:] - by_bin[0]
    value = float(np.abs(seen).sum())
    even = np.sign(seen) * luck.std(axis=0)
    even = even * (value / max(float(np.abs(even).sum()), 1e-300))
    shares = np.concatenate([_fitting(shape, luck, value, tail) for shape in (seen, even)])
    low, high = (float(shares.min()), float(shares.max())) if len(shares) else (0.0, 1.0)
    return Figure(value, min(low, 1.0) * value, max(high, 1.0) * value)


def _fitting(shape: Floats, luck: Floats, value: float, tail: float) -> Floats:
    """Shares of a shape of gaps that, with luck added, come to a sum like this one."""
    low, high = _middle(np.abs(_SHARES[:, None, None] * shape + luck).sum(axis=2), tail)
    return np.asarray(_SHARES[(low <= value) & (value <= high)])
