"""What sales finds among the leads that it has time for, when each contender picks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.model.curves import share_of
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.metrics import RESAMPLES, Figure, draws, with_interval

DAYS_PER_WEEK = 7
SHARE = 0.1
"""Share of a window's leads that are worked when nobody says how many sales can take."""


@dataclass(frozen=True)
class Window:
    """The leads of one test window, as one contender saw them.

    Attributes:
        y: 1.0 or 0.0 per lead.
        p: Probability per lead.
        groups: Account number per lead, the same numbers in every window.
        days: Length of the window.
    """

    y: Floats
    p: Floats
    groups: Integers
    days: float


@dataclass(frozen=True)
class AtCapacity:
    """The leads picked first, over all windows.

    Attributes:
        leads: How many were picked.
        expected: SQLs that the probabilities promised among them.
        found: SQLs that there were; ties at the edge are shared out, so it may be a fraction.
        precision: Share of the picked that were accepted.
        captured: Share of all SQLs that were among them.
    """

    leads: float
    expected: float
    found: float
    precision: Figure
    captured: Figure


def room(leads: int, days: float, a_week: float | None) -> float:
    """How many leads of a window can be worked.

    Args:
        leads: How many there are.
        days: Length of the window.
        a_week: How many sales can take a week; None for a tenth of them.

    Example:
        >>> room(500, 70, 20), room(500, 70, None), room(50, 70, 20)
        (200.0, 50.0, 50.0)
    """
    wanted = SHARE * leads if a_week is None else a_week * days / DAYS_PER_WEEK
    return float(min(max(wanted, 1.0), leads))


def at_capacity(
    windows: Sequence[Window], *, a_week: float | None = None, resamples: int = RESAMPLES, seed: int = 0
) -> AtCapacity:
    """What one contender finds when it picks the leads of each window, most likely first.

    Args:
        windows: Each window is picked from by itself: sales can not work last year's leads.
        a_week: Leads a week that sales can take; None for the best tenth.
        resamples: How many the intervals rest on.
        seed: Of the draws.
    """
    picked = np.concatenate([_picked(each.p, room(len(each.y), each.days, a_week)) for each in windows])
    y, p = (np.concatenate([getattr(each, name) for each in windows]) for name in ("y", "p"))
    groups = np.unique(np.concatenate([each.groups for each in windows]), return_inverse=True)[1].astype(np.int64)
    weights = draws(groups, resamples=resamples, seed=seed)
    won = weights @ (picked * y)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, captured = with_interval(won / (weights @ picked)), with_interval(won / (weights @ y))
    return AtCapacity(
        float(picked.sum()), float(picked @ p), float(picked @ y), _not_a_point(precision, picked, y, groups), captured
    )


def days_of(window_from: int, window_until: int) -> float:
    """Length of a window in days."""
    return (window_until - window_from) / MICROSECONDS_PER_DAY


def _picked(p: Floats, places: float) -> Floats:
    """How much of each lead is picked, from 0 to 1: leads of equal probability share what is left of the places."""
    order = np.argsort(-p, kind="stable")
    edge = p[order][min(int(np.ceil(places)), len(p)) - 1]
    above, tied = p > edge, p == edge
    return np.where(above, 1.0, 0.0) + np.where(tied, (places - above.sum()) / max(tied.sum(), 1), 0.0)


def _not_a_point(precision: Figure, picked: Floats, y: Floats, groups: Integers) -> Figure:
    """Precision, whose interval does not shrink to a point where all of few leads ended alike."""
    rows = np.flatnonzero(picked > 0)
    if precision.value is None or precision.low != precision.high:
        return precision
    wide = share_of(y[rows], groups[rows])
    return Figure(precision.value, wide.low, wide.high)
