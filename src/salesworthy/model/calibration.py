"""Calibration: an increasing straight line on the log-odds, chosen on predictions of later handoffs.

A straight line keeps the parts of a score additive, so that reasons stay exact. Which line is chosen by log-loss on
still later predictions, and the plainest wins unless another is clearly better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.logistic import expit

FLATTEST, STEEPEST = 0.05, 3.0
METHODS = ("none", "shift", "recent", "platt")
"""From the plainest on: ``shift`` moves the intercept by all blocks, ``recent`` by the latest alone, so that the level
follows an outcome rate that moves; ``platt`` fits intercept and slope."""
MOST_SHIFT = 1.5
"""How far the intercept may move, in log-odds: odds times 4.5. A rate that moved further is another question."""
MIN_BLOCKS = 3
"""With fewer blocks there is no telling a lasting bias from one month's luck."""
PRIOR_ROWS = 20.0
"""How many leads the belief "the log-odds are right as they are" weighs."""


@dataclass(frozen=True)
class LaterPredictions:
    """Predictions of one block of handoffs by a model that learned from earlier ones only."""

    log_odds: Floats
    y: Floats

    @classmethod
    def joined(cls, blocks: Sequence[LaterPredictions]) -> LaterPredictions:
        """Several blocks as one."""
        return cls(np.concatenate([each.log_odds for each in blocks]), np.concatenate([each.y for each in blocks]))


@dataclass(frozen=True)
class Calibration:
    """``slope * log-odds + intercept``; the slope is positive, so that no order changes."""

    method: str = "none"
    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds."""
        return np.asarray(self.slope * log_odds + self.intercept)

    @property
    def in_words(self) -> str:
        """What the line does, as a sentence."""
        if self.method == "none":
            return "the log-odds stand as they are"
        by = {"shift": "later leads", "recent": "the latest mature leads", "platt": "later leads"}[self.method]
        moved = f"the level moved by {self.intercept:+.2f} log-odds (at most {MOST_SHIFT}) to fit {by}"
        return moved if self.slope == 1.0 else f"log-odds times {self.slope:.2f}; {moved}"

    def to_json(self) -> dict[str, Any]:
        """The line as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The line that ``to_json`` wrote."""
        return cls(str(plain["method"]), float(plain["slope"]), float(plain["intercept"]))


def log_loss(log_odds: Floats, y: Floats) -> Floats:
    """Negative log-likelihood per lead, in nats."""
    return np.asarray(y * np.logaddexp(0.0, -log_odds) + (1 - y) * np.logaddexp(0.0, log_odds))


def fit_line(given: LaterPredictions, *, method: str) -> Calibration:
    """The best line of a kind: ``none``, ``shift`` or ``recent`` (intercept alone) or ``platt`` (both)."""
    if method == "none" or not 0 < given.y.sum() < len(given.y):
        return Calibration()

    def objective(flat: Floats) -> tuple[float, Floats]:
        slope, intercept = (flat[0], flat[1]) if method == "platt" else (1.0, flat[1])
        log_odds = slope * given.log_odds + intercept
        residual = expit(log_odds) - given.y
        away = np.array([slope - 1.0, intercept])
        loss = float(log_loss(log_odds, given.y).sum() + PRIOR_ROWS / 2 * away @ away)
        slopes = np.array([residual @ given.log_odds, residual.sum()]) + PRIOR_ROWS * away
        return loss, slopes if method == "platt" else np.array([0.0, slopes[1]])

    from scipy.optimize import minimize

    found = minimize(
        objective,
        np.array([1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(FLATTEST, STEEPEST), (-MOST_SHIFT, MOST_SHIFT)],
    )
    slope = float(found.x[0]) if method == "platt" else 1.0
    return Calibration(method, slope, float(found.x[1]))


def clearly_lower(losses: Sequence[Floats], others: Sequence[Floats], *, shared_luck: bool) -> bool:
    """Whether losses are lower than others by more than one standard error.

    Args:
        losses: Loss per lead, block after block.
        others: The same leads' losses under the plainer choice.
        shared_luck: Whether leads of one block share its luck, as they do when the choice moves the level of all
            probabilities; then the error is taken over blocks too, and many leads in few months say little.
    """
    gains = [other - loss for loss, other in zip(losses, others, strict=True)]
    everything = np.concatenate(gains)
    error = float(everything.std()) / np.sqrt(len(everything))
    if shared_luck and len(gains) > 1:
        by_block = np.array([gain.mean() for gain in gains])
        error = max(error, float(by_block.std(ddof=1)) / np.sqrt(len(by_block)))
    return bool(everything.mean() > error)


def choose_calibration(blocks: Sequence[LaterPredictions]) -> Calibration:
    """The line to put on a final model: the plainest, unless another was clearly better on still later blocks.

    Args:
        blocks: Predictions of blocks that follow one another in time, each by a model of what came before it.
    """
    if len(blocks) < MIN_BLOCKS:
        return Calibration()
    chosen, lowest = METHODS[0], _later_losses(blocks, METHODS[0])
    for method in METHODS[1:]:
        losses = _later_losses(blocks, method)
        if clearly_lower(losses, lowest, shared_luck=method == "recent"):
            chosen, lowest = method, losses
    return fit_line(_learned_from(blocks, chosen), method=chosen)


def _learned_from(blocks: Sequence[LaterPredictions], method: str) -> LaterPredictions:
    return blocks[-1] if method == "recent" else LaterPredictions.joined(blocks)


def _later_losses(blocks: Sequence[LaterPredictions], method: str) -> list[Floats]:
    """Losses on the blocks after those that a line was fitted on."""
    losses = []
    for place in range(1, len(blocks)):
        line = fit_line(_learned_from(blocks[:place], method), method=method)
        losses.append(log_loss(line.apply(blocks[place].log_odds), blocks[place].y))
    return losses
