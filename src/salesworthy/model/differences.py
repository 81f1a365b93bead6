"""Differences between contenders on the same leads, each with an interval of its own.

Two intervals that overlap do not say that there is no difference: both models stumble over the same hard leads. So the
difference itself is resampled, both models on the same accounts in every draw (the paired bootstrap, Efron and
Tibshirani 1993, by account as everywhere else).
"""

from __future__ import annotations

from collections.abc import Mapping

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.metrics import RESAMPLES, Figure, resampled, with_interval

HIGHER_IS_BETTER = {
    "roc_auc": True,
    "average_precision": True,
    "brier": False,
    "log_loss": False,
    "ece": False,
    "lift_at_10": True,
}
"""Figures of which more, or less, is better; slope and intercept of calibration have their best value in the middle."""


def differences(
    y: Floats,
    ours: Floats,
    others: Mapping[str, Floats],
    groups: Integers,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, Figure]]:
    """Per other contender and figure: ours minus theirs, on the same leads.

    A log-loss difference below 0 says that ours is better, an AUC difference above 0 likewise; see
    ``HIGHER_IS_BETTER``. An interval that holds 0 says that the leads do not tell the two apart.

    Args:
        y: 1.0 or 0.0 per lead.
        ours: Probability per lead.
        others: The probabilities of each other contender, on the same leads.
        groups: Account number per lead, from 0.
        resamples: How many the intervals rest on.
        seed: Of the draws.
    """
    mine = resampled(y, ours, groups, resamples=resamples, seed=seed)
    found = {}
    for name, probability in others.items():
        theirs = resampled(y, probability, groups, resamples=resamples, seed=seed)
        found[name] = {figure: with_interval(mine[figure] - theirs[figure]) for figure in HIGHER_IS_BETTER}
    return found
