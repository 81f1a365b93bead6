"""What a score with its reasons costs per lead, beside what people use today: one thread, ratios inside one process."""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import lightgbm
import numpy as np
from experiments.benchmarks.reasons_leads import CATEGORIES, FEATURES, GROUPS, NUMBERS, leads
from experiments.reasons.interventional import interventional_tables

from salesworthy.model.reason_tables import few_leads
from salesworthy.model.reason_tables.building import build_tables
from salesworthy.model.reason_tables.forest import read_forest
from salesworthy.model.reason_tables.kernels import codes_of, shares_of
from salesworthy.model.reason_tables.tables import ReasonTables
from salesworthy.model.trees import Trees

TRAINING = 15_000
BACKGROUND = 100
PEERS = {"woodelf": "woodelf-explainer", "fasttreeshap_fixed": "fasttreeshap-fixed", "xgboost": "xgboost",
         "catboost": "catboost"}  # fmt: skip


@dataclass(frozen=True)
class Size:
    trees: int
    leaves: int
    categories: bool = True

    @property
    def name(self) -> str:
        return f"{self.trees} trees x {self.leaves} leaves" + ("" if self.categories else ", numbers only")


SIZES = (Size(300, 31), Size(300, 127), Size(600, 127), Size(300, 31, categories=False))


@dataclass(frozen=True)
class Contender:
    """Something that is run over so many leads, and what its result is checked against."""

    run: Callable[[], np.ndarray]
    rows: int
    error: Callable[[np.ndarray], float] | None = None


def measure(size: Size, rows: int, repeat: int = 3) -> dict:
    """Microseconds of processor time per lead, errors, and ratios to the product's kernel."""
    features = FEATURES if size.categories else NUMBERS
    X, y = leads(TRAINING + rows, seed=1)
    X = np.ascontiguousarray(X[:, :features])
    started = time.process_time()
    booster = _train(size, X[:TRAINING], y[:TRAINING])
    trained = time.process_time() - started
    asked = X[TRAINING:]
    started = time.process_time()
    tables = build_tables(read_forest(booster.model_to_string()))
    built = time.process_time() - started
    contenders, failed = {}, {}
    for name, make in _contenders(size, booster, tables, X[:TRAINING], y[:TRAINING], asked):
        try:
            contender = make()
            contenders[name] = (contender, contender.run())
        except Exception as error:  # what does not run here is a result too
            failed[name] = f"{type(error).__name__}: {str(error)[:160]}"
    errors = {name: each.error(result) for name, (each, result) in contenders.items() if each.error is not None}
    taken = _times({name: each for name, (each, _) in contenders.items()}, repeat)
    ours = taken["reason tables: score and every feature"]
    return {
        "training rows": TRAINING,
        "seconds of one training": round(trained, 1),
        "tables": {
            "seconds to build": round(built, 2), "blocks": tables.blocks, "wide blocks": tables.blocks - tables.narrow,
            "megabytes": round((tables.shares.nbytes + tables.lookups.nbytes) / 1e6, 1),
        },
        "microseconds per lead": {name: round(value, 2) for name, value in taken.items()},
        "times the cost of our kernel": {name: round(value / ours, 2) for name, value in taken.items()},
        "largest error in log-odds": errors,
        "did not run": failed,
    }  # fmt: skip


def _times(contenders: dict[str, Contender], repeat: int) -> dict[str, float]:
    """Median over rounds in which every contender has its turn."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeat):
        for name, each in contenders.items():
            started = time.process_time()
            each.run()
            taken[name].append((time.process_time() - started) / each.rows * 1e6)
    return {name: float(np.median(values)) for name, values in taken.items()}


def _train(size: Size, X: np.ndarray, y: np.ndarray) -> lightgbm.Booster:
    parameters = {
        "objective": "binary", "num_leaves": size.leaves, "max_depth": 8, "learning_rate": 0.05, "min_data_in_leaf": 50,
        "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(X, y, categorical_feature=CATEGORIES if size.categories else [])
    return lightgbm.train(parameters, data, size.trees)


def _columns(X: np.ndarray) -> list[np.ndarray]:
    """Columns as the product's encoder gives them: numbers, and whole level codes with 0 for unknown."""
    return [
        np.nan_to_num(X[:, feature]).astype(np.int64) if feature >= NUMBERS else np.ascontiguousarray(X[:, feature])
        for feature in range(X.shape[1])
    ]


def _explained(tables: ReasonTables, columns: list[np.ndarray]) -> np.ndarray:
    codes = codes_of(tables, columns, [feature >= NUMBERS for feature in range(len(columns))])
    return shares_of(tables, codes).T


def _few(tables: ReasonTables, X: np.ndarray) -> np.ndarray:
    codes = np.stack([tables.coder.code(feature, X[:, feature]) for feature in range(X.shape[1])])
    units = np.zeros((tables.columns, len(X)), np.int64)
    few_leads.add_shares(tables, codes, units)
    return tables.in_log_odds(units).T


def _contenders(  # noqa: PLR0917
    size: Size, booster: lightgbm.Booster, tables: ReasonTables, X: np.ndarray, y: np.ndarray, asked: np.ndarray
) -> Iterator[tuple[str, Callable[[], Contender]]]:
    features = asked.shape[1]
    slow = asked[: 200 if size.leaves < 100 else 60]
    theirs = booster.predict(slow, pred_contrib=True, num_threads=1)[:, :-1]
    groups = GROUPS[:features]
    grouped = build_tables(read_forest(booster.model_to_string()), groups=groups)
    in_groups = np.stack([theirs[:, groups == each].sum(axis=1) for each in range(12)], axis=1)
    background = np.ascontiguousarray(X[-BACKGROUND:])
    columns = _columns(asked)

    def off(found: np.ndarray) -> float:
        some = min(len(found), len(theirs))
        return float(np.abs(np.asarray(found)[:some, :features] - theirs[:some]).max())

    def off_groups(found: np.ndarray) -> float:
        return float(np.abs(found[: len(in_groups)] - in_groups).max())

    many, few = len(asked), len(slow)
    yield "reason tables: score and every feature", lambda: Contender(lambda: _explained(tables, columns), many, off)
    yield (
        "reason tables: score and 12 reasons",
        lambda: Contender(lambda: _explained(grouped, columns), many, off_groups),
    )
    yield "reason tables: numpy alone", lambda: Contender(lambda: _few(tables, slow), few, off)
    yield "lightgbm predict", lambda: Contender(lambda: booster.predict(asked, num_threads=1), many)
    yield (
        "lightgbm pred_contrib",
        lambda: Contender(lambda: booster.predict(slow, pred_contrib=True, num_threads=1), few, off),
    )
    yield "shap.TreeExplainer", lambda: _shap(booster, slow, off)
    if not size.categories:
        base = float(booster.predict(background, raw_score=True).mean())
        against = interventional_tables(Trees.of(booster).forest, background, base=base)
        yield "reason tables: interventional", lambda: Contender(lambda: _explained(against, columns), many)
        yield "shap.TreeExplainer, interventional", lambda: _shap_interventional(booster, background, slow, against)
        yield "woodelf", lambda: _woodelf(booster, asked, off)
        yield "fasttreeshap, second algorithm", lambda: _fasttreeshap(booster, slow, off)
    else:
        yield "fasttreeshap, with categories", lambda: _fasttreeshap(booster, slow, off)
    if size.leaves < 100:
        yield "xgboost pred_contribs, equal size", lambda: _xgboost(size, X, y, slow)
        yield "catboost ShapValues, equal size", lambda: _catboost(size, X, y, slow)


def _positive(found: object) -> np.ndarray:
    values = found[1] if isinstance(found, list) else found
    values = np.asarray(values)
    return values[..., 1] if values.ndim == 3 else values


def _shap(booster: lightgbm.Booster, rows: np.ndarray, off: Callable[[np.ndarray], float]) -> Contender:
    import shap

    warnings.filterwarnings("ignore", module="shap")
    explainer = shap.TreeExplainer(booster)
    return Contender(lambda: _positive(explainer.shap_values(rows)), len(rows), off)


def _shap_interventional(
    booster: lightgbm.Booster, background: np.ndarray, rows: np.ndarray, tables: ReasonTables
) -> Contender:
    import shap

    explainer = shap.TreeExplainer(booster, background, feature_perturbation="interventional")
    ours = _explained(tables, _columns(rows))
    return Contender(
        lambda: _positive(explainer.shap_values(rows, check_additivity=False)),
        len(rows),
        lambda found: float(np.abs(found - ours).max()),
    )


def _woodelf(booster: lightgbm.Booster, rows: np.ndarray, off: Callable[[np.ndarray], float]) -> Contender:
    import pandas as pd
    from woodelf import WoodelfExplainer

    frame = pd.DataFrame(rows, columns=[f"Column_{feature}" for feature in range(rows.shape[1])])
    explainer = WoodelfExplainer(booster)
    return Contender(lambda: np.asarray(explainer.shap_values(frame)), len(rows), off)


def _fasttreeshap(booster: lightgbm.Booster, rows: np.ndarray, off: Callable[[np.ndarray], float]) -> Contender:
    explainer = importlib.import_module("fasttreeshap_fixed").TreeExplainer(booster, algorithm="v2", n_jobs=1)
    return Contender(lambda: _positive(explainer.shap_values(rows, check_additivity=False)), len(rows), off)


def _xgboost(size: Size, X: np.ndarray, y: np.ndarray, rows: np.ndarray) -> Contender:
    import xgboost

    kinds = ["c" if feature >= NUMBERS else "q" for feature in range(X.shape[1])]

    def matrix(values: np.ndarray, label: np.ndarray | None = None) -> object:
        return xgboost.DMatrix(values, label, feature_types=kinds, enable_categorical=True, nthread=1)

    shape = {"max_leaves": size.leaves, "max_depth": 8, "grow_policy": "lossguide", "tree_method": "hist", "eta": 0.05}
    model = xgboost.train({"objective": "binary:logistic", "nthread": 1, **shape}, matrix(X, y), size.trees)
    asked = matrix(rows)
    return Contender(lambda: model.predict(asked, pred_contribs=True), len(rows))


def _catboost(size: Size, X: np.ndarray, y: np.ndarray, rows: np.ndarray) -> Contender:
    import pandas as pd
    from catboost import CatBoostClassifier, Pool

    categories = [feature for feature in range(X.shape[1]) if feature >= NUMBERS]

    def pool(values: np.ndarray, label: np.ndarray | None = None) -> Pool:
        frame = pd.DataFrame(values)
        for feature in categories:
            frame[feature] = frame[feature].fillna(-1).astype(int).astype(str)
        return Pool(frame, label, cat_features=categories)

    depth = int(np.ceil(np.log2(size.leaves + 1)))
    model = CatBoostClassifier(iterations=size.trees, depth=depth, learning_rate=0.05, thread_count=1, verbose=False,
                               allow_writing_files=False)  # fmt: skip
    model.fit(pool(X, y))
    asked = pool(rows)
    return Contender(lambda: model.get_feature_importance(asked, type="ShapValues", thread_count=1), len(rows))


def peer_versions() -> dict[str, str]:
    """The peers that are installed, and those that are not."""
    found = {}
    for name in ("lightgbm", "shap", "numba", *PEERS.values()):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
