"""The exact path-dependent SHAP values of a block's leaves, for every pattern of its bits.

A leaf of value ``v`` gives feature ``i`` the share (Lundberg et al. 2020, written as an integral by Owen 1972)::

    v * (o_i - r_i) * integral from 0 to 1 of the product over the other features j of (r_j * (1 - t) + o_j * t)

with ``o_j`` 1 where the lead keeps to the path at feature ``j`` and 0 where it does not, and ``r_j`` the share of the
training rows that do. The integrand is a polynomial, so that a few Gauss-Legendre points are exact; all factors are
positive, so that nothing cancels. Only plain additions and multiplications in a fixed order are used, so that the same
model gives the same tables on every machine.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.reason_tables.blocks import Block, Leaf

CELLS_AT_ONCE = 16_384
"""Leaves times patterns that are worked on at once; they stay in the processor's cache."""


def path_dependent(block: Block) -> dict[int, Floats]:
    """Feature -> share for every pattern of the block's bits, summed over its leaves; log-odds."""
    patterns = 1 << len(block.conditions)
    shares: dict[int, Floats] = {}
    at_once = max(1, CELLS_AT_ONCE // patterns)
    for first in range(0, len(block.leaves), at_once):
        _add(shares, block.leaves[first : first + at_once], patterns)
    return shares


def _add(shares: dict[int, Floats], leaves: tuple[Leaf, ...], patterns: int) -> None:
    most = max(len(leaf.players) for leaf in leaves)
    kept = np.ones((most, len(leaves), patterns))
    ratio = np.ones((most, len(leaves), 1))  # a player that is not there keeps to every path: a factor of 1
    pattern = np.arange(patterns)
    for place, leaf in enumerate(leaves):
        for turn, player in enumerate(leaf.players):
            kept[turn, place] = (pattern & player.mask) == player.wanted
            ratio[turn, place] = player.ratio
    found = _others(kept, ratio) * (kept - ratio) * np.array([leaf.value for leaf in leaves])[:, None]
    for place, leaf in enumerate(leaves):
        for turn, player in enumerate(leaf.players):
            shares.setdefault(player.feature, np.zeros(patterns))
            shares[player.feature] += found[turn, place]


def _others(kept: Floats, ratio: Floats) -> Floats:
    """Per player the integral of the product of the others' factors."""
    players = len(kept)
    total = np.zeros_like(kept)
    for point, weight in gauss_points((players + 1) // 2):
        factors = ratio * (1.0 - point) + kept * point
        after = np.full(kept.shape[1:], weight)
        before = [np.ones(kept.shape[1:])]
        for turn in range(players - 1):
            before.append(before[-1] * factors[turn])
        for turn in reversed(range(players)):
            total[turn] += before[turn] * after
            after = after * factors[turn]
    return total


@cache
def gauss_points(count: int) -> tuple[tuple[float, float], ...]:
    """Points and weights on 0 to 1 that integrate polynomials up to degree ``2 * count - 1`` exactly."""
    with localcontext() as context:
        context.prec = 40
        return tuple(_gauss_point(count, place) for place in range(count))


def _gauss_point(count: int, place: int) -> tuple[float, float]:
    root = Decimal(math.cos(math.pi * (place + 0.75) / (count + 0.5)))
    for _ in range(8):
        value, slope = _legendre(count, root)
        root -= value / slope
    slope = _legendre(count, root)[1]
    return float((root + 1) / 2), float(1 / ((1 - root * root) * slope * slope))


def _legendre(count: int, at: Decimal) -> tuple[Decimal, Decimal]:
    """The Legendre polynomial and its slope."""
    before, value = Decimal(1), at
    for degree in range(2, count + 1):
        before, value = value, ((2 * degree - 1) * at * value - (degree - 1) * before) / degree
    return value, count * (at * value - before) / (at * at - 1)
