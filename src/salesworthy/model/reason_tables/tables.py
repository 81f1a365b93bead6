"""A forest's shares as arrays of data.

Shares are whole numbers of a unit, a power of two that is chosen per forest. Whole numbers add up to the same sum in
any order, so that a lead has the same figures alone and in a batch, by whichever kernel, on however many threads.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.reason_tables.codes import Coder
from salesworthy.model.reason_tables.neighbours import TOGETHER

CHUNK = TOGETHER
"""Narrow blocks whose patterns share one word of eight bytes, and whose cells are added together."""
FORMAT = 1
"""Of the arrays: tables of another format are built again."""


@dataclass(frozen=True)
class ReasonTables:
    """The shares of a forest, for every lead that there can be.

    A lead's *codes* are looked up by *entries*; the entries of one *program* are joined to a byte; one program gives
    the pattern of a narrow block, two give that of a wide one; a *cell* is one column of a block's table.

    Attributes:
        coder: How feature values become codes.
        columns: How many columns of shares there are.
        entry_feature: Per entry: whose code.
        entry_start: Per entry: where its look-up begins in ``lookups``; it is as long as the feature has codes.
        lookups: Bytes, look-up after look-up.
        program_start: Per program its first entry; one more than there are programs.
        narrow: How many blocks are narrow. Programs of wide blocks follow in pairs, low byte first.
        cell_block: Per cell its block, in rising order.
        cell_column: Per cell the column that it adds to.
        cell_start: Per cell: where it begins in ``shares``.
        shares: Per cell and pattern a share, in units.
        exponent: A unit is ``2 ** -exponent`` log-odds.
        base: The average score over the training rows, in log-odds.
    """

    coder: Coder
    columns: int
    entry_feature: Integers
    entry_start: Integers
    lookups: npt.NDArray[np.uint8]
    program_start: Integers
    narrow: int
    cell_block: Integers
    cell_column: Integers
    cell_start: Integers
    shares: npt.NDArray[np.int32]
    exponent: int
    base: float

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return self.narrow + (len(self.program_start) - 1 - self.narrow) // 2

    @property
    def unit(self) -> float:
        """Log-odds of one unit."""
        return 2.0**-self.exponent

    @cached_property
    def sha256(self) -> str:
        """Hash of everything that decides a figure."""
        digest = sha256(f"reason tables {FORMAT}\n".encode())
        for name, array in sorted(self.arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def cells_by_column(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Blocks and starts of cells in the order of columns, the columns that there are, and each one's first cell."""
        order = np.argsort(self.cell_column, kind="stable")
        column, first = np.unique(self.cell_column[order], return_index=True)
        return self.cell_block[order], self.cell_start[order], column, first

    @cached_property
    def cells_by_chunk(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Where the cells of each chunk begin, and their blocks, columns and starts: by chunk, then by column.

        A chunk is up to 8 narrow blocks, or one wide block.
        """
        narrow_chunks = -(-self.narrow // CHUNK)
        is_wide = self.cell_block >= self.narrow
        chunk = np.where(is_wide, narrow_chunks + self.cell_block - self.narrow, self.cell_block // CHUNK)
        order = np.lexsort((self.cell_block, self.cell_column, chunk))
        starts = np.searchsorted(chunk[order], np.arange(narrow_chunks + self.blocks - self.narrow + 1))
        return starts.astype(np.int64), self.cell_block[order], self.cell_column[order], self.cell_start[order]

    @cached_property
    def words_by_chunk(self) -> tuple[Integers, Integers, Integers, npt.NDArray[np.uint64]]:
        """The look-ups of the narrow blocks of each chunk as words: one byte per block, one look-up per feature.

        Where the entries of each chunk begin; per entry its feature, and where its look-up begins; all look-ups.
        """
        starts, feature, at, words = [0], [], [0], [np.empty(0, np.uint64)]
        for first in range(0, self.narrow, CHUNK):
            of_chunk = self._words(range(first, min(first + CHUNK, self.narrow)))
            feature += list(of_chunk)
            words += of_chunk.values()
            at += [at[-1] + so_far for so_far in accumulate(map(len, of_chunk.values()))]
            starts.append(len(feature))
        return np.array(starts, np.int64), np.array(feature, np.int64), np.array(at, np.int64), np.concatenate(words)

    def _words(self, blocks: range) -> dict[int, npt.NDArray[np.uint64]]:
        """Feature -> word per code, of the blocks of one chunk."""
        found: dict[int, npt.NDArray[np.uint64]] = {}
        for byte, block in enumerate(blocks):
            for entry in range(self.program_start[block], self.program_start[block + 1]):
                feature = int(self.entry_feature[entry])
                size = self.coder.size(feature)
                own = self.lookups[self.entry_start[entry] : self.entry_start[entry] + size].astype(np.uint64)
                word = found.setdefault(feature, np.zeros(size, np.uint64))
                word |= own << np.uint64(8 * byte)
        return dict(sorted(found.items()))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it as named arrays."""
        return {**_arrays(self.coder, "coder."), **_arrays(self, "")}

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """The tables that ``arrays`` gave.

        Raises:
            KeyError: When an array is missing.
        """
        coder = Coder(**{each.name: arrays[f"coder.{each.name}"] for each in fields(Coder)})
        own: dict[str, Any] = {each.name: arrays[each.name] for each in fields(cls) if each.name != "coder"}
        counts = {name: int(own[name]) for name in ("columns", "narrow", "exponent")}
        return cls(coder=coder, **{**own, **counts, "base": float(own["base"])})

    def in_log_odds(self, units: Integers) -> Floats:
        """Sums of units as log-odds; exact."""
        return np.asarray(units * self.unit, dtype=np.float64)


def _arrays(holder: Coder | ReasonTables, prefix: str) -> dict[str, npt.NDArray[Any]]:
    return {
        f"{prefix}{each.name}": np.asarray(getattr(holder, each.name))
        for each in fields(holder)
        if each.name != "coder"
    }
