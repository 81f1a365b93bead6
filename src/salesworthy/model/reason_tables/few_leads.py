"""The kernel for few leads: numpy alone, all blocks at once. It needs no compiler and nothing to be loaded."""

from __future__ import annotations

import numpy as np

from salesworthy.model.dataset import Integers
from salesworthy.model.reason_tables.codes import Codes
from salesworthy.model.reason_tables.tables import ReasonTables

CELLS_AT_ONCE = 2_000_000
"""Cells times leads that are held in memory at once."""


def add_shares(tables: ReasonTables, codes: Codes, units: Integers) -> None:
    """Add the shares of leads to ``units``.

    Args:
        tables: The tables.
        codes: Features x leads.
        units: Columns x leads.
    """
    if not tables.blocks:
        return
    cell_block, cell_start, column, first = tables.cells_by_column
    at_once = max(1, CELLS_AT_ONCE // len(cell_block))
    for start in range(0, codes.shape[1], at_once):
        some = slice(start, start + at_once)
        pattern = _patterns(tables, codes[:, some])
        shares = tables.shares[cell_start[:, None] + pattern[cell_block]]
        units[column, some] += np.add.reduceat(shares, first, axis=0, dtype=np.int64)


def _patterns(tables: ReasonTables, codes: Codes) -> Integers:
    """Blocks x leads."""
    bits = tables.lookups[tables.entry_start[:, None] + codes[tables.entry_feature]]
    byte = np.bitwise_or.reduceat(bits, tables.program_start[:-1], axis=0).astype(np.int64)
    low, high = byte[tables.narrow :: 2], byte[tables.narrow + 1 :: 2]
    return np.concatenate([byte[: tables.narrow], low + 256 * high])
