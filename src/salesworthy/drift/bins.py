"""Bins: the few cuts and levels into which a feature's weekly counts are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.drift.grid import cells
from salesworthy.drift.watched import MISSING, Family, Floats, Watched
from salesworthy.features.catalogue import Catalogue, Dtype, Feature, FeatureKind

CUTS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Quantiles at which a number is cut."""
LEAST_SHARE = 0.005
"""A cut that leaves less than this on one side says nothing."""
MOST_LEVELS = 20
"""Levels of a category that are counted by name, the most frequent ones; the rest is counted together."""


@dataclass(frozen=True)
class Bins:
    """How one feature is counted: by cuts of a number, or by whether it is yes; categories are counted by level."""

    feature: Feature
    cuts: tuple[float, ...] = ()

    @property
    def watched(self) -> tuple[Watched, ...]:
        """What is counted beside the missing ones, in order."""
        levels = ("yes",) if self.feature.dtype == Dtype.YES_NO else tuple(f"at most {cut:g}" for cut in self.cuts)
        return tuple(self._of(level) for level in levels)

    @property
    def missing(self) -> Watched:
        """The count of rows where the feature is not known."""
        return self._of(MISSING)

    def _of(self, level: str) -> Watched:
        feature = self.feature
        return Watched(Family.FEATURE, feature.name, level, table=feature.table, column=feature.column)


def bins_of(catalogue: Catalogue, sample: pa.Table) -> list[Bins]:
    """Bins of every number and every yes or no of a catalogue, outcome rates left out.

    An outcome rate (``history``) moves whenever results of a new campaign come in, though nothing about leads has
    changed. What goes into it, campaigns and outcomes, is watched itself; so is what the model makes of it, under its
    reason.

    Args:
        catalogue: The features.
        sample: Some rows of them.
    """
    return [
        Bins(each, () if each.dtype == Dtype.YES_NO else cuts(_ends(sample[each.name])))
        for each in catalogue
        if each.dtype != Dtype.CATEGORY and each.kind != FeatureKind.HISTORY
    ]


def _ends(values: pa.ChunkedArray) -> Floats:
    """The ends of the cells in which known values lie."""
    return cells(np.asarray(pc.drop_null(values).cast(pa.float64()).to_numpy()))


def cuts(values: pa.ChunkedArray | Sequence[float] | Floats) -> tuple[float, ...]:
    """Where to cut a number: at quantiles, and at zero where many are zero; fewer where values repeat.

    Example:
        >>> cuts([0.0] * 60 + [1.0] * 20 + [2.0] * 15 + [9.0] * 5)
        (0.0, 1.0, 2.0)
    """
    column = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([list(values)])
    known = np.sort(np.asarray(pc.drop_null(column).cast(pa.float64()).to_numpy()))
    if not len(known):
        return ()
    places = np.unique(np.concatenate([np.quantile(known, CUTS, method="lower"), [0.0]]))
    below = np.searchsorted(known, places, side="right") / len(known)
    kept = (below >= LEAST_SHARE) & (below <= 1 - LEAST_SHARE)
    return tuple(float(place) for place in places[kept])
