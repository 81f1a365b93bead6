"""Hundreds of generated models: tables against ``pred_contrib``, and interventional tables against shap."""

from __future__ import annotations

import time
import warnings

import lightgbm
import numpy as np
from experiments.reasons.interventional import interventional_tables
from tests.unit.model.generated_forests import FEATURES, KINDS, QUIET, generated

from salesworthy.model.reason_tables.kernels import codes_of, shares_of
from salesworthy.model.reason_tables.proof import largest_error
from salesworthy.model.reason_tables.tables import ReasonTables
from salesworthy.model.trees import Trees

TOP = 3
TIE = 1e-7
"""Shares that are closer than this, in log-odds, have no order."""


def shares(tables: ReasonTables, rows: np.ndarray) -> np.ndarray:
    codes = codes_of(tables, list(rows.T), [False] * tables.coder.features)
    return shares_of(tables, codes).T


def against_pred_contrib(seeds: int) -> dict:
    """Largest error per kind of model, and rows whose three largest shares are not LightGBM's."""
    started, worst, without, other_top, rows = time.perf_counter(), {}, 0, 0, 0
    for kind in KINDS:
        for seed in range(seeds):
            model = generated(kind, 1_000 + seed)
            if model.trees.tables is None:
                without += 1
                continue
            worst[kind] = max(worst.get(kind, 0.0), largest_error(model.trees, model.rows))
            ours, theirs = shares(model.trees.tables, model.rows), model.trees.shares_by_lightgbm(model.rows)[:, :-1]
            other_top += int(different_top(ours, theirs).sum())
            rows += len(ours)
    return {
        "models": seeds * len(KINDS),
        "without tables": without,
        "rows": rows,
        "largest error, log-odds": max(worst.values()),
        "largest error per kind": worst,
        "rows whose three largest shares differ, ties apart": other_top,
        "seconds": round(time.perf_counter() - started, 1),
    }


def different_top(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Rows in which a feature among our three largest is not among theirs, by more than a tie."""
    third = -np.sort(-theirs, axis=1)[:, TOP - 1]
    chosen = np.argsort(-ours, axis=1, kind="stable")[:, :TOP]
    return (np.take_along_axis(theirs, chosen, axis=1) < third[:, None] - TIE).any(axis=1)


def against_shap_interventional(seeds: int) -> dict:
    """Numbers alone, where shap is right; then with categories, where the sum over a row tells who is."""
    import shap

    warnings.filterwarnings("ignore", module="shap")
    worst, ours_gap, shap_gap = 0.0, 0.0, 0.0
    for seed in range(seeds):
        for categories in (False, True):
            trees, X = _model(seed, categories)
            background, rows = X[:60], X[60:160]
            base = float(trees.log_odds(background).mean())
            ours = shares(interventional_tables(trees.forest, background, base=base), rows)
            explainer = shap.TreeExplainer(trees.booster, background, feature_perturbation="interventional")
            found = explainer.shap_values(rows, check_additivity=False)
            theirs = found[1] if isinstance(found, list) else found
            if categories:
                raw = trees.log_odds(rows)
                ours_gap = max(ours_gap, float(np.abs(ours.sum(axis=1) + base - raw).max()))
                shap_gap = max(shap_gap, float(np.abs(theirs.sum(axis=1) + explainer.expected_value - raw).max()))
            else:
                worst = max(worst, float(np.abs(ours - theirs).max()))
    return {
        "models of each sort": seeds,
        "numbers: largest difference to shap": worst,
        "categories: base + shares - score, ours": ours_gap,
        "categories: base + shares - score, shap": shap_gap,
    }


def _model(seed: int, categories: bool) -> tuple[Trees, np.ndarray]:
    draw = np.random.default_rng(seed)
    X = draw.standard_normal((2_000, FEATURES))
    X[draw.random(X.shape) < 0.05] = np.nan
    X[:, 5], X[:, 6] = draw.integers(0, 30, 2_000), draw.integers(0, 8, 2_000)
    log_odds = np.nan_to_num(X[:, 0]) + (X[:, 5] % 3 == 0) + np.isnan(X[:, 1]) - np.nan_to_num(X[:, 2]) * (X[:, 6] > 4)
    y = (draw.random(2_000) < 1 / (1 + np.exp(-log_odds))).astype(int)
    data = lightgbm.Dataset(X, y, categorical_feature=[5, 6] if categories else [], params=QUIET)
    parameters = {"objective": "binary", "num_leaves": 15, "max_depth": 8, "min_data_per_group": 5, **QUIET}
    return Trees(lightgbm.train(parameters, data, 30).model_to_string()), X
