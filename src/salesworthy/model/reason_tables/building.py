"""From a forest to its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.reason_tables.blocks import NARROW_BITS, Block, blocks_of
from salesworthy.model.reason_tables.codes import Coder, learn_codes
from salesworthy.model.reason_tables.forest import Forest, Tree
from salesworthy.model.reason_tables.leaf_shares import path_dependent
from salesworthy.model.reason_tables.neighbours import in_neighbourhoods
from salesworthy.model.reason_tables.tables import ReasonTables

LARGEST_SHARE = 2**31 - 1
"""Of one pattern in a table, in whole units."""
MOST_EXPONENT = 60

Shares = Mapping[int, Floats]
"""Column -> share per pattern."""
Lookups = Mapping[int, npt.NDArray[np.uint16]]
"""Feature -> bits per code."""
SharesOf = Callable[[Block, Lookups], Shares]
"""The shares of a block per feature, for every pattern of its bits."""


@dataclass(frozen=True)
class _Packed:
    lookups: Lookups
    shares: Shares

    @property
    def patterns(self) -> int:
        return len(next(iter(self.shares.values())))

    @property
    def is_narrow(self) -> bool:
        return self.patterns <= 1 << NARROW_BITS


def build_tables(
    forest: Forest, *, groups: Sequence[int] | None = None, shares_of: SharesOf | None = None, base: float | None = None
) -> ReasonTables:
    """The tables of a forest.

    Args:
        forest: The trees.
        groups: Per feature: the column that its shares are summed into; a column per feature by default.
        shares_of: Which shares; the path-dependent ones by default.
        base: What shares are measured from; the average over the training rows by default.

    Raises:
        NoTables: When the forest is of a kind that has none.
    """
    coder = learn_codes(forest)
    columns = np.arange(forest.features) if groups is None else np.asarray(groups, np.int64)
    packed = [
        _packed(tree, block, coder, columns, shares_of or _path_dependent)
        for tree in forest.trees
        if len(tree.feature)
        for block in blocks_of(tree)
    ]
    narrow = [each for each in packed if each.is_narrow]
    order = in_neighbourhoods([each.lookups.keys() for each in narrow])
    packed = [narrow[place] for place in order] + [each for each in packed if not each.is_narrow]
    return _tables(packed, coder, int(columns.max(initial=-1)) + 1, forest.expected if base is None else base)


def _path_dependent(block: Block, lookups: Lookups) -> Shares:
    del lookups
    return path_dependent(block)


def lookups_of(tree: Tree, block: Block, coder: Coder) -> Lookups:
    """Per feature of a block the bits that each of its codes sets."""
    found: dict[int, npt.NDArray[np.uint16]] = {}
    for bit, condition in enumerate(block.conditions):
        feature = int(tree.feature[next(iter(condition))[0]])
        passes = np.ones(coder.size(feature), bool)
        for node, left in condition:
            passes &= coder.goes_left(tree, node) == left
        own = found.setdefault(feature, np.zeros(coder.size(feature), np.uint16))
        own |= passes.astype(np.uint16) << np.uint16(bit)
    return dict(sorted(found.items()))


def _packed(tree: Tree, block: Block, coder: Coder, columns: Integers, shares_of: SharesOf) -> _Packed:
    lookups = lookups_of(tree, block, coder)
    shares: dict[int, Floats] = {}
    for feature, own in sorted(shares_of(block, lookups).items()):
        column = int(columns[feature])
        shares[column] = shares[column] + own if column in shares else own
    return _Packed(lookups, shares)


def _tables(packed: list[_Packed], coder: Coder, columns: int, base: float) -> ReasonTables:
    narrow = sum(each.is_narrow for each in packed)
    programs = [_byte(each.lookups, 0) for each in packed[:narrow]]
    programs += [_byte(each.lookups, shift) for each in packed[narrow:] for shift in (0, 8)]
    entries = [entry for program in programs for entry in program]
    cells = [(block, column, own) for block, each in enumerate(packed) for column, own in sorted(each.shares.items())]
    exponent = _exponent(packed)
    return ReasonTables(
        coder=coder,
        columns=columns,
        entry_feature=np.array([feature for feature, _ in entries], np.int64),
        entry_start=_starts([own for _, own in entries])[:-1],
        lookups=np.concatenate([np.empty(0, np.uint8), *(own for _, own in entries)]),
        program_start=_starts(programs),
        narrow=narrow,
        cell_block=np.array([block for block, _, _ in cells], np.int64),
        cell_column=np.array([column for _, column, _ in cells], np.int64),
        cell_start=_starts([own for _, _, own in cells])[:-1],
        shares=np.concatenate(
            [np.empty(0, np.int32), *(np.rint(own * 2.0**exponent).astype(np.int32) for _, _, own in cells)]
        ),
        exponent=exponent,
        base=base,
    )


def _byte(lookups: Lookups, shift: int) -> list[tuple[int, npt.NDArray[np.uint8]]]:
    """The look-ups of one byte of the pattern, without those that set no bit of it; at least one."""
    found = [(feature, (own >> np.uint16(shift)).astype(np.uint8)) for feature, own in lookups.items()]
    return [each for each in found if each[1].any()] or found[:1]


def _starts(parts: Sequence[Sequence[object] | npt.NDArray[np.generic]]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)


def _exponent(packed: list[_Packed]) -> int:
    """The finest unit in which every share fits into four bytes."""
    largest = max((float(np.abs(own).max()) for each in packed for own in each.shares.values()), default=0.0)
    return MOST_EXPONENT if largest == 0.0 else min(MOST_EXPONENT, int(np.floor(np.log2(LARGEST_SHARE / largest))))
