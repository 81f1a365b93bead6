"""Contenders: the models that ours must beat, on the same leads and columns.

==================  ========================================================================================
constant            the rate of the training rows
rules               the score of the present rules, such as points, turned into a probability; where there is one
logistic            scikit-learn's logistic regression at its defaults, on standardised numbers and one-hot levels
lightgbm_default    LightGBM's classifier at its defaults
salesworthy         ``ConversionModel``
==================  ========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from salesworthy.domain.errors import InternalError
from salesworthy.model.backbone import smoothed_log_odds
from salesworthy.model.boosting import TreeSettings
from salesworthy.model.columns import ColumnKind, FeatureColumns, read_columns
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import Floats, LabelledFeatures
from salesworthy.model.rules_rung import rules_log_odds

SALESWORTHY = "salesworthy"
RULES = "rules"


@dataclass(frozen=True)
class Task:
    """What every contender is given: rows to learn from, later rows to score, directions and a seed.

    ``settings`` are our model's: how it grows trees, such as what tuning found; its defaults where they are None. So is
    ``max_rows``: from how many rows it learns at most.
    """

    train: LabelledFeatures
    test: LabelledFeatures
    directions: Mapping[str, str]
    seed: int
    settings: TreeSettings | None = None
    max_rows: int | None = None


@dataclass(frozen=True)
class Prediction:
    """Probabilities of the test rows; for our model what it chose, as plain values."""

    probability: Floats
    recipe: Mapping[str, Any] | None = None
    left_out: Mapping[str, str] | None = None


def _constant(task: Task) -> Prediction:
    log_odds = smoothed_log_odds(task.train.label, np.ones(len(task.train)))
    return Prediction(np.full(len(task.test), 1 / (1 + np.exp(-log_odds))))


def _rules(task: Task) -> Prediction:
    """A straight line from score to log-odds, fitted on training rows; flat where the score points the wrong way."""
    learned, asked = task.train.score, task.test.score
    if learned is None or asked is None:
        raise InternalError("there are no rules to compare with")
    return Prediction(expit(rules_log_odds(learned, task.train.label, asked)))


def _logistic(task: Task) -> Prediction:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    train, test, categories = _frames(task)
    numbers = [name for name in train if name not in categories]
    impute = SimpleImputer(keep_empty_features=True)
    prepared = ColumnTransformer(
        [
            ("numbers", make_pipeline(impute, StandardScaler()), numbers),
            ("levels", OneHotEncoder(handle_unknown="ignore"), categories),
        ]
    )
    model = make_pipeline(prepared, LogisticRegression(max_iter=2000)).fit(train, task.train.label)
    return Prediction(model.predict_proba(test)[:, 1])


def _lightgbm_default(task: Task) -> Prediction:
    from lightgbm import LGBMClassifier

    train, test, categories = _frames(task)
    levels = {name: pd.CategoricalDtype(sorted(train[name].unique())) for name in categories}
    renamed = {name: f"f{place}" for place, name in enumerate(train)}  # LightGBM refuses some characters in names
    model = LGBMClassifier(n_jobs=1, verbose=-1, random_state=task.seed)
    model.fit(_leveled(train, levels).rename(columns=renamed), task.train.label)
    return Prediction(model.predict_proba(_leveled(test, levels).rename(columns=renamed))[:, 1])


def _leveled(frame: pd.DataFrame, levels: Mapping[str, pd.CategoricalDtype]) -> pd.DataFrame:
    """A frame with categories; a level that was not seen in training is unknown."""
    coded = {
        name: pd.Categorical.from_codes(kind.categories.get_indexer(frame[name]), dtype=kind)
        for name, kind in levels.items()
    }
    return frame.assign(**coded)


def _salesworthy(task: Task) -> Prediction:
    known = {name: way for name, way in task.directions.items() if name in task.train.features.column_names}
    model = ConversionModel(directions=known, seed=task.seed, settings=task.settings, max_rows=task.max_rows)
    rows = task.train
    model.fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at, score=rows.score)
    return Prediction(model.predict_proba(task.test.features)[:, 1], model.recipe_, model.left_out_)


CONTENDERS: dict[str, Callable[[Task], Prediction]] = {
    "constant": _constant,
    "logistic": _logistic,
    "lightgbm_default": _lightgbm_default,
    SALESWORTHY: _salesworthy,
}
"""Contenders that are always there."""


def contenders_for(data: LabelledFeatures) -> dict[str, Callable[[Task], Prediction]]:
    """The contenders on these data, in the order in which they are shown; the present rules where there are any."""
    if data.score is None:
        return CONTENDERS
    first, *others = CONTENDERS.items()
    return dict([first, (RULES, _rules), *others])


def _frames(task: Task) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Training and test rows as pandas frames, and the names of categories; an unknown level is a level of its own."""
    train = read_columns(task.train.features)
    test = read_columns(task.test.features, train.kinds)
    categories = [name for name, kind in train.kinds.items() if kind is ColumnKind.CATEGORY]
    return _frame(train), _frame(test), categories


def _frame(columns: FeatureColumns) -> pd.DataFrame:
    finite = {
        name: np.clip(values, -1e100, 1e100)
        if isinstance(values, np.ndarray)
        else values.fill_null("(unknown)").to_pandas()
        for name, values in columns.values.items()
    }
    return pd.DataFrame(finite)
