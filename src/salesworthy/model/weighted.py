"""Shares of a sample in which each lead stands for others, with an interval that is right for few leads too.

The share is the weighted mean (Hajek 1971): sum of weight x outcome over sum of weights, with 1 / probability of being
drawn as weight. Its interval is Wilson's (1927) at an effective number of leads: the smaller of Kish's (1965), squared
sum of weights over sum of squared weights, and the number at which a simple sample would have the linearised variance
of the share over accounts (Korn and Graubard 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.metrics import LEVEL, Figure


@dataclass(frozen=True)
class WeightedShare:
    """A share of accepted leads.

    Attributes:
        judged: Leads that it rests on.
        accepted: Those of them that were accepted.
        stands_for: Leads that they stand for: the sum of their weights.
        effective: Leads of equal weight at different sites that would say as much.
        share: The share, with its 95 % interval.
    """

    judged: int
    accepted: int
    stands_for: float
    effective: float
    share: Figure

    def to_json(self) -> dict[str, object]:
        """The share as JSON writes it."""
        return {
            "judged": self.judged,
            "accepted": self.accepted,
            "stands_for": self.stands_for,
            "effective": self.effective,
            "conversion": self.share.to_json(),
        }


def weighted_share(label: Floats, weights: Floats, groups: Integers) -> WeightedShare:
    """The share of accepted leads, each counted for as many as it stands for.

    Args:
        label: 1.0 or 0.0 per lead; at least one lead.
        weights: For how many leads each one stands, over 0.
        groups: Account number per lead.
    """
    share = float(weights @ label / weights.sum())
    effective = _effective(label, weights, groups, share)
    low, high = wilson(share, effective)
    return WeightedShare(
        len(label), int(label.sum()), float(weights.sum()), effective, Figure(share, min(low, share), max(high, share))
    )


def wilson(share: float, leads: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share.

    Example:
        >>> [round(bound, 3) for bound in wilson(0.1, 50)]
        [0.043, 0.214]
    """
    z = float(norm.ppf((1 + LEVEL) / 2))
    middle = (share + z * z / (2 * leads)) / (1 + z * z / leads)
    half = z / (1 + z * z / leads) * np.sqrt(share * (1 - share) / leads + z * z / (4 * leads * leads))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _effective(label: Floats, weights: Floats, groups: Integers, share: float) -> float:
    kish = float(weights.sum() ** 2 / (weights @ weights))
    sites = np.unique(groups, return_inverse=True)[1]
    residuals = np.bincount(sites, weights * (label - share))
    if len(residuals) < 2:
        return 1.0
    variance = float(residuals @ residuals) / weights.sum() ** 2 * len(residuals) / (len(residuals) - 1)
    if variance <= 0:  # all alike: the outcomes say nothing about the spread, the weights do
        return min(kish, float(len(residuals)))
    return float(min(kish, share * (1 - share) / variance))


def truncated(weights: Floats) -> tuple[Floats, float]:
    """Weights cut off at the square root of their number times their mean, and that limit (Ionides 2008).

    A few leads with a tiny probability would otherwise decide every figure; the more leads there are, the higher the
    limit, so that what is cut off vanishes.

    Example:
        >>> truncated(np.array([1.0, 1.0, 1.0, 97.0]))
        (array([ 1.,  1.,  1., 50.]), 50.0)
    """
    limit = float(np.sqrt(len(weights)) * weights.mean())
    return np.minimum(weights, limit), limit
