"""A fitted conversion model: feature values in, log-odds with an exact share per feature out.

The score is a sum, ``base + shares = log-odds``, from end to end: the backbone is linear in its columns, the trees are
split by their exact path-dependent SHAP values (Lundberg et al. 2020), and calibration is a straight line on the sum.
Shares are measured from the average training lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from salesworthy.model.backbone import Backbone
from salesworthy.model.calibration import Calibration
from salesworthy.model.columns import read_columns
from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import Encoded, Encoder
from salesworthy.model.intervals import Intervals

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class Explained:
    """Scores of rows with their parts.

    Attributes:
        log_odds: Calibrated log-odds; exactly the base and the contributions, added in the order of the features.
        propensity: The probability that they stand for.
        contributions: Rows x features, in log-odds.
    """

    log_odds: Floats
    propensity: Floats
    contributions: Floats


@dataclass(frozen=True)
class FittedModel:
    """All that scoring needs.

    Attributes:
        feature_names_in_: Features that it was fitted on, in order.
        encoder: Of the features that it uses.
        backbone: The linear part.
        booster: The trees on top, or None.
        calibration: The line on the sum.
        intervals: Of the propensity.
        left_out: Features that it does not use, each with why.
        recipe: How it was fitted, as plain values.
    """

    feature_names_in_: tuple[str, ...]
    encoder: Encoder
    backbone: Backbone
    booster: lightgbm.Booster | None
    calibration: Calibration
    intervals: Intervals
    left_out: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def base_log_odds_(self) -> float:
        """Log-odds of the average training lead."""
        trees = 0.0 if self.booster is None else float(self._tree_shares(self._nobody)[0, -1])
        return float(self.calibration.slope * (self.backbone.intercept + trees) + self.calibration.intercept)

    def log_odds(self, X: object) -> Floats:
        """Calibrated log-odds of rows; equal to ``explain(X).log_odds`` up to rounding, and much quicker."""
        rows = self._encoded(X)
        raw = self.backbone.log_odds(rows)
        if self.booster is not None:
            raw = raw + self.booster.predict(rows.trees, raw_score=True, num_threads=1)
        return self.calibration.apply(raw)

    def predict_proba(self, X: object) -> Floats:
        """Rows x 2: the probability of no and of yes.

        Args:
            X: Arrow table, pandas frame or array with the columns of ``feature_names_in_``.

        Raises:
            UserError: When a column is missing or cannot be read.
        """
        chance = expit(self.log_odds(X))
        return np.stack([1 - chance, chance], axis=1)

    def explain(self, X: object) -> Explained:
        """Scores with the share of every feature. A row's figures do not depend on the rows beside it.

        Raises:
            UserError: When a column is missing or cannot be read.
        """
        rows = self._encoded(X)
        used = self.backbone.contributions(rows, self.encoder)
        if self.booster is not None and len(rows):
            used = used + self._tree_shares(rows.trees)[:, :-1]
        shares = np.zeros((len(rows), len(self.feature_names_in_)))
        shares[:, [self.feature_names_in_.index(name) for name in self.encoder.names]] = self.calibration.slope * used
        total = np.full(len(rows), self.base_log_odds_)
        for column in range(shares.shape[1]):
            total += shares[:, column]
        return Explained(total, expit(total), shares)

    def propensity_interval_of(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Lower and upper bound of the propensity at these calibrated log-odds."""
        return self.intervals.of(log_odds)

    def _encoded(self, X: object) -> Encoded:
        return self.encoder.encode(read_columns(X, self.encoder.kinds))

    @cached_property
    def _nobody(self) -> Floats:
        return np.full((1, len(self.encoder.names)), np.nan)

    def _tree_shares(self, values: Floats) -> Floats:
        assert self.booster is not None  # noqa: S101 -- callers ask first
        return np.asarray(self.booster.predict(values, pred_contrib=True, num_threads=1), dtype=np.float64)
