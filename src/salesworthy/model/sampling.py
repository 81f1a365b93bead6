"""Sampling: what a model learns from when there are more handoffs than memory should hold.

Handoffs of the rarer result are kept, those of the commoner one drawn, each by a hash of its moment. Among those that
stay, the odds of every lead are the true odds times the ratio of the two chances of staying, whatever its features are
(Prentice and Pyke 1979; King and Zeng 2001): so everything may be learned from the sample as it is, and the logarithm
of that ratio, taken off the intercept at the end, makes it right for all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log

import numpy as np
import numpy.typing as npt

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.fitted import FittedModel
from salesworthy.model.intervals import Intervals
from salesworthy.model.logistic import expit

_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True)
class Sample:
    """Some of the training rows.

    Attributes:
        rows: Their positions, in order.
        of: How many rows there were.
        accepted_share: The chance with which an accepted handoff stayed.
        refused_share: The chance with which a refused one stayed.
    """

    rows: Integers
    of: int
    accepted_share: float
    refused_share: float

    @property
    def shift(self) -> float:
        """What log-odds among the sample have too much."""
        return log(self.accepted_share / self.refused_share)

    @property
    def says(self) -> str:
        """The sample in words, for the model card."""
        return (
            f"learned from {len(self.rows):,} of {self.of:,} handoffs (training.max_rows): each accepted one stayed "
            f"with a chance of {self.accepted_share:.1%} and each refused one with {self.refused_share:.1%}, which the "
            "intercept makes up for; log-loss on the way is that of the sample"
        )


def sample_rows(y: Floats, moments: Integers, *, most: int, seed: int) -> Sample | None:
    """Draw rows of both results until about ``most`` stay; None where there are no more than that.

    The same handoffs stay when later ones come, as long as the chances are the same.

    Args:
        y: 1.0 or 0.0 per row.
        moments: When each was handed over.
        most: How many to keep, give or take what chance does.
        seed: Of the hash.
    """
    if len(y) <= most:
        return None
    chances = _chances(float(y.sum()), float(len(y) - y.sum()), most)
    stays = _uniform(moments, seed) < np.where(y == 1.0, chances[0], chances[1])
    return Sample(np.flatnonzero(stays), len(y), *chances)


def for_all(model: FittedModel, sample: Sample) -> FittedModel:
    """A model that was fitted on a sample, as it is right for all rows that the sample was drawn from."""
    shift, line = sample.shift, model.calibration
    backbone = replace(model.backbone, intercept=model.backbone.intercept - shift / line.slope)
    recipe = {**model.recipe, "notes": [*model.recipe.get("notes", ()), sample.says]}
    intervals = _for_all(model.intervals, shift)
    return replace(model, backbone=backbone, intervals=intervals, recipe=recipe)


def _for_all(intervals: Intervals, shift: float) -> Intervals:
    return Intervals(intervals.log_odds - shift, _shifted(intervals.low, shift), _shifted(intervals.high, shift))


def _shifted(probability: Floats, shift: float) -> Floats:
    with np.errstate(divide="ignore"):  # 0 and 1 stay what they are
        return expit(np.log(probability) - np.log1p(-probability) - shift)


def _chances(accepted: float, refused: float, most: int) -> tuple[float, float]:
    """The chances to stay: the rarer result is kept whole where it fills no more than half."""
    half = most / 2
    if min(accepted, refused) >= half:
        return half / accepted, half / refused
    if accepted < refused:
        return 1.0, (most - accepted) / refused
    return (most - refused) / accepted, 1.0


def _uniform(moments: Integers, seed: int) -> Floats:
    """A number from 0 to 1 per row: a hash (SplitMix64) of its moment, of its place among equals, and of the seed."""
    mixed = moments.astype(np.uint64) ^ (_place_among_equals(moments) * _ODD[0])
    mixed = (mixed ^ np.uint64(seed)) * _ODD[2] + _ODD[0]
    for shift, odd in ((30, _ODD[1]), (27, _ODD[2])):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * odd
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def _place_among_equals(moments: Integers) -> npt.NDArray[np.uint64]:
    order = np.argsort(moments, kind="stable")
    starts = np.flatnonzero(np.diff(moments[order], prepend=moments[order][:1] - 1))
    lengths = np.diff(np.append(starts, len(moments)))
    places = np.empty(len(moments), dtype=np.uint64)
    places[order] = (np.arange(len(moments)) - np.repeat(starts, lengths)).astype(np.uint64)
    return places
