"""A slow plain reference: Shapley values of a tree by definition, and LightGBM's decisions as its source has them."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from salesworthy.model.reason_tables.codes import TINY
from salesworthy.model.reason_tables.forest import NAN_MISSING, ZERO_MISSING, Tree


def goes_left(tree: Tree, node: int, value: float) -> bool:
    """``Tree::NumericalDecision`` and ``Tree::CategoricalDecision`` of LightGBM; rows lose tiny values before."""
    if abs(value) <= TINY:
        value = 0.0
    if tree.categories[node] is not None:
        if math.isnan(value) or math.isinf(value) or not -1 < value < 2**31:
            return False
        return int(value) in tree.categories[node].tolist()
    kind = tree.missing[node]
    if math.isnan(value) and kind != NAN_MISSING:
        value = 0.0
    if (kind == ZERO_MISSING and value == 0.0) or (kind == NAN_MISSING and math.isnan(value)):
        return bool(tree.default_left[node])
    return bool(value <= tree.threshold[node])


def expected(tree: Tree, row: np.ndarray, known: frozenset[int], node: int = 0) -> float:
    """The tree's value when some features are known: the others go both ways, as often as training rows did."""
    if node < 0:
        return float(tree.leaf_value[-node - 1])
    left, right = int(tree.left[node]), int(tree.right[node])
    feature = int(tree.feature[node])
    if feature in known:
        return expected(tree, row, known, left if goes_left(tree, node, float(row[feature])) else right)
    share = tree.rows_at(left) / float(tree.count[node])
    return share * expected(tree, row, known, left) + (1 - share) * expected(tree, row, known, right)


def shapley(tree: Tree, row: np.ndarray, features: int) -> np.ndarray:
    """Shapley values by their definition, over all subsets of the features that the tree uses."""
    used = sorted(set(tree.feature.tolist()))
    found = np.zeros(features)
    for feature in used:
        others = [each for each in used if each != feature]
        for size in range(len(others) + 1):
            weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(used))
            for some in combinations(others, size):
                without = frozenset(some)
                gain = expected(tree, row, without | {feature}) - expected(tree, row, without)
                found[feature] += weight * gain
    return found
