"""The backbone: logistic regression with a ridge penalty and signs where a direction is given.

Minimises ``sum(w * log-loss) + strength / 2 * sum(coefficients ** 2)`` (the intercept is free) by L-BFGS-B, over
standardised numbers and one effect per category level. A slope of the wrong sign is held at zero, which is the exact
solution under that constraint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.encoding import FIRST_LEVEL, Encoded, Encoder
from salesworthy.model.logistic import expit

MAX_ITERATIONS = 500
TOLERANCE = 1e-6
"""Largest remaining slope of the objective per row."""


@dataclass(frozen=True)
class Backbone:
    """A fitted backbone.

    Attributes:
        intercept: Log-odds of the average training row.
        slopes: Per numeric column of the encoding.
        effects: Per category: an effect per level code; they average to zero over the training rows.
    """

    intercept: float
    slopes: Floats
    effects: tuple[Floats, ...]

    def log_odds(self, rows: Encoded) -> Floats:
        """Log-odds of encoded rows; for fitting, where speed counts and the last bit does not."""
        total = rows.numbers @ self.slopes + self.intercept
        for effect, codes in zip(self.effects, rows.codes, strict=True):
            total += effect[codes]
        return np.asarray(total)

    def contributions(self, rows: Encoded, encoder: Encoder) -> Floats:
        """Rows x features: what each feature adds to the intercept. Computed cell by cell, the same in any batch."""
        place = {name: position for position, name in enumerate(encoder.names)}
        shares = np.zeros((len(rows), len(place)), order="F")
        for position, name in enumerate([*encoder.numbers, *encoder.indicated]):
            shares[:, place[name]] += self.slopes[position] * rows.numbers[:, position]
        for name, effect, codes in zip(encoder.categories, self.effects, rows.codes, strict=True):
            shares[:, place[name]] = effect[codes]
        return shares

    def to_json(self) -> dict[str, Any]:
        """The coefficients as plain values."""
        return {
            "intercept": self.intercept,
            "slopes": self.slopes.tolist(),
            "effects": [effect.tolist() for effect in self.effects],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The coefficients that ``to_json`` wrote."""
        effects = tuple(np.asarray(effect, dtype=np.float64) for effect in plain["effects"])
        return cls(float(plain["intercept"]), np.asarray(plain["slopes"], dtype=np.float64), effects)


def constant_backbone(encoder: Encoder, log_odds: float) -> Backbone:
    """A backbone that says the same of every row."""
    numbers = len(encoder.numbers) + len(encoder.indicated)
    effects = tuple(np.zeros(len(code.levels) + FIRST_LEVEL) for code in encoder.categories.values())
    return Backbone(log_odds, np.zeros(numbers), effects)


def smoothed_log_odds(y: Floats, weight: Floats) -> float:
    """Log-odds of the rate with one half of a lead added on either side (Jeffreys), so that it is always finite."""
    won = float((weight * y).sum()) + 0.5
    lost = float((weight * (1.0 - y)).sum()) + 0.5
    return float(np.log(won / lost))


def fit_backbone(
    rows: Encoded,
    y: Floats,
    weight: Floats,
    encoder: Encoder,
    *,
    strength: float,
    directions: Mapping[str, str],
    start: Backbone | None = None,
) -> Backbone:
    """Fit the backbone.

    Args:
        rows: Encoded training rows.
        y: 1.0 or 0.0 per row.
        weight: Weight per row.
        encoder: What encoded the rows.
        strength: Of the penalty, in rows: a coefficient's prior precision.
        directions: ``increasing`` or ``decreasing`` per number or yes/no feature.
        start: A fit at another strength, to start from.

    Returns:
        The fit; effects and columns are centred on the training rows.
    """
    from scipy.optimize import minimize

    problem = _Problem(rows, y, weight, encoder, strength)
    found = minimize(
        problem.value_and_slope,
        problem.start(start),
        jac=True,
        method="L-BFGS-B",
        bounds=problem.bounds(directions),
        options={"maxiter": MAX_ITERATIONS, "gtol": TOLERANCE, "ftol": 1e-10, "maxcor": 20},
    )
    return problem.backbone(found.x)


class _Problem:
    """The objective over one flat vector: intercept, slopes, then the effects of each category."""

    def __init__(self, rows: Encoded, y: Floats, weight: Floats, encoder: Encoder, strength: float) -> None:
        self.rows, self.y, self.encoder = rows, y, encoder
        self.weight = weight / weight.sum()
        self.penalty = strength / float(weight.sum())
        self.columns = rows.numbers.shape[1]
        sizes = [len(code.levels) + FIRST_LEVEL for code in encoder.categories.values()]
        self.blocks = np.cumsum([1 + self.columns, *sizes])

    def start(self, given: Backbone | None) -> Floats:
        if given is None:
            given = constant_backbone(self.encoder, smoothed_log_odds(self.y, self.weight * len(self.y)))
        return np.concatenate([[given.intercept], given.slopes, *given.effects])

    def bounds(self, directions: Mapping[str, str]) -> list[tuple[float | None, float | None]]:
        free: list[tuple[float | None, float | None]] = [(None, None)] * int(self.blocks[-1])
        allowed = {"increasing": (0.0, None), "decreasing": (None, 0.0)}
        for position, name in enumerate(self.encoder.numbers, start=1):
            free[position] = allowed.get(directions.get(name, "none"), (None, None))
        return free

    def value_and_slope(self, flat: Floats) -> tuple[float, Floats]:
        effects = self._effects(flat)
        log_odds = self.rows.numbers @ flat[1 : 1 + self.columns] + flat[0]
        for effect, codes in zip(effects, self.rows.codes, strict=True):
            log_odds += effect[codes]
        loss = np.logaddexp(0.0, log_odds) - self.y * log_odds
        residual = self.weight * (expit(log_odds) - self.y)
        counted = [
            np.bincount(codes, weights=residual, minlength=len(effect))
            for effect, codes in zip(effects, self.rows.codes, strict=True)
        ]
        slope = np.concatenate([[residual.sum()], residual @ self.rows.numbers, *counted])
        slope[1:] += self.penalty * flat[1:]
        return float(self.weight @ loss + 0.5 * self.penalty * (flat[1:] @ flat[1:])), slope

    def backbone(self, flat: Floats) -> Backbone:
        """Coefficients with everything that is the same for all rows moved into the intercept."""
        intercept, effects = float(flat[0]), []
        for effect, codes in zip(self._effects(flat), self.rows.codes, strict=True):
            share = np.bincount(codes, weights=self.weight, minlength=len(effect))
            average = float(share @ effect)
            intercept += average
            effects.append(effect - average)
        return Backbone(intercept, flat[1 : 1 + self.columns].copy(), tuple(effects))

    def _effects(self, flat: Floats) -> list[Floats]:
        return [flat[start:end] for start, end in zip(self.blocks[:-1], self.blocks[1:], strict=True)]
