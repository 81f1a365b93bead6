"""The conversion model as an estimator: fitted on past handoffs, it says how likely sales is to accept a lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from salesworthy.domain.errors import UserError
from salesworthy.model.boosting import TreeSettings
from salesworthy.model.calibration import Calibration, LaterPredictions, choose_calibration
from salesworthy.model.clocks import clock_columns
from salesworthy.model.columns import FeatureColumns, read_columns
from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.fitted import Explained, FittedModel
from salesworthy.model.folds import Rows
from salesworthy.model.intervals import venn_abers
from salesworthy.model.recipes import choose_recipe, fit_parts
from salesworthy.model.sampling import for_all, sample_rows
from salesworthy.model.trees import Trees


class ConversionModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A regularised logistic backbone, boosted by LightGBM where later handoffs prove it, and calibrated on them.

    How strong the penalty is, how many trees there are (perhaps none), whether recent months count more and which line
    calibrates: all of it is chosen inside the training rows, on blocks that come later than what was learned from.
    Columns that are little more than clocks are left out, and features whose effect turned round where later handoffs
    were predicted better without them. Follows scikit-learn, and works in its tools.

    Args:
        directions: Per feature ``increasing`` or ``decreasing``: how the propensity may depend on it.
        seed: Of the columns and rows drawn per tree, and of the order of rows whose time is not given.
        settings: How trees are grown, such as what tuning found; the defaults when not given.
        max_rows: Learn from about so many rows at most, drawn as ``sampling`` says; from all when not given.

    Attributes:
        classes_: The two labels, the positive one second.
        feature_names_in_: Names of the features.
        fitted_: What scoring needs; see ``FittedModel``.
        recipe_: What was chosen, and why, as plain values.
        left_out_: Features that are not used, each with why.
        base_log_odds_: Log-odds of the average training lead.

    Example:
        >>> import pandas as pd
        >>> leads = pd.DataFrame({"visits": [0, 1, 2, 3] * 100, "role": ["nurse", "surgeon", "buyer", None] * 100})
        >>> accepted = (leads["visits"] > 1).astype(int)
        >>> model = ConversionModel().fit(leads, accepted)
        >>> chance = model.predict_proba(leads.head(4))[:, 1]
        >>> bool(chance[3] > 0.9 and chance[0] < 0.1)
        True
        >>> told = model.explain(leads.head(1))
        >>> bool(abs(model.base_log_odds_ + told.contributions[0].sum() - told.log_odds[0]) < 1e-9)
        True
        >>> model.predict_proba(leads[["role"]])
        Traceback (most recent call last):
        ...
        salesworthy.domain.errors.UserError: features: 1 feature column(s) of the model are missing: visits
          -> give every column that the model was fitted on; unknown values may be null
    """

    def __init__(
        self,
        directions: Mapping[str, str] | None = None,
        seed: int = 0,
        settings: TreeSettings | None = None,
        max_rows: int | None = None,
    ) -> None:
        self.directions = directions
        self.seed = seed
        self.settings = settings
        self.max_rows = max_rows

    def fit(
        self,
        X: object,
        y: object,
        *,
        times: object | None = None,
        matured: object | None = None,
        score: object | None = None,
    ) -> Self:
        """Fit on past handoffs.

        Args:
            X: One row per handoff: an Arrow table, a pandas frame or a two-dimensional array.
            y: Two labels; the larger one is the positive one.
            times: When each was handed over (microseconds, or anything that orders); without it the rows are taken in
                a random order, and nothing can be said about how the model ages.
            matured: Since when each label counts, in the same unit; at once by default.
            score: What the present rules say of each, such as points. The model does not use it: it is told whether
                the rules do better (``recipe_["notes"]``).

        Raises:
            UserError: When there are not two labels, or lengths differ.
        """
        columns = read_columns(X)
        self.classes_, label = _two_classes(y, columns.rows)
        moments = _moments(times, columns.rows, self.seed)
        settled = moments if matured is None or times is None else _moments(matured, columns.rows, self.seed)
        points = _scores(score, columns.rows)
        sample = None
        if self.max_rows is not None:
            sample = sample_rows(label, moments, most=self.max_rows, seed=self.seed)
        if sample is not None:
            kept = sample.rows
            columns, label, moments, settled = columns.take(kept), label[kept], moments[kept], settled[kept]
            points = None if points is None else points[kept]
        used, clocks = without_clocks(columns, moments) if times is not None else (columns, {})
        rows = Rows(
            used, label, moments, settled, dict(self.directions or {}), self.seed,
            settings=self.settings or TreeSettings(), score=points,
        )  # fmt: skip
        with threadpool_limits(limits=1, user_api="blas"):  # BLAS threads wait for each other on a busy machine
            found = _fitted(rows, tuple(columns.kinds), clocks)
        self.fitted_ = found if sample is None else for_all(found, sample)
        self.recipe_, self.left_out_ = dict(self.fitted_.recipe), dict(self.fitted_.left_out)
        self.base_log_odds_ = self.fitted_.base_log_odds_
        self.feature_names_in_ = np.array(list(columns.kinds), dtype=object)
        self.n_features_in_ = len(columns.kinds)
        return self

    def predict_proba(self, X: object) -> Floats:
        """Rows x 2: the probability of each of ``classes_``."""
        check_is_fitted(self, "fitted_")
        return self.fitted_.predict_proba(X)

    def predict(self, X: object) -> npt.NDArray[Any]:
        """The likelier label of each row."""
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)])

    def explain(self, X: object) -> Explained:
        """Log-odds with the exact share of every feature."""
        check_is_fitted(self, "fitted_")
        return self.fitted_.explain(X)


def without_clocks(columns: FeatureColumns, times: Integers) -> tuple[FeatureColumns, dict[str, float]]:
    """Columns but for clocks, and the clocks with the share that time explains; all of them when all are clocks."""
    clocks = clock_columns(columns, times)
    return (columns, {}) if len(clocks) == len(columns.kinds) else (columns.without(clocks), clocks)


def _fitted(rows: Rows, names: tuple[str, ...], clocks: Mapping[str, float]) -> FittedModel:
    recipe, blocks = choose_recipe(rows)
    line = choose_calibration(blocks)
    parts = fit_parts(rows, recipe)
    return FittedModel(
        feature_names_in_=names,
        encoder=parts.encoder,
        backbone=parts.backbone,
        trees=Trees.of(parts.booster),
        calibration=line,
        intervals=venn_abers(_calibrated(blocks, line)),
        left_out={name: f"a clock: time explains {share:.0%} of it" for name, share in clocks.items()}
        | dict(recipe.left_out),
        recipe=recipe.to_json(),
    )


def _calibrated(blocks: tuple[LaterPredictions, ...], line: Calibration) -> LaterPredictions:
    if not blocks:
        return LaterPredictions(np.empty(0), np.empty(0))
    joined = LaterPredictions.joined(blocks)
    return LaterPredictions(line.apply(joined.log_odds), joined.y)


def _two_classes(y: object, rows: int) -> tuple[npt.NDArray[Any], Floats]:
    values = np.asarray(y)
    if values.shape != (rows,):
        raise UserError(f"there are {rows} rows and {values.shape} labels", where="y", todo="give one label per row")
    unknown = int(pd.isna(values).sum())
    if unknown:
        todo = "leave out handoffs that are not settled yet"
        raise UserError(f"{unknown} of {rows} labels are missing", where="y", todo=todo)
    classes = np.unique(values)
    if len(classes) != 2:
        raise UserError(
            f"there are {len(classes)} different labels, not 2", where="y", todo="give won and lost handoffs"
        )
    return classes, (values == classes[1]).astype(np.float64)


def _scores(score: object | None, rows: int) -> Floats | None:
    if score is None:
        return None
    values = np.asarray(score, dtype=np.float64)
    if values.shape != (rows,) or not np.isfinite(values).all():
        raise UserError(
            f"there are {rows} rows and {values.shape} scores", where="score", todo="give one finite number per row"
        )
    return values


def _moments(times: object | None, rows: int, seed: int) -> npt.NDArray[np.int64]:
    if times is None:
        return np.random.default_rng(seed).permutation(rows).astype(np.int64)
    moments = np.asarray(times)
    if moments.shape != (rows,):
        raise UserError(f"there are {rows} rows and {moments.shape} times", where="times", todo="give one per row")
    return moments.astype(np.int64)
