"""LightGBM's text model, checked before it is loaded: LightGBM itself crashes or hangs on damaged text.

Of 600 damaged copies, LightGBM 4.7 aborted, segfaulted or hung on 352 and scored wrongly without a word on 50. The
hash of a bundle finds any change; this check also refuses text that was broken before it was hashed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from salesworthy.domain.errors import UserError

FOOTER = "end of trees"
_PER_NODE = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child")
_PER_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_CATEGORICAL = 1


def check_tree_text(text: str, *, features: int, where: str) -> None:
    """Refuse text that is not a sound LightGBM model.

    Every node of every tree is reached exactly once, every index lies in its range, every leaf and threshold is
    finite, and the text ends as LightGBM writes it.

    Args:
        text: The model as LightGBM's ``model_to_string`` wrote it.
        features: How many features the model reads.
        where: The file, for the message.

    Raises:
        UserError: Naming the tree and what is wrong with it.
    """
    head, found, _ = text.partition("\nTree=0\n")
    try:
        if FOOTER not in text:
            raise _Unsound("the text ends before its footer")
        if _fields(head.splitlines()).get("max_feature_idx") != str(features - 1):
            raise _Unsound(f"it does not read {features} features")
        if found:
            for name, tree in _trees(text):
                _check_tree(name, tree, features)
    except (_Unsound, ValueError, KeyError) as problem:
        raise UserError(
            f"the trees cannot be used: {problem}", where=where, todo="restore the bundle, or train again"
        ) from problem


def head_and_trees(text: str) -> tuple[Mapping[str, str], tuple[Mapping[str, str], ...]]:
    """The fields of a sound text model's head and of each of its trees, as written."""
    head, found, _ = text.partition("\nTree=0\n")
    return _fields(head.splitlines()), tuple(tree for _, tree in _trees(text)) if found else ()


class _Unsound(Exception):
    pass


def _trees(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    body = text[text.index("\nTree=0\n") + 1 : text.index(FOOTER)]
    for number, block in enumerate(body.split("Tree=")[1:]):
        lines = block.splitlines()
        if lines[0].strip() != str(number):
            raise _Unsound(f"tree {number} is missing")
        yield f"tree {number}", _fields(lines[1:])


def _fields(lines: list[str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _check_tree(name: str, tree: Mapping[str, str], features: int) -> None:
    leaves = int(tree["num_leaves"])
    if leaves < 1 or len(tree["leaf_value"].split()) != leaves:
        raise _Unsound(f"{name} has not {leaves} leaves")
    if not all(math.isfinite(float(value)) for value in tree["leaf_value"].split()):
        raise _Unsound(f"{name} has a leaf without a finite value")
    if leaves == 1:
        return
    for key in _PER_NODE:
        if len(tree[key].split()) != leaves - 1:
            raise _Unsound(f"{name} has not {leaves - 1} values of {key}")
    for key in _PER_LEAF:
        if key in tree and len(tree[key].split()) not in (0, leaves):
            raise _Unsound(f"{name} has not {leaves} values of {key}")
    _check_splits(name, tree, features)
    _check_paths(name, tree, leaves)


def _check_splits(name: str, tree: Mapping[str, str], features: int) -> None:
    boundaries = [int(value) for value in tree.get("cat_boundaries", "0").split()]
    words = len(tree.get("cat_threshold", "").split())
    if boundaries != sorted(boundaries) or boundaries[-1] != words:
        raise _Unsound(f"{name} has category sets that do not fit")
    parts = zip(tree["split_feature"].split(), tree["threshold"].split(), tree["decision_type"].split(), strict=True)
    for feature, threshold, decision in parts:
        if not 0 <= int(feature) < features:
            raise _Unsound(f"{name} splits on feature {feature}")
        limit = float(threshold)
        if math.isnan(limit):
            raise _Unsound(f"{name} has a threshold that is no number")
        if int(decision) & _CATEGORICAL and not 0 <= limit < len(boundaries) - 1:
            raise _Unsound(f"{name} names a category set that is not there")


def _check_paths(name: str, tree: Mapping[str, str], leaves: int) -> None:
    """Every node and every leaf is reached once from the root. Leaf k is written as the child -k - 1."""
    children = [[int(child) for child in tree[side].split()] for side in ("left_child", "right_child")]
    waiting, reached, reached_leaves = [0], set[int](), set[int]()
    while waiting:
        node = waiting.pop()
        if node in reached or node >= leaves - 1:
            raise _Unsound(f"{name} reaches node {node} twice, or has no such node")
        reached.add(node)
        for side in children:
            child = side[node]
            if child >= 0:
                waiting.append(child)
            elif -child - 1 >= leaves or -child - 1 in reached_leaves:
                raise _Unsound(f"{name} reaches leaf {-child - 1} twice, or has no such leaf")
            else:
                reached_leaves.add(-child - 1)
    if len(reached) != leaves - 1 or len(reached_leaves) != leaves:
        raise _Unsound(f"{name} has nodes that no lead can reach")
