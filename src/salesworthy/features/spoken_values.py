"""Which values of a feature are put into the same words, told for a whole column at once.

A sentence shows few digits of a number. A batch of leads has nearly as many different numbers as leads, and few
different sentences: putting each sentence into words once needs the numbers that sound alike brought together first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from salesworthy.features.catalogue import Feature
from salesworthy.features.sentences import is_days, is_share

Floats = npt.NDArray[np.float64]
_SURE = 0.49
"""Nearer than this to a whole number, a value is rounded to it by whoever rounds."""


def spoken_alike(feature: Feature, values: Floats) -> Floats:
    """For each value one that ``sentences.sentence`` puts into the same words, mostly the same one for all of these.

    Args:
        feature: Whose values.
        values: Numbers; NaN where unknown.

    Example:
        >>> spoken_alike(Feature("score", "column", type="number"), np.array([3.14159, 3.141, 250.3])).tolist()
        [3.14, 3.14, 250.0]
    """
    values = values + 0.0  # there is one nothing, not two
    with np.errstate(invalid="ignore", over="ignore"):
        if is_share(feature):
            return _shares(values)
        return _days(values) if is_days(feature) else _numbers(values)


def _rounded(values: Floats, scale: float) -> Floats:
    """Values rounded to so many parts of one, where there is no doubt which is the nearest."""
    scaled = values * scale
    whole = np.rint(scaled)
    return np.where(np.abs(scaled - whole) < _SURE, whole / scale, values)


def _shares(values: Floats) -> Floats:
    """Whole per cents; what is hardly anything or hardly not everything is said so."""
    hundredths = 100 * values
    found = np.where(hundredths > 0.5, _rounded(values, 100), values)
    found = np.where((hundredths > 0) & (hundredths < _SURE), 0.001, found)
    almost = (hundredths > 99.0) & (hundredths < 100)
    return np.where(almost, np.where(hundredths > 100 - _SURE, 0.999, values), found)


def _days(values: Floats) -> Floats:
    """Whole days; less than half a day is said so."""
    return np.where(values > 0.5, _rounded(values, 1), np.where((values > 0) & (values < _SURE), 0.25, values))


def _numbers(values: Floats) -> Floats:
    """Two digits behind the point up to ten, one up to a hundred, none beyond."""
    size = np.abs(values)
    tenths = _rounded(values, 10)
    tenths = np.where(tenths == np.rint(tenths), values, tenths)  # 12.04 is said to be 12.0, and 12 to be 12
    bands = [size >= 100, size >= 10, size >= 0.1]
    return np.select(bands, [_rounded(values, 1), tenths, _rounded(values, 100)], values)
