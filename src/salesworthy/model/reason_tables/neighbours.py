"""Blocks that ask for the same features, brought together.

The compiled kernel reads the bits of eight blocks by one look-up per feature that any of them asks for. The order of
blocks changes no figure: shares are whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

TOGETHER = 8
"""Blocks that are read together."""
_LOOKED_AT = 256
"""Blocks among which the next neighbour is looked for; with all of them there would be hardly fewer look-ups."""


def in_neighbourhoods(asked: Sequence[Collection[int]]) -> list[int]:
    """Places of blocks, in an order in which eight at a time ask for few features.

    Args:
        asked: Per block the features that it asks for.

    Example:
        >>> in_neighbourhoods([{1, 2}] * 8 + [{5}] + [{1, 2}])
        [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]
    """
    waiting = _rarest_first(asked)
    bits = [sum(1 << feature for feature in each) for each in asked]
    near, later = waiting[:_LOOKED_AT], iter(waiting[_LOOKED_AT:])
    found: list[int] = []
    together = 0
    while near:
        if len(found) % TOGETHER == 0:
            chosen = near[0]
            together = bits[chosen]
        else:
            chosen = _nearest(near, bits, together)
            together |= bits[chosen]
        near.remove(chosen)
        near += islice(later, 1)
        found.append(chosen)
    return found


def _nearest(near: Sequence[int], bits: Sequence[int], together: int) -> int:
    """The block that brings the fewest new features, and of those the one that shares most."""
    return min(near, key=lambda each: ((bits[each] & ~together).bit_count(), -(bits[each] & together).bit_count()))


def _rarest_first(asked: Sequence[Collection[int]]) -> list[int]:
    """Blocks sorted by whether they ask for the feature that fewest ask for, then for the next one."""
    counts: dict[int, int] = {}
    for each in asked:
        for feature in each:
            counts[feature] = counts.get(feature, 0) + 1
    rank = {feature: place for place, feature in enumerate(sorted(counts, key=lambda each: (-counts[each], each)))}
    keys = [sum(1 << rank[feature] for feature in each) for each in asked]
    return sorted(range(len(asked)), key=lambda each: (-keys[each], each))
