"""LightGBM's text model as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from salesworthy.model.dataset import Flags, Floats, Integers
from salesworthy.model.tree_text import head_and_trees

NO_MISSING, ZERO_MISSING, NAN_MISSING = 0, 1, 2
"""How LightGBM reads missing values at a split: NaN as zero; NaN and zero as missing; NaN as missing."""
_CATEGORICAL, _DEFAULT_LEFT = 1, 2


class NoTables(Exception):
    """Why there are no tables for a forest; its shares come from LightGBM then."""


@dataclass(frozen=True)
class Tree:
    """One tree. Nodes and leaves are numbered from 0; a child below 0 is the leaf ``-child - 1``.

    Attributes:
        feature: Per node: which feature decides.
        threshold: Per node of a number: values up to it go left.
        categories: Per node of a category the level codes that go left; None at a number.
        default_left: Per node: whether missing values go left.
        missing: Per node: ``NO_MISSING``, ``ZERO_MISSING`` or ``NAN_MISSING``.
        left: Per node its left child.
        right: Per node its right child.
        count: Per node: training rows that reached it.
        leaf_value: Per leaf, in log-odds.
        leaf_count: Per leaf: training rows.
    """

    feature: Integers
    threshold: Floats
    categories: tuple[Integers | None, ...]
    default_left: Flags
    missing: Integers
    left: Integers
    right: Integers
    count: Floats
    leaf_value: Floats
    leaf_count: Floats

    @cached_property
    def expected(self) -> float:
        """The tree's average over its training rows."""
        if not len(self.feature):
            return float(self.leaf_value[0])
        total = 0.0
        for value, count in zip(self.leaf_value.tolist(), self.leaf_count.tolist(), strict=True):
            total += value * (count / float(self.count[0]))
        return total

    def rows_at(self, child: int) -> float:
        """Training rows at a node or leaf."""
        return float(self.count[child] if child >= 0 else self.leaf_count[-child - 1])


@dataclass(frozen=True)
class Forest:
    """Trees whose sum is a score in log-odds.

    Attributes:
        trees: The trees.
        features: How many features the model reads.
    """

    trees: tuple[Tree, ...]
    features: int

    @cached_property
    def expected(self) -> float:
        """The average score over the training rows, from which shares are measured."""
        total = 0.0
        for tree in self.trees:
            total += tree.expected
        return total


def read_forest(text: str) -> Forest:
    """The forest that a sound text model describes.

    Args:
        text: As LightGBM's ``model_to_string`` wrote it and ``check_tree_text`` found it sound.

    Raises:
        NoTables: When the model is of a kind whose shares are not read from tables.
    """
    head, trees = head_and_trees(text)
    if head.get("num_tree_per_iteration") != "1":
        raise NoTables("it has several trees per step")
    return Forest(tuple(_read_tree(tree) for tree in trees), int(head["max_feature_idx"]) + 1)


def _read_tree(fields: Mapping[str, str]) -> Tree:
    if fields.get("is_linear", "0").strip() != "0":
        raise NoTables("its leaves are linear")
    if int(fields["num_leaves"]) == 1:
        return _constant(fields)
    decisions = _integers(fields, "decision_type")
    counts = _floats(fields, "internal_count"), _floats(fields, "leaf_count")
    if not all(len(each) for each in counts) or not np.all(counts[0] > 0):
        raise NoTables("it does not say how many rows reached its nodes")
    return Tree(
        feature=_integers(fields, "split_feature"),
        threshold=_floats(fields, "threshold"),
        categories=tuple(_categories(fields, decisions)),
        default_left=(decisions & _DEFAULT_LEFT) != 0,
        missing=(decisions >> 2) & 3,
        left=_integers(fields, "left_child"),
        right=_integers(fields, "right_child"),
        count=counts[0],
        leaf_value=_floats(fields, "leaf_value"),
        leaf_count=counts[1],
    )


def _constant(fields: Mapping[str, str]) -> Tree:
    none, no_floats = np.empty(0, np.int64), np.empty(0)
    value = _floats(fields, "leaf_value")
    return Tree(none, no_floats, (), none.astype(bool), none, none, none, no_floats, value, np.ones(1))


def _categories(fields: Mapping[str, str], decisions: Integers) -> Iterator[Integers | None]:
    """The level codes that go left, from LightGBM's bit sets of 32-bit words."""
    bounds = [int(value) for value in fields.get("cat_boundaries", "").split()]
    words = [int(value) for value in fields.get("cat_threshold", "").split()]
    for decision, threshold in zip(decisions.tolist(), fields["threshold"].split(), strict=True):
        if not decision & _CATEGORICAL:
            yield None
            continue
        place = int(float(threshold))
        own = words[bounds[place] : bounds[place + 1]]
        yield np.array([32 * at + bit for at, word in enumerate(own) for bit in range(32) if word >> bit & 1], np.int64)


def _integers(fields: Mapping[str, str], name: str) -> Integers:
    return np.array([int(value) for value in fields[name].split()], np.int64)


def _floats(fields: Mapping[str, str], name: str) -> Floats:
    return np.array([float(value) for value in fields.get(name, "").split()], np.float64)
