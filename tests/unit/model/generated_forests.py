"""Generated LightGBM models of every kind that it makes, and rows that are hard to read.

Shared by the tests of reason tables and by ``experiments/reasons``, which goes through hundreds of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from salesworthy.model.reason_tables.codes import learn_codes
from salesworthy.model.reason_tables.proof import hostile_rows
from salesworthy.model.trees import Trees

FEATURES = 12
CATEGORIES = (5, 6)
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "zero as missing": {"zero_as_missing": True},
    "no missing": {"use_missing": False},
    "dart": {"boosting": "dart"},
    "random forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
    "goss": {"data_sample_strategy": "goss"},
    "extra trees": {"extra_trees": True},
    "monotone": {"monotone_constraints": [1, -1] + [0] * (FEATURES - 2)},
    "monotone, advanced": {
        "monotone_constraints": [1, -1, 1] + [0] * (FEATURES - 3), "monotone_constraints_method": "advanced",
    },
    "one level against the rest": {"max_cat_to_onehot": 300},
    "many levels left": {"cat_smooth": 0.1, "min_data_per_group": 1, "cat_l2": 0.1, "max_cat_threshold": 200},
    "unbalanced": {"is_unbalance": True},
    "from zero": {"boost_from_average": False},
    "cross entropy": {"objective": "cross_entropy"},
    "regression": {"objective": "regression"},
    "quantised labels": {"objective": "poisson"},
    "smoothed paths": {"path_smooth": 5.0},
    "fine bins": {"max_bin": 1000, "min_data_in_bin": 1},
    "bagged, part of the columns": {"bagging_freq": 1, "bagging_fraction": 0.5, "feature_fraction": 0.4},
    "interaction constraints": {"interaction_constraints": [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]},
    "linear restraint": {"lambda_l1": 2.0, "lambda_l2": 20.0, "max_delta_step": 0.2},
    "constant": {"min_data_in_leaf": 100_000},
    "one split": {"num_leaves": 2},
    "deep": {"max_depth": -1, "num_leaves": 60, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0},
}  # fmt: skip
"""What each kind adds to the ordinary parameters."""


@dataclass(frozen=True)
class Generated:
    """A model, and rows to hold it against: some that it learned from and some hostile ones."""

    trees: Trees
    rows: np.ndarray
    kind: str
    seed: int


def generated(kind: str, seed: int, *, rows: int = 1_500, trees: int = 20, compared: int = 200) -> Generated:
    """A model of a kind, the same for the same seed."""
    draw = np.random.default_rng(seed)
    X = _values(draw, rows, seed)
    booster = lightgbm.train(
        _parameters(kind, seed, draw),
        lightgbm.Dataset(X, _labels(draw, X), categorical_feature=list(CATEGORIES) if seed % 4 else [], params=QUIET),
        int(draw.integers(1, trees + 1)),
    )
    model = Trees(booster.model_to_string())
    hostile = hostile_rows(learn_codes(model.forest), X[: compared // 2], compared - compared // 2, seed=seed)
    return Generated(model, hostile, kind, seed)


QUIET = {"verbose": -1, "num_threads": 1}


def _parameters(kind: str, seed: int, draw: np.random.Generator) -> dict[str, Any]:
    ordinary = {
        "objective": "binary",
        "num_leaves": int(draw.integers(2, 64)),
        "max_depth": int(draw.choice([-1, 3, 8])),
        "learning_rate": float(draw.choice([0.03, 0.1, 0.3])),
        "min_data_in_leaf": int(draw.choice([1, 5, 20])),
        "max_bin": int(draw.choice([15, 63, 255])),
        "seed": seed,
        **QUIET,
    }
    return {**ordinary, **KINDS[kind]}


def _values(draw: np.random.Generator, rows: int, seed: int) -> np.ndarray:
    X = draw.standard_normal((rows, FEATURES))
    X[:, 1] = np.round(X[:, 1], 1)
    X[:, 2] = draw.poisson(1, rows)
    X[draw.random(rows) < 0.3, 3] = np.nan
    X[draw.random(rows) < 0.5, 4] = 0.0
    X[:, 5] = np.where(draw.random(rows) < 0.1, np.nan, draw.integers(0, 40, rows))
    X[:, 6] = draw.integers(0, 300, rows)
    X[:, 7] *= 1e-36 if seed % 3 == 0 else 1.0
    X[:, 8] = np.exp(X[:, 8] * 10)
    X[draw.random(rows) < 0.05, 9] = np.inf
    X[:, 10] = np.where(draw.random(rows) < 0.2, np.nan, draw.random(rows) < 0.4)
    return X


def _labels(draw: np.random.Generator, X: np.ndarray) -> np.ndarray:
    log_odds = (
        np.nan_to_num(X[:, 0]) + 1.5 * np.isnan(X[:, 3]) + 1.2 * (X[:, 5] % 3 == 0) + (X[:, 6] % 7 == 0) * X[:, 2]
        + 0.8 * np.isinf(X[:, 9]) - 1.0
    )  # fmt: skip
    return (draw.random(len(X)) < 1 / (1 + np.exp(-log_odds))).astype(float)
