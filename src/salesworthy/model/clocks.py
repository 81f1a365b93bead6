"""Clock columns: values that tell little more than when a lead was handed over.

Such a column looks useful wherever the outcome rate moves, and misleads afterwards: the values of next quarter were
never seen. On the bank campaign of ``experiments/time_ordered_models`` five macro-economic columns are clocks; leaving
them out improves later log-loss in most windows, and bounds it in all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import rankdata

from salesworthy.model.columns import ColumnKind, FeatureColumns
from salesworthy.model.dataset import Floats, Integers

BLOCKS = 20
"""Training rows are cut in this many blocks that follow one another, equally large."""
CLOCK_SHARE = 0.7
"""A column is a clock when the block explains more than this share of its variance. On the data above, clocks lie
between 0.73 and 0.99 and everything else below 0.28."""
MIN_ROWS = 400
"""On fewer rows a block holds too few to tell."""


def clock_columns(columns: FeatureColumns, times: Integers) -> dict[str, float]:
    """Columns that are clocks, each with the share of its variance that time explains.

    Args:
        columns: Training columns.
        times: Moment per row.
    """
    if columns.rows < MIN_ROWS or len(np.unique(times)) < 2 * BLOCKS:
        return {}
    blocks = _blocks(times)
    shares = {name: share for name, share in _shares(columns, blocks) if share > CLOCK_SHARE}
    return dict(sorted(shares.items()))


def _blocks(times: Integers) -> Integers:
    ranks = rankdata(times, method="min") - 1
    return np.asarray(ranks * BLOCKS // len(times), dtype=np.int64)


def _shares(columns: FeatureColumns, blocks: Integers) -> Iterator[tuple[str, float]]:
    for name, kind in columns.kinds.items():
        values = columns.values[name]
        if kind is ColumnKind.CATEGORY:
            yield name, _explained_levels(values, blocks)
        else:
            yield name, _explained(_ranked(values), blocks)


def _ranked(values: Floats) -> Floats:
    """Ranks, so that no unit and no outlier matters; unknown values stand below all others."""
    return np.asarray(rankdata(np.nan_to_num(values, nan=-np.inf, posinf=np.finfo(float).max)))


def _explained(values: Floats, blocks: Integers) -> float:
    """Share of the variance between blocks (eta squared)."""
    rows = np.bincount(blocks, minlength=BLOCKS)
    means = np.bincount(blocks, values, BLOCKS) / np.maximum(rows, 1)
    spread = float(values.var())
    return float(rows @ (means - values.mean()) ** 2 / len(values) / spread) if spread > 0 else 0.0


def _explained_levels(values: pa.StringArray, blocks: Integers) -> float:
    """Share of the Gini impurity of levels that blocks explain (Goodman and Kruskal's tau)."""
    coded = pc.dictionary_encode(values.fill_null(""))
    codes, levels = coded.indices.to_numpy(zero_copy_only=False), len(coded.dictionary)
    table = np.bincount(blocks * levels + codes, minlength=BLOCKS * levels).reshape(BLOCKS, levels) / len(blocks)
    total = 1 - float((table.sum(axis=0) ** 2).sum())
    rows = np.maximum(table.sum(axis=1), 1e-12)
    within = 1 - float((table**2 / rows[:, None]).sum())
    return 1 - within / total if total > 0 else 0.0
