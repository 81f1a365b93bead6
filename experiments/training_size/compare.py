"""What one model says of later handoffs beside what they became, and beside the model of all rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score

REASONS = 12


def compared(told: Any, reference: Any) -> dict[str, float]:
    """AUC, Brier, log-loss, calibration, and agreement of reasons with the model of all rows.

    Args:
        told: ``log_odds``, ``label`` and ``shares`` of one model.
        reference: The same of the model of all rows.
    """
    log_odds, label = told["log_odds"], told["label"]
    chance = expit(log_odds)
    slope, intercept = _line(log_odds, label)
    return {
        "roc_auc": round(float(roc_auc_score(label, chance)), 4),
        "brier": round(float(((chance - label) ** 2).mean()), 5),
        "log_loss": round(float(_loss(log_odds, label).mean()), 5),
        "expected_per_accepted": round(float(chance.sum() / label.sum()), 3),
        "calibration_slope": round(slope, 3),
        "calibration_intercept": round(intercept, 3),
        "same_first_reason": round(float((_first(told["shares"]) == _first(reference["shares"])).mean()), 3),
        "log_odds_off_by": round(float(np.abs(log_odds - reference["log_odds"]).mean()), 3),
    }


def _first(shares: np.ndarray) -> np.ndarray:
    """The reason with the largest share; every twelfth feature belongs to one reason."""
    groups = [shares[:, np.arange(shares.shape[1]) % REASONS == code].sum(axis=1) for code in range(REASONS)]
    return np.asarray(np.argmax(groups, axis=0))


def _loss(log_odds: np.ndarray, label: np.ndarray) -> np.ndarray:
    return np.asarray(label * np.logaddexp(0, -log_odds) + (1 - label) * np.logaddexp(0, log_odds))


def _line(log_odds: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    found = minimize(lambda at: _loss(at[0] * log_odds + at[1], label).mean(), np.array([1.0, 0.0]))
    return float(found.x[0]), float(found.x[1])
