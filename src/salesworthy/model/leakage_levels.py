"""Columns as levels, so that every detector counts the same way whatever a column holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import rankdata

from salesworthy.model.columns import ColumnKind, FeatureColumns
from salesworthy.model.dataset import Flags, Floats, Integers

FEW_VALUES = 40
"""A number with at most so many values has a level for each; with more, a level for each range of values."""
RANGES = 20
BLOCKS = 20
"""Rows are cut in this many blocks that follow one another; outcome rates are compared within them."""
LEARNED_SHARE = 0.6
"""Skill is learned on this share of the rows, the earlier ones, and measured on the later ones."""


@dataclass(frozen=True)
class Levels:
    """One column as levels.

    Attributes:
        name: Of the feature.
        kind: What it holds.
        codes: Level per row; the last level is "not known".
        count: How many levels, with "not known".
        values: The distinct values that are levels, or the lower bounds of ranges from the second one on.
        ranges: Whether a level is a range of values.
    """

    name: str
    kind: ColumnKind
    codes: Integers
    count: int
    values: tuple[object, ...]
    ranges: bool

    @property
    def missing(self) -> Flags:
        """Rows whose value is not known."""
        return np.asarray(self.codes == self.count - 1)

    def sums(self, weights: Floats | None = None) -> Floats:
        """Rows per level, or the sum of weights over them."""
        return np.bincount(self.codes, weights, self.count).astype(np.float64)

    def says(self, level: int) -> str:
        """A level in words."""
        if level == self.count - 1:
            return "not known"
        if not self.ranges:
            return f'"{_short(self.values[level])}"'
        if level == 0:
            return f"below {_short(self.values[0])}"
        if level == len(self.values):
            return f"from {_short(self.values[-1])}"
        return f"from {_short(self.values[level - 1])} to {_short(self.values[level])}"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:40]


@dataclass(frozen=True)
class AuditRows:
    """Judged handoffs in order of time.

    Attributes:
        columns: Candidate columns.
        label: 1.0 or 0.0 per row.
        times: Moment of the handoff per row, rising.
        accounts: Account number per row; None where accounts are not known.
    """

    columns: FeatureColumns
    label: Floats
    times: Integers
    accounts: Integers | None

    def __len__(self) -> int:
        return len(self.label)

    @cached_property
    def blocks(self) -> Integers:
        """Block of time per row; rows of one moment stay together."""
        ranks = rankdata(self.times, method="min") - 1
        return np.asarray(ranks * BLOCKS // max(len(self), 1), dtype=np.int64)

    @cached_property
    def rates(self) -> Floats:
        """Outcome rate of each row's block."""
        rows = np.bincount(self.blocks, minlength=BLOCKS)
        return np.asarray((np.bincount(self.blocks, self.label, BLOCKS) / np.maximum(rows, 1))[self.blocks])

    @cached_property
    def earlier(self) -> Flags:
        """Rows that skill is learned on; the others are later."""
        if not len(self):
            return np.zeros(0, dtype=np.bool_)
        boundary = self.times[min(int(LEARNED_SHARE * len(self)), len(self) - 1)]
        return np.asarray(self.times < boundary)

    @cached_property
    def levels(self) -> tuple[Levels, ...]:
        """Every column as levels."""
        return tuple(as_levels(self.columns, name) for name in self.columns.kinds)


def as_levels(columns: FeatureColumns, name: str) -> Levels:
    """One column as levels."""
    kind, values = columns.kinds[name], columns.values[name]
    if isinstance(values, pa.StringArray):
        coded = pc.dictionary_encode(values)
        words = tuple(coded.dictionary.to_pylist())
        codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False).astype(np.int64)
        return Levels(name, kind, codes, len(words) + 1, words, ranges=False)
    return _number_levels(name, kind, values)


def _number_levels(name: str, kind: ColumnKind, values: Floats) -> Levels:
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    ranges = len(distinct) > FEW_VALUES
    edges = np.unique(np.quantile(known, np.arange(1, RANGES) / RANGES, method="lower")) if ranges else distinct
    if ranges:
        codes, count = np.searchsorted(edges, values, side="right"), len(edges) + 2
    else:
        codes, count = np.searchsorted(edges, values), len(edges) + 1
    codes = np.where(np.isnan(values), count - 1, codes).astype(np.int64)
    words = tuple(edges.tolist()) if kind is not ColumnKind.YES_NO else tuple("yes" if each else "no" for each in edges)
    return Levels(name, kind, codes, count, words, ranges)
