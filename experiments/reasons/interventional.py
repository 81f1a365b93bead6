"""Interventional SHAP values as tables: what a leaf gives a feature when the others are drawn from background rows.

A leaf's value depends on which of its features the lead keeps to and which a background row does: with D features there
are 2^D patterns of background rows, and their histogram stands for any number of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numba
import numpy as np

from salesworthy.model.reason_tables.blocks import Block
from salesworthy.model.reason_tables.building import build_tables
from salesworthy.model.reason_tables.codes import learn_codes
from salesworthy.model.reason_tables.forest import Forest
from salesworthy.model.reason_tables.tables import ReasonTables

FACTORIALS = np.cumprod(np.concatenate([[1.0], np.arange(1.0, 40.0)]))


def interventional_tables(forest: Forest, background: np.ndarray, *, base: float) -> ReasonTables:
    """Tables whose shares are measured from background rows.

    Args:
        forest: The trees.
        background: Rows x features.
        base: Their average score.
    """
    coder = learn_codes(forest)
    codes = np.stack([coder.code(feature, background[:, feature]) for feature in range(forest.features)])

    def shares_of(block: Block, lookups: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
        pattern = np.zeros(codes.shape[1], np.int64)
        for feature, own in lookups.items():
            pattern |= own[codes[feature]].astype(np.int64)
        found: dict[int, np.ndarray] = {}
        for leaf in block.leaves:
            masks = np.array([player.mask for player in leaf.players])
            wanted = np.array([player.wanted for player in leaf.players])
            shares = _leaf(leaf.value, len(masks), _histogram(pattern, masks, wanted), FACTORIALS)
            kept = _patterns(np.arange(1 << len(block.conditions)), masks, wanted)
            for turn, player in enumerate(leaf.players):
                found.setdefault(player.feature, np.zeros(len(kept)))
                found[player.feature] += shares[kept, turn]
        return found

    return build_tables(forest, shares_of=shares_of, base=base)


@numba.njit
def _patterns(patterns, masks, wanted):
    """Which of the leaf's features each pattern of the block keeps to, as bits."""
    found = np.zeros(len(patterns), np.int64)
    for row in range(len(patterns)):
        for turn in range(len(masks)):
            if patterns[row] & masks[turn] == wanted[turn]:
                found[row] |= 1 << turn
    return found


@numba.njit
def _histogram(patterns, masks, wanted):
    found = np.zeros(1 << len(masks))
    for each in _patterns(patterns, masks, wanted):
        found[each] += 1.0 / len(patterns)
    return found


@numba.njit
def _leaf(value, features, background, factorials):
    """Shares of a leaf for every pattern of its features: 3^D steps, however many background rows there are."""
    full = (1 << features) - 1
    shares = np.zeros((full + 1, features))
    for own in range(full + 1):
        theirs = full & ~own  # what the lead does not keep to, a background row must
        ours = own  # what the background row does not keep to, the lead must: some of these
        while True:
            weight = background[full & ~ours]
            if weight > 0.0 and (ours | theirs):
                a, c = 0, 0
                for turn in range(features):
                    a += (ours >> turn) & 1
                    c += (theirs >> turn) & 1
                for turn in range(features):
                    if (ours >> turn) & 1:
                        shares[own, turn] += value * weight * factorials[a - 1] * factorials[c] / factorials[a + c]
                    elif (theirs >> turn) & 1:
                        shares[own, turn] -= value * weight * factorials[a] * factorials[c - 1] / factorials[a + c]
            if ours == 0:
                break
            ours = (ours - 1) & own
    return shares
