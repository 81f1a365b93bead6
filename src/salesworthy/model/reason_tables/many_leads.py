# ruff: noqa: PLR0917  # compiled functions take their arguments by position
"""The kernel for many leads, compiled by numba. Loading it takes about a second; then a lead costs microseconds.

Compiled code is kept by numba beside this file, or in the user's cache folder where that cannot be written; where
neither can, it is compiled anew in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from salesworthy.model.dataset import Integers
from salesworthy.model.reason_tables.codes import TINY, Codes
from salesworthy.model.reason_tables.tables import CHUNK, ReasonTables

TILE = 8_192
"""Leads that are worked on at once: their patterns and one column stay near the processor."""
_BYTE = np.uint64(255)


def _compiled(function: Callable[..., Any]) -> Any:
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba finds no folder that it may write to
        return numba.njit(nogil=True)(function)


def add_shares(tables: ReasonTables, codes: Codes, units: Integers) -> None:
    """Add the shares of leads to ``units``, as ``few_leads.add_shares`` does. The lock on Python is released."""
    if tables.blocks:
        chunk_start, cell_block, cell_column, cell_start = tables.cells_by_chunk
        wide = (tables.program_start[tables.narrow :], tables.entry_feature, tables.entry_start, tables.lookups)
        cell_bits = (8 * (cell_block % CHUNK)).astype(np.uint64)
        _add_shares(
            codes, *tables.words_by_chunk, wide, chunk_start, cell_bits, cell_column, cell_start, tables.shares, units
        )  # fmt: skip


def code_number(
    values: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64], nan: int, zero_missing: bool, out: Codes
) -> None:
    """Write the codes of a number, as ``Coder.code`` gives them."""
    steps = len(thresholds).bit_length()
    padded = np.full(2**steps - 1, np.inf)
    padded[: len(thresholds)] = thresholds
    _code_number(values, padded, steps, nan, zero_missing, TINY, out)


@_compiled
def _code_number(values, thresholds, steps, nan, zero_missing, tiny, out):  # type: ignore[no-untyped-def]
    for row in range(values.shape[0]):
        value = values[row]
        is_tiny = abs(value) <= tiny
        if is_tiny:
            value = 0.0
        place, jump = 0, 1 << steps
        for _ in range(steps):
            jump >>= 1
            place += jump if thresholds[place + jump - 1] < value else 0
        if np.isnan(value) or (zero_missing and is_tiny):
            place = nan
        out[row] = place


@_compiled
def _join1(out, x0, l0, fresh):  # type: ignore[no-untyped-def]
    if fresh:
        for row in range(out.shape[0]):
            out[row] = l0[x0[row]]
    else:
        for row in range(out.shape[0]):
            out[row] |= l0[x0[row]]


@_compiled
def _join2(out, x0, l0, x1, l1, fresh):  # type: ignore[no-untyped-def]
    if fresh:
        for row in range(out.shape[0]):
            out[row] = l0[x0[row]] | l1[x1[row]]
    else:
        for row in range(out.shape[0]):
            out[row] |= l0[x0[row]] | l1[x1[row]]


@_compiled
def _join4(out, x0, l0, x1, l1, x2, l2, x3, l3, fresh):  # type: ignore[no-untyped-def]
    if fresh:
        for row in range(out.shape[0]):
            out[row] = (l0[x0[row]] | l1[x1[row]]) | (l2[x2[row]] | l3[x3[row]])
    else:
        for row in range(out.shape[0]):
            out[row] |= (l0[x0[row]] | l1[x1[row]]) | (l2[x2[row]] | l3[x3[row]])


@_compiled
def _patterns(out, codes, entry_feature, entry_start, lookups, first, last):  # type: ignore[no-untyped-def]
    """Bytes of one block, or words of a chunk: the look-ups of its entries, joined."""
    at = first
    while at < last:
        f, s, left = entry_feature, entry_start, last - at
        if left >= 4:
            _join4(
                out, codes[f[at]], lookups[s[at] :], codes[f[at + 1]], lookups[s[at + 1] :],
                codes[f[at + 2]], lookups[s[at + 2] :], codes[f[at + 3]], lookups[s[at + 3] :], at == first,
            )  # fmt: skip
            at += 4
        elif left >= 2:
            _join2(out, codes[f[at]], lookups[s[at] :], codes[f[at + 1]], lookups[s[at + 1] :], at == first)
            at += 2
        else:
            _join1(out, codes[f[at]], lookups[s[at] :], at == first)
            at += 1


@_compiled
def _add1(out, word, b0, t0):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        out[row] += np.int64(t0[(word[row] >> b0) & _BYTE])


@_compiled
def _add2(out, word, b0, t0, b1, t1):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        x = word[row]
        out[row] += np.int64(t0[(x >> b0) & _BYTE]) + np.int64(t1[(x >> b1) & _BYTE])


@_compiled
def _add3(out, word, b0, t0, b1, t1, b2, t2):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        x = word[row]
        out[row] += (np.int64(t0[(x >> b0) & _BYTE]) + np.int64(t1[(x >> b1) & _BYTE])) + np.int64(
            t2[(x >> b2) & _BYTE]
        )


@_compiled
def _add4(out, word, b0, t0, b1, t1, b2, t2, b3, t3):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        x = word[row]
        a, b = np.int64(t0[(x >> b0) & _BYTE]), np.int64(t1[(x >> b1) & _BYTE])
        c, d = np.int64(t2[(x >> b2) & _BYTE]), np.int64(t3[(x >> b3) & _BYTE])
        out[row] += (a + b) + (c + d)


@_compiled
def _add_wide(out, low, high, table):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        out[row] += table[np.int64(low[row]) + 256 * np.int64(high[row])]


@_compiled
def _add_chunk(units, word, first, cell, last, cell_bits, cell_column, cell_start, shares):  # type: ignore[no-untyped-def]
    """Add the cells of a chunk, those of one column together."""
    b, t = cell_bits, cell_start
    while cell < last:
        column = cell_column[cell]
        out = units[column, first : first + word.shape[0]]
        if cell + 3 < last and cell_column[cell + 3] == column:
            _add4(
                out, word, b[cell], shares[t[cell] :], b[cell + 1], shares[t[cell + 1] :],
                b[cell + 2], shares[t[cell + 2] :], b[cell + 3], shares[t[cell + 3] :],
            )  # fmt: skip
            cell += 4
        elif cell + 2 < last and cell_column[cell + 2] == column:
            _add3(
                out, word, b[cell], shares[t[cell] :], b[cell + 1], shares[t[cell + 1] :],
                b[cell + 2], shares[t[cell + 2] :],
            )  # fmt: skip
            cell += 3
        elif cell + 1 < last and cell_column[cell + 1] == column:
            _add2(out, word, b[cell], shares[t[cell] :], b[cell + 1], shares[t[cell + 1] :])
            cell += 2
        else:
            _add1(out, word, b[cell], shares[t[cell] :])
            cell += 1


@_compiled
def _add_shares(  # type: ignore[no-untyped-def]
    codes, word_entries, entry_feature, entry_start, lookups, wide, chunk_start, cell_bits, cell_column, cell_start,
    shares, units,
):  # fmt: skip
    words, low, high = np.empty(TILE, np.uint64), np.empty(TILE, np.uint8), np.empty(TILE, np.uint8)
    narrow_chunks = word_entries.shape[0] - 1
    program_start, program_feature, program_entry, bytes_of = wide
    for start in range(0, codes.shape[1], TILE):
        rows = min(TILE, codes.shape[1] - start)
        x = codes[:, start : start + rows]
        for chunk in range(narrow_chunks):
            word = words[:rows]
            _patterns(word, x, entry_feature, entry_start, lookups, word_entries[chunk], word_entries[chunk + 1])
            cell, last = chunk_start[chunk], chunk_start[chunk + 1]
            _add_chunk(units, word, start, cell, last, cell_bits, cell_column, cell_start, shares)
        for chunk in range(narrow_chunks, chunk_start.shape[0] - 1):
            at = 2 * (chunk - narrow_chunks)
            ends = program_start[at : at + 3]
            _patterns(low[:rows], x, program_feature, program_entry, bytes_of, ends[0], ends[1])
            _patterns(high[:rows], x, program_feature, program_entry, bytes_of, ends[1], ends[2])
            for cell in range(chunk_start[chunk], chunk_start[chunk + 1]):
                out = units[cell_column[cell], start : start + rows]
                _add_wide(out, low[:rows], high[:rows], shares[cell_start[cell] :])
