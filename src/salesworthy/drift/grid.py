"""The grid on which numbers are counted, the same for all data.

A number lies in the cell that ends at the next value with seven binary digits at or above it: cells are at most 1.6 %
wide, and whole numbers up to 128 have one each. Sizes of cells are powers of two, so that ends of cells are exact, and
``number <= end`` holds for all numbers of a cell or for none.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np

from salesworthy.drift.watched import Floats

DIGITS = 6
"""Binary digits of the end of a cell after its first."""


def cell(value: ir.NumericValue) -> ir.FloatingValue:
    """The end of the cell in which each number lies."""
    number = value.cast("float64")
    size = ibis.literal(2.0) ** ((number == 0).ifelse(1.0, number.abs()).log2().floor() - DIGITS)
    return (number / size).ceil() * size


def cells(values: Floats) -> Floats:
    """The same for numbers at hand.

    Example:
        >>> cells(np.array([0.0, 7.0, 1000.5, -0.3])).tolist()
        [0.0, 7.0, 1008.0, -0.296875]
    """
    size = 2.0 ** (np.floor(np.log2(np.where(values == 0, 1.0, np.abs(values)))) - DIGITS)
    return np.ceil(values / size) * size
