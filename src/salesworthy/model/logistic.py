"""The logistic function in numpy alone: scoring does not wait for scipy to load."""

from __future__ import annotations

import numpy as np

from salesworthy.model.dataset import Floats


def expit(log_odds: Floats) -> Floats:
    """Probabilities of log-odds; no size overflows.

    Example:
        >>> expit(np.array([-1000.0, 0.0, np.log(3)])).tolist()
        [0.0, 0.5, 0.75]
    """
    smaller = np.exp(-np.abs(log_odds))
    return np.asarray(np.where(log_odds >= 0, 1.0, smaller) / (1.0 + smaller))
