"""A fitted conversion model: feature values in, log-odds with an exact share per feature out.

The score is a sum, ``base + shares = log-odds``, from end to end: the backbone is linear in its columns, the trees are
split by their exact path-dependent SHAP values (Lundberg et al. 2020), and calibration is a straight line on the sum.
Shares are measured from the average training lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from salesworthy.model.backbone import Backbone
from salesworthy.model.calibration import Calibration
from salesworthy.model.columns import read_columns
from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import Encoded, Encoder
from salesworthy.model.intervals import Intervals
from salesworthy.model.logistic import expit
from salesworthy.model.trees import Trees


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
        trees: The trees on top, or None.
        calibration: The line on the sum.
        intervals: Of the propensity.
        left_out: Features that it does not use, each with why.
        recipe: How it was fitted, as plain values.
    """

    feature_names_in_: tuple[str, ...]
    encoder: Encoder
    backbone: Backbone
    trees: Trees | None
    calibration: Calibration
    intervals: Intervals
    left_out: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def base_log_odds_(self) -> float:
        """Log-odds of the average training lead."""
        trees = 0.0 if self.trees is None else self.trees.base
        return float(self.calibration.slope * (self.backbone.intercept + trees) + self.calibration.intercept)

    def log_odds(self, X: object) -> Floats:
        """Calibrated log-odds of rows by LightGBM; equal to ``explain(X).log_odds`` up to rounding."""
        rows = self.encoded(X)
        raw = self.backbone.log_odds(rows)
        return self.calibration.apply(raw if self.trees is None else raw + self.trees.log_odds(rows.trees))

    def predict_proba(self, X: object) -> Floats:
        """Rows x 2: the probability of no and of yes.

        Args:
            X: Arrow table, pandas frame or array with the columns of ``feature_names_in_``.

        Raises:
            UserError: When a column is missing or cannot be read.
        """
        chance = expit(self.log_odds(X))
        return np.stack([1 - chance, chance], axis=1)

    def explain(self, X: object, *, threads: int = 1) -> Explained:
        """Scores with the share of every feature. A row's figures do not depend on the rows beside it.

        Args:
            X: As for ``predict_proba``.
            threads: Of the trees' shares; the figures do not depend on it.

        Raises:
            UserError: When a column is missing or cannot be read.
        """
        rows = self.encoded(X)
        used = self.backbone.contributions(rows, self.encoder)
        if self.trees is not None:
            used += self.trees.shares(rows, threads=threads)
        shares = np.zeros((len(rows), len(self.feature_names_in_)), order="F")
        total = np.full(len(rows), self.base_log_odds_)
        place = {name: position for position, name in enumerate(self.feature_names_in_)}
        for position, name in enumerate(self.encoder.names):
            np.multiply(used[:, position], self.calibration.slope, out=shares[:, place[name]])
        for column in range(shares.shape[1]):
            total += shares[:, column]
        return Explained(total, expit(total), shares)

    def propensity_interval_of(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Lower and upper bound of the propensity at these calibrated log-odds."""
        return self.intervals.of(log_odds)

    def encoded(self, X: object) -> Encoded:
        """Rows as both parts of the model read them."""
        return self.encoder.encode(read_columns(X, self.encoder.kinds, coded=True))
