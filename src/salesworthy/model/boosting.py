"""Boosting: LightGBM trees on top of the backbone, small and held to the directions that people gave.

Trees read ``Encoded.trees``: clipped numbers, level codes as categories, NaN where unknown. They start from the
backbone's log-odds, so that without any tree the model is the backbone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import Encoded, Encoder

if TYPE_CHECKING:
    import lightgbm

MAX_DEPTH = 8
"""The shares of deeper trees cost too much to tell on every lead."""
MONOTONE = {"increasing": 1, "decreasing": -1}
STAGES = (0, 10, 20, 30, 50, 75, 100, 150, 200, 300)
"""Numbers of trees that are compared, at a learning rate of ``STAGE_RATE``; at another rate as many times more."""
STAGE_RATE = 0.05


@dataclass(frozen=True)
class TreeSettings:
    """How trees are grown. The defaults are small on purpose: in order of time, large trees lose.

    Attributes:
        leaves: At most so many per tree.
        depth: At most so many questions between root and leaf; 8 is the most.
        rate: Learning rate: the share of a tree's answer that is added.
        min_leaf_share: Of the training rows, that a leaf must hold.
        min_leaf_rows: That a leaf must hold however few rows there are.
        ridge: Penalty on the squares of leaf values (LightGBM's ``lambda_l2``).
        columns_per_tree: Share of the features that a tree is offered, drawn anew per tree.
        rows_per_tree: Share of the rows that a tree learns from, drawn anew per tree.

    Raises:
        ValueError: When a value is out of its range.
    """

    leaves: int = 8
    depth: int = 4
    rate: float = 0.05
    min_leaf_share: float = 0.004
    min_leaf_rows: int = 20
    ridge: float = 10.0
    columns_per_tree: float = 0.7
    rows_per_tree: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.rate, self.columns_per_tree, self.rows_per_tree)
        sound = self.leaves >= 2 and 1 <= self.depth <= MAX_DEPTH and all(0 < share <= 1 for share in shares)
        if not (sound and 0 <= self.min_leaf_share < 0.5 and self.min_leaf_rows >= 1 and self.ridge >= 0):
            raise ValueError(f"trees cannot be grown like that: {self}")

    @property
    def stages(self) -> tuple[int, ...]:
        """Numbers of trees to compare at this rate, the smallest (none) first.

        Example:
            >>> TreeSettings(rate=0.15).stages
            (0, 3, 7, 10, 17, 25, 33, 50, 67, 100)
        """
        return tuple(sorted({round(trees * STAGE_RATE / self.rate) for trees in STAGES}))

    def params(self, encoder: Encoder, directions: Mapping[str, str], rows: int, seed: int) -> dict[str, Any]:
        """LightGBM's parameters. One thread: on a busy machine its OpenMP threads wait for each other."""
        monotone = [MONOTONE.get(directions.get(name, ""), 0) for name in encoder.names]
        found = {
            "objective": "binary",
            "boost_from_average": False,
            "num_leaves": self.leaves,
            "max_depth": self.depth,
            "learning_rate": self.rate,
            "min_data_in_leaf": max(self.min_leaf_rows, int(self.min_leaf_share * rows)),
            "min_sum_hessian_in_leaf": 1.0,
            "lambda_l2": self.ridge,
            "feature_fraction": self.columns_per_tree,
            "bagging_fraction": self.rows_per_tree if self.rows_per_tree < 1 else None,
            "bagging_freq": 1 if self.rows_per_tree < 1 else None,
            "cat_l2": 20.0,
            "cat_smooth": 20.0,
            "max_cat_to_onehot": 4,
            "monotone_constraints": monotone if any(monotone) else None,
            "monotone_constraints_method": "intermediate",
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "seed": seed,
            "verbosity": -1,
        }
        return {name: value for name, value in found.items() if value is not None}


def grow(
    rows: Encoded,
    y: Floats,
    weight: Floats,
    start: Floats,
    encoder: Encoder,
    *,
    trees: int,
    settings: TreeSettings,
    directions: Mapping[str, str],
    seed: int,
) -> lightgbm.Booster:
    """Grow trees on what the backbone leaves unexplained.

    Args:
        rows: Encoded training rows.
        y: 1.0 or 0.0 per row.
        weight: Weight per row.
        start: Log-odds per row that the trees start from.
        encoder: What encoded the rows.
        trees: How many.
        settings: How they are grown.
        directions: ``increasing`` or ``decreasing`` per feature.
        seed: Of the columns and rows drawn per tree.
    """
    import lightgbm

    data = binned(rows, y, weight, start, encoder)
    return lightgbm.train(settings.params(encoder, directions, len(y), seed), data, num_boost_round=trees)


def binned(
    rows: Encoded,
    y: Floats,
    weight: Floats,
    start: Floats,
    encoder: Encoder,
    *,
    shared: bool = False,
    params: Mapping[str, Any] | None = None,
) -> lightgbm.Dataset:
    """Rows as LightGBM holds them; see ``grow``.

    Args:
        rows: Encoded training rows.
        y: 1.0 or 0.0 per row.
        weight: Weight per row.
        start: Log-odds per row that the trees start from.
        encoder: What encoded the rows.
        shared: Whether the bins, made once and for all, serve any settings; otherwise LightGBM may leave features out
            that the first settings can not split.
        params: LightGBM's parameters, where a booster is made of the rows without ``lightgbm.train``, which would pass
            them on.
    """
    import lightgbm

    data = lightgbm.Dataset(
        rows.trees,
        label=y,
        weight=weight,
        init_score=start,
        feature_name=[f"f{position}" for position in range(len(encoder.names))],
        categorical_feature=[position for position, name in enumerate(encoder.names) if name in encoder.categories],
        free_raw_data=False,
        params={
            "verbosity": -1,
            "num_threads": 1,
            **(params or {}),
            **({"feature_pre_filter": False} if shared else {}),
        },
    )
    return data.construct() if shared else data


class GrowingTrees:
    """Trees that are grown as far as somebody asks, and what the first so many add to rows that they did not see.

    Args:
        data: Rows to learn from; see ``binned``.
        params: LightGBM's parameters.
        rows: Encoded rows to score.
        stages: Numbers of trees to compare, none first.
    """

    def __init__(self, data: lightgbm.Dataset, params: Mapping[str, Any], rows: Encoded, stages: Sequence[int]) -> None:
        import lightgbm

        self._booster = lightgbm.Booster(dict(params), data)
        self._rows, self._stages = rows, stages
        self._added = [np.zeros(len(rows))]

    def added(self, place: int) -> Floats:
        """What the trees of a stage add to the backbone, per row."""
        while len(self._added) <= place:
            first, until = self._stages[len(self._added) - 1], self._stages[len(self._added)]
            for _ in range(until - first):
                self._booster.update()
            self._added.append(self._added[-1] + _raw(self._booster, self._rows.trees, first, until - first))
        return self._added[place]


def staged_log_odds(booster: lightgbm.Booster, rows: Encoded, stages: Sequence[int]) -> Floats:
    """Stages x rows: what the first so many trees add to the backbone."""
    added = np.zeros((len(stages), len(rows)))
    done, total = 0, np.zeros(len(rows))
    for place, stage in enumerate(stages):
        if stage > done:
            total = total + _raw(booster, rows.trees, done, stage - done)
            done = stage
        added[place] = total
    return added


def _raw(booster: lightgbm.Booster, values: Floats, first: int, count: int) -> Floats:
    raw = booster.predict(values, raw_score=True, start_iteration=first, num_iteration=count, num_threads=1)
    return np.asarray(raw, dtype=np.float64)
