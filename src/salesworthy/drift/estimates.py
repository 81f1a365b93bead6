"""Performance before labels mature, estimated from the propensities alone.

If a propensity of 0.3 means that three in ten become sales qualified, then propensities say what to expect of any
figure: the rate is their mean, the precision of the best tenth is the mean there, and the ROC AUC is that of every lead
counted as p of a yes and 1 - p of a no (confidence-based estimation). Nothing is looked at but the propensities. So
other leads show, and a changed meaning does not: where a reason stops to matter, the estimate stays as it was while
the truth falls. It is an estimate, and blind to concept shift.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from salesworthy.drift.outcome_watch import Handed
from salesworthy.drift.watched import Floats

BLIND = (
    "An estimate from propensities alone: it sees that other leads come, and is blind to concept shift, that is to a "
    "change in what a reason means. Only mature outcomes show that."
)
BEST = 0.1
LEAST_ROWS = 30


@dataclass(frozen=True)
class Performance:
    """Figures of some handoffs: how many, the share accepted, the share among the best tenth by score, the ROC AUC."""

    handoffs: int
    rate: float
    precision_at_10: float
    roc_auc: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON writes it."""
        return asdict(self)


def expected(propensity: Floats) -> Performance | None:
    """What to expect of handoffs with these propensities, if they hold; None where there are too few.

    Example:
        >>> found = expected(np.array([0.9] * 20 + [0.1] * 20))
        >>> round(found.rate, 3), round(found.roc_auc, 3)
        (0.5, 0.9)
    """
    if len(propensity) < LEAST_ROWS:
        return None
    return _figures(propensity, propensity)


def realised(propensity: Floats, label: Floats) -> Performance | None:
    """The same figures from outcomes, all of them mature."""
    if len(label) < LEAST_ROWS:
        return None
    return _figures(propensity, label)


def _figures(score: Floats, yes: Floats) -> Performance:
    best = np.argsort(-score, kind="stable")[: max(round(BEST * len(score)), 1)]
    return Performance(len(score), float(yes.mean()), float(yes[best].mean()), _roc_auc(score, yes))


def _roc_auc(score: Floats, yes: Floats) -> float:
    """Of a yes and a no, how often the yes scores higher; each lead is a yes to the part ``yes``, a no to the rest."""
    values, place = np.unique(score, return_inverse=True)
    positives = np.bincount(place, weights=yes, minlength=len(values))
    negatives = np.bincount(place, weights=1 - yes, minlength=len(values))
    below = np.cumsum(negatives) - negatives
    pairs = positives.sum() * negatives.sum()
    return float((positives * (below + negatives / 2)).sum() / pairs) if pairs > 0 else float("nan")


def performance(handed: Handed, *, as_of: int, window: int) -> dict[str, Any]:
    """Estimated figures of handoffs that are not mature, beside estimated and realised figures of the latest mature.

    Args:
        handed: Handoffs whose propensities may be graded.
        as_of: The moment of the question, in microseconds.
        window: How far back from it, and from the newest mature handoff, to look; in microseconds.
    """
    told = handed.rows(handed.fair & np.isfinite(handed.propensity) & (handed.handed_at <= as_of))
    young = told.rows((told.matured_at > as_of) & (told.handed_at > as_of - window))
    mature = told.rows(told.judged & (told.matured_at <= as_of))
    newest = int(mature.handed_at.max()) if len(mature.label) else 0
    mature = mature.rows(mature.handed_at > newest - window)
    return {
        "note": BLIND,
        "not_mature": {"estimated": _json(expected(young.propensity))},
        "latest_mature": {
            "estimated": _json(expected(mature.propensity)),
            "realised": _json(realised(mature.propensity, mature.label)),
        },
    }


def _json(found: Performance | None) -> dict[str, Any] | None:
    return None if found is None else found.as_dict()
