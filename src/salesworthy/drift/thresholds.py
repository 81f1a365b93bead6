"""The threshold: how far something may stray before anybody is told, for a stated rate of false findings.

The past is put into another order, many times, and looked at in the same way each time: in an order that means
nothing, whatever strays strays by chance. Blocks of four weeks stay whole, so that campaigns, seasons and sites whose
people come together stray there as they do in truth; all figures of a week stay together, so that figures that move
together are not counted twice. Of each week only the largest difference over everything that is watched is kept: that
is what makes the rate hold for all of it together, however much is watched.

The threshold is what that largest difference exceeds once in so many weeks. A year holds too few weeks to see that
directly, so the tail is taken as that of a Gumbel distribution, which largest values of many figures tend to; it is
fitted to the median and the upper tenth, which a few odd weeks of the past do not move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from salesworthy.drift.deviations import (
    GAP,
    LEAST,
    SLOW,
    WINDOWS,
    YEAR,
    Deviations,
    deviations,
    gap,
    habits,
    habits_without,
)
from salesworthy.drift.watched import OF_OUTCOMES, Floats, Weekly
from salesworthy.drift.weeks import Weeks

BLOCK = 4
"""Weeks that stay together."""
ORDERS = 20
"""How many orders of the past are looked at."""
HISTORY = YEAR + GAP + LEAST
"""Weeks of the past that are put into other orders."""
LEAST_HISTORY = 26
"""Weeks of the past that are needed to say anything."""
UPPER = 0.9


@dataclass(frozen=True)
class Strays:
    """How far everything strays in one week, and from where on that is worth telling.

    Attributes:
        week: The week.
        strays: Per watched figure, the larger difference of the two windows in units of habit, with its sign; 0 where
            it cannot be told.
        window: Per watched figure, which window that is, in weeks.
        threshold: What the largest of them exceeds by chance once in ``every`` weeks.
        every: How rare a false finding is to be, in weeks.
        tellable: How many figures could be compared.
    """

    week: int
    strays: Floats
    window: Floats
    threshold: float
    every: float
    tellable: int

    def found(self) -> list[int]:
        """The figures beyond the threshold, furthest first."""
        beyond = np.flatnonzero(np.abs(self.strays) > self.threshold)
        return [int(each) for each in beyond[np.argsort(-np.abs(self.strays[beyond]), kind="stable")]]


def strays(weekly: Weekly, week: int, *, every: float, seed: int = 0) -> Strays | None:
    """How far everything strays in a week, from what was known by its end; None where the past is too short.

    Args:
        weekly: Weekly sums, of later weeks too: they are not looked at.
        week: The week.
        every: A false finding once in so many weeks is accepted.
        seed: Of the orders that the past is put into.
    """
    if week + 1 - GAP < LEAST_HISTORY or not len(weekly):
        return None
    scaled, window, tellable = in_habits(weekly, week)
    return Strays(
        week, scaled, window, threshold(permuted_maxima(weekly, week, seed=seed), every=every), every, tellable
    )


def in_habits(weekly: Weekly, week: int) -> tuple[Floats, Floats, int]:
    """How far everything strays in a week, the window in which it strays furthest, and how much could be compared."""
    compared = [deviations(weekly.first(week + 1), window) for window in WINDOWS]
    scaled = np.stack([_in_habits(each, week) for each in compared])
    further = np.argmax(np.abs(scaled), axis=0)
    tellable = int(np.isfinite(np.stack([each.raw[week] for each in compared])).any(axis=0).sum())
    return np.take_along_axis(scaled, further[None, :], axis=0)[0], np.array(WINDOWS, np.float64)[further], tellable


def _in_habits(compared: Deviations, week: int) -> Floats:
    end = max(0, week + 1 - gap(compared.window))
    past = compared.raw[max(0, end - YEAR) : end]
    return np.asarray(np.nan_to_num(compared.raw[week] / habits(past, compared.window)))


def permuted_maxima(weekly: Weekly, week: int, *, seed: int) -> Floats:
    """The largest difference over everything that is watched, for every week of every order of the past."""
    end = week + 1 - GAP
    start = max(0, end - HISTORY)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(ORDERS):
        order = _in_blocks(start, end, rng)
        mixed = Weekly(
            Weeks(0, len(order)), weekly.watched, weekly.hits[order], weekly.totals[order], weekly.squares[order]
        )
        found.append(_maxima(mixed))
    return np.concatenate(found)


def _in_blocks(start: int, end: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    first = start + int(rng.integers(1, BLOCK + 1))
    blocks = np.split(np.arange(start, end), np.arange(first, end, BLOCK) - start)
    return np.asarray(np.concatenate([blocks[each] for each in rng.permutation(len(blocks))]), np.int64)


def _maxima(weekly: Weekly) -> Floats:
    largest = np.zeros(weekly.weeks.count)
    outcomes = [column for column, each in enumerate(weekly.watched) if each.family in OF_OUTCOMES]
    for window in WINDOWS:
        looked_at = weekly.columns(outcomes) if window >= SLOW else weekly
        if not len(looked_at):
            continue
        raw = deviations(looked_at, window).raw
        scaled = np.abs(raw) / habits_without(raw, window)
        largest = np.maximum(largest, np.nan_to_num(scaled).max(axis=1))
    return np.asarray(largest[largest > 0])


def threshold(maxima: Floats, *, every: float) -> float:
    """What largest values like these exceed once in so many; infinite where there are none.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> far = threshold(rng.gumbel(3.0, 0.4, 2000), every=52)
        >>> bool(abs(far - (3.0 - 0.4 * math.log(-math.log(1 - 1 / 52)))) < 0.1)
        True
    """
    if not len(maxima):
        return math.inf
    middle, upper = np.quantile(maxima, [0.5, UPPER])
    spread = (upper - middle) / (_gumbel(UPPER) - _gumbel(0.5))
    return float(middle + spread * (_gumbel(1 - 1 / every) - _gumbel(0.5)))


def _gumbel(probability: float) -> float:
    """Quantile of the standard Gumbel distribution."""
    return -math.log(-math.log(probability))
