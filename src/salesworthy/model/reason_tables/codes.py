"""Feature values as small whole numbers, from which every split of a forest can be read.

A number becomes how many of the forest's thresholds lie below it, or one code more for a missing value. A category
becomes its level code plus one; 0 stands for everything that no split knows. How LightGBM reads values is kept:

- a number of at most 1e-35 in size is a zero;
- where missing values have no side of their own, NaN is a zero; where zero counts as missing, both are missing;
- a category is cut to a whole number, so that -0.5 is level 0; negative, unknown and infinite ones go right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from salesworthy.model.dataset import Flags, Floats, Integers
from salesworthy.model.reason_tables.forest import NO_MISSING, ZERO_MISSING, Forest, NoTables, Tree

Codes = npt.NDArray[np.unsignedinteger[Any]]
TINY = float(np.float32(1e-35))
"""LightGBM's zero: values up to this size."""
ONE_BYTE = 256
MAX_CODES = 65_536


@dataclass(frozen=True)
class Coder:
    """How the features of a forest are coded.

    Attributes:
        thresholds: All thresholds, feature after feature, each feature's in rising order.
        starts: Where each feature's thresholds begin; one entry more than there are features.
        levels: Per category one more than its largest level code; 0 at numbers and unused features.
        nan: Per number: the code of NaN.
        zero_missing: Per number: whether zero is coded as NaN is.
    """

    thresholds: Floats
    starts: Integers
    levels: Integers
    nan: Integers
    zero_missing: Flags

    @property
    def features(self) -> int:
        """How many features there are."""
        return len(self.levels)

    def size(self, feature: int) -> int:
        """How many codes a feature has."""
        return int(self.levels[feature]) + 1 if self.levels[feature] else len(self.of(feature)) + 2

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """What all codes fit into: one byte, or two where a feature has more than 254 thresholds or levels."""
        return np.uint8 if all(self.size(each) <= ONE_BYTE for each in range(self.features)) else np.uint16

    def of(self, feature: int) -> Floats:
        """The thresholds of a feature."""
        return self.thresholds[self.starts[feature] : self.starts[feature + 1]]

    def code(self, feature: int, values: Floats) -> Codes:
        """The codes of values of one feature."""
        if self.levels[feature]:
            # A comparison with NaN is false, so that NaN is unknown too.
            known = (values > -1) & (values < self.levels[feature])
            return np.where(known, np.trunc(np.where(known, values, 0)) + 1, 0).astype(self.dtype)
        missing = np.isnan(values)
        zero = np.abs(values) <= TINY
        codes = np.searchsorted(self.of(feature), np.where(zero, 0.0, values), side="left")
        if self.zero_missing[feature]:
            missing |= zero
        return np.where(missing, self.nan[feature], codes).astype(self.dtype)

    def goes_left(self, tree: Tree, node: int) -> Flags:
        """Per code of the node's feature: whether it goes left there."""
        feature = int(tree.feature[node])
        left = np.zeros(self.size(feature), bool)
        categories = tree.categories[node]
        if categories is not None:
            left[categories + 1] = True
            return left
        left[: int(np.searchsorted(self.of(feature), tree.threshold[node])) + 1] = True
        left[-1] = bool(tree.default_left[node])
        return left


def learn_codes(forest: Forest) -> Coder:
    """The codes that the splits of a forest need.

    Raises:
        NoTables: When a feature is split on in two ways, or has more codes than two bytes hold.
    """
    thresholds: list[set[float]] = [set() for _ in range(forest.features)]
    levels = np.zeros(forest.features, np.int64)
    missing: dict[int, int] = {}
    for tree in forest.trees:
        for feature, threshold, categories, kind in zip(
            tree.feature.tolist(), tree.threshold.tolist(), tree.categories, tree.missing.tolist(), strict=True
        ):
            if categories is not None:
                levels[feature] = max(levels[feature], int(categories.max(initial=0)) + 1)
                continue
            thresholds[feature].add(threshold)
            if missing.setdefault(feature, kind) != kind:
                raise NoTables(f"feature {feature} has missing values of two kinds")
    return _coder([np.array(sorted(each)) for each in thresholds], levels, missing)


def _coder(thresholds: list[Floats], levels: Integers, missing: dict[int, int]) -> Coder:
    for feature, own in enumerate(thresholds):
        if len(own) and levels[feature]:
            raise NoTables(f"feature {feature} is a number and a category")
        if max(len(own) + 2, int(levels[feature]) + 1) > MAX_CODES:
            raise NoTables(f"feature {feature} needs more codes than two bytes hold")
    kinds = [missing.get(feature, NO_MISSING) for feature in range(len(thresholds))]
    as_zero = [int(np.searchsorted(own, 0.0, side="left")) for own in thresholds]
    nan = [
        zero if kind == NO_MISSING else len(own) + 1 for own, zero, kind in zip(thresholds, as_zero, kinds, strict=True)
    ]
    return Coder(
        thresholds=np.concatenate([*thresholds, np.empty(0)]),
        starts=np.concatenate([[0], np.cumsum([len(own) for own in thresholds])]).astype(np.int64),
        levels=levels,
        nan=np.array(nan, np.int64),
        zero_missing=np.array([kind == ZERO_MISSING for kind in kinds], bool),
    )
