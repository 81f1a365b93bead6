"""Leaves of a tree packed into blocks by the bits that they need.

A bit says whether a lead passes a condition: it goes left at one node, or it keeps to a path at all of several nodes of
one feature. The conditions of a leaf are one per feature on its path; leaves whose conditions overlap share a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from salesworthy.model.reason_tables.forest import NoTables, Tree

NARROW_BITS = 8
"""A block of so many bits is found by one byte."""
MERGED_BITS = 11
"""Blocks that are wider already are merged up to so many bits."""
MAX_BITS = 16
"""A leaf with more features on its path has no table."""

Step = tuple[int, bool]
"""A node, and whether the path goes left there."""
Condition = frozenset[Step]


@dataclass(frozen=True)
class Player:
    """What a leaf asks of one feature.

    Attributes:
        feature: The feature.
        mask: Bits of the block that it is read from.
        wanted: Their values where the lead keeps to the path.
        ratio: Share of the training rows that keep to it, given the rest of the path.
    """

    feature: int
    mask: int
    wanted: int
    ratio: float


@dataclass(frozen=True)
class Leaf:
    """A leaf, and what it asks of every feature on its path."""

    value: float
    players: tuple[Player, ...]


@dataclass(frozen=True)
class Block:
    """Leaves that are read from the same bits; bit ``i`` is condition ``i``."""

    conditions: tuple[Condition, ...]
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class _Region:
    """A node or leaf with the path to it; all leaves below are read from the same bits."""

    path: tuple[Step, ...]
    root: int


def blocks_of(tree: Tree) -> tuple[Block, ...]:
    """The blocks of a tree; together they hold every leaf once.

    Raises:
        NoTables: When a leaf has more than 16 features on its path.
    """
    regions = list(_regions(tree, 0, ()))
    conditions: dict[Condition, int] = {}
    masks = []
    for region in regions:
        mask = 0
        for condition in _conditions(tree, region):
            mask |= 1 << conditions.setdefault(condition, len(conditions))
        masks.append(mask)
    named = list(conditions)
    return tuple(
        _block(tree, [regions[each] for each in group], [named[bit] for bit in _bits(mask)])
        for mask, group in _merged(masks)
    )


def _regions(tree: Tree, node: int, path: tuple[Step, ...]) -> Iterator[_Region]:
    if node < 0 or len({int(tree.feature[at]) for at, _ in path}) + len(_inner(tree, node)) <= NARROW_BITS:
        yield _Region(path, node)
    else:
        yield from _regions(tree, int(tree.left[node]), (*path, (node, True)))
        yield from _regions(tree, int(tree.right[node]), (*path, (node, False)))


def _inner(tree: Tree, node: int) -> list[int]:
    if node < 0:
        return []
    return [node, *_inner(tree, int(tree.left[node])), *_inner(tree, int(tree.right[node]))]


def _by_feature(tree: Tree, path: tuple[Step, ...]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in path:
        found.setdefault(int(tree.feature[step[0]]), []).append(step)
    return found


def _left_at(node: int) -> Condition:
    return frozenset([(node, True)])


def _conditions(tree: Tree, region: _Region) -> list[Condition]:
    shared = [
        _left_at(steps[0][0]) if len(steps) == 1 else frozenset(steps)
        for steps in _by_feature(tree, region.path).values()
    ]
    return [*shared, *(_left_at(node) for node in _inner(tree, region.root))]


def _bits(mask: int) -> list[int]:
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def _merged(masks: list[int]) -> list[tuple[int, list[int]]]:
    """Regions merged, smallest growth first and then largest overlap; each group with its bits."""
    groups = {place: (mask, [place]) for place, mask in enumerate(masks)}
    waiting = [pair for a in groups for b in groups if a < b and (pair := _pair(a, masks[a], b, masks[b]))]
    heapify(waiting)
    while waiting:
        _, _, a, b = heappop(waiting)
        if a not in groups or b not in groups:
            continue
        (mask_a, own_a), (mask_b, own_b) = groups.pop(a), groups.pop(b)
        merged, place = mask_a | mask_b, len(masks)
        masks = [*masks, merged]
        for other, (mask, _) in groups.items():
            pair = _pair(other, mask, place, merged)
            if pair:
                heappush(waiting, pair)
        groups[place] = (merged, own_a + own_b)
    return list(groups.values())


def _pair(a: int, mask_a: int, b: int, mask_b: int) -> tuple[int, int, int, int] | None:
    together, sizes = (mask_a | mask_b).bit_count(), (mask_a.bit_count(), mask_b.bit_count())
    if together <= NARROW_BITS or (together <= MERGED_BITS and min(sizes) > NARROW_BITS):
        return together - max(sizes), -(mask_a & mask_b).bit_count(), a, b
    return None


def _block(tree: Tree, regions: list[_Region], conditions: list[Condition]) -> Block:
    if len(conditions) > MAX_BITS:
        raise NoTables(f"a leaf has more than {MAX_BITS} features on its path")
    place = {condition: bit for bit, condition in enumerate(conditions)}
    leaves = tuple(
        Leaf(float(tree.leaf_value[leaf]), _players(tree, region, path, place))
        for region in regions
        for leaf, path in _leaves(tree, region.root, ())
    )
    return Block(tuple(conditions), leaves)


def _leaves(tree: Tree, node: int, path: tuple[Step, ...]) -> Iterator[tuple[int, tuple[Step, ...]]]:
    if node < 0:
        yield -node - 1, path
    else:
        yield from _leaves(tree, int(tree.left[node]), (*path, (node, True)))
        yield from _leaves(tree, int(tree.right[node]), (*path, (node, False)))


def _players(tree: Tree, region: _Region, path: tuple[Step, ...], place: dict[Condition, int]) -> tuple[Player, ...]:
    shared = {feature: frozenset(steps) for feature, steps in _by_feature(tree, region.path).items() if len(steps) > 1}
    return tuple(
        _player(tree, feature, steps, shared.get(feature, frozenset()), place)
        for feature, steps in _by_feature(tree, region.path + path).items()
    )


def _player(tree: Tree, feature: int, steps: list[Step], shared: Condition, place: dict[Condition, int]) -> Player:
    mask, wanted, ratio = 0, 0, 1.0
    for node, left in steps:
        child = int(tree.left[node] if left else tree.right[node])
        ratio *= tree.rows_at(child) / float(tree.count[node])
        together = (node, left) in shared
        bit = 1 << place[shared if together else _left_at(node)]
        mask |= bit
        wanted |= bit if together or left else 0
    return Player(feature, mask, wanted, ratio)
