"""Curves of a contender over the leads that it was tested on: ROC, precision and recall, gain, and calibration.

Points are thinned to what a chart can show; the ends are kept. Leads of equal probability stand or fall together, so
that no curve depends on the order of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.metrics import Figure
from salesworthy.model.weighted import weighted_share

POINTS = 80
"""Points of a curve."""
FEWEST = 10
"""Leads that the first point of precision and recall stands for, at least."""
BINS = 10
"""Groups of a calibration curve, of about equally many leads."""


@dataclass(frozen=True)
class Curve:
    """Points of a curve, from left to right."""

    x: Floats
    y: Floats

    def to_json(self) -> dict[str, list[float]]:
        """The points as plain values, to four digits: more than a chart can show."""
        return {"x": [round(float(each), 4) for each in self.x], "y": [round(float(each), 4) for each in self.y]}


@dataclass(frozen=True)
class Bin:
    """Leads of about the same probability: how many, what was told on average, and how many were accepted."""

    leads: int
    predicted: float
    accepted: Figure


@dataclass(frozen=True)
class _Counts:
    """Leads and acceptances down to the end of every group of equal probability, most likely first."""

    told: Floats
    won: Floats

    @classmethod
    def of(cls, y: Floats, p: Floats) -> _Counts:
        order = np.argsort(-p, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))
        return cls((ends + 1).astype(np.float64), np.cumsum(y[order])[ends])


def roc_curve(y: Floats, p: Floats) -> Curve:
    """Share of the accepted that are found, against the share of the others that are taken with them."""
    counts = _Counts.of(y, p)
    positives = counts.won[-1]
    false = (counts.told - counts.won) / max(len(y) - positives, 1.0)
    return _thinned(np.append(0.0, false), np.append(0.0, counts.won / max(positives, 1.0)))


def precision_recall_curve(y: Floats, p: Floats) -> Curve:
    """Share of those taken that were accepted, against the share of the accepted that are found.

    The first point stands for at least ``FEWEST`` leads: the precision of fewer jumps from none to all.
    """
    counts = _Counts.of(y, p)
    enough = counts.told >= min(FEWEST, len(y))
    recall, precision = counts.won / max(float(counts.won[-1]), 1.0), counts.won / counts.told
    return _thinned(recall[enough], precision[enough])


def gain_curve(y: Floats, p: Floats) -> Curve:
    """Share of the accepted that are found, against the share of all leads that are worked, most likely first."""
    counts = _Counts.of(y, p)
    return _thinned(np.append(0.0, counts.told / len(y)), np.append(0.0, counts.won / max(float(counts.won[-1]), 1.0)))


def _thinned(x: Floats, y: Floats) -> Curve:
    if len(x) <= POINTS:
        return Curve(x, y)
    wanted = np.searchsorted(x, np.linspace(x[0], x[-1], POINTS), side="left")
    kept = np.unique(np.concatenate([[0], np.minimum(wanted, len(x) - 1), [len(x) - 1]]))
    return Curve(x[kept], y[kept])


def calibration_bins(y: Floats, p: Floats, groups: Integers, *, bins: int = BINS) -> tuple[Bin, ...]:
    """What was told and what came, in groups of about equally many leads, least likely first.

    Leads of equal probability stay together, so there may be fewer groups than asked for: one, for a constant.

    Args:
        y: 1.0 or 0.0 per lead.
        p: Probability per lead.
        groups: Account number per lead, from 0.
        bins: How many groups at most.
    """
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, p, side="left")
    found = []
    for number in np.unique(place):
        rows = np.flatnonzero(place == number)
        found.append(Bin(len(rows), float(p[rows].mean()), share_of(y[rows], groups[rows])))
    return tuple(found)


def share_of(y: Floats, groups: Integers) -> Figure:
    """The share of ones with its 95 % interval, which knows that leads of one site are alike; see ``weighted``.

    Example:
        >>> share_of(np.zeros(4), np.arange(4)).high > 0.4
        True
    """
    return weighted_share(y, np.ones(len(y)), groups).share if len(y) else Figure(None, None, None)
