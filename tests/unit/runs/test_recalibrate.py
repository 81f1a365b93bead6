"""A level that is moved to later outcomes: nobody overtakes anybody, and the mean fits."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.model.calibration import MOST_SHIFT, Calibration, LaterPredictions
from salesworthy.model.logistic import expit
from salesworthy.runs.recalibrate import moved


@pytest.mark.parametrize("true_shift", [-0.8, 0.0, 0.6])
@pytest.mark.parametrize("standing", [Calibration(), Calibration("platt", 1.4, -0.3)])
def test_the_level_follows_and_the_slope_stays(standing, true_shift):
    rng = np.random.default_rng(3)
    raw = rng.normal(-1, 1, 4_000)
    won = (rng.random(len(raw)) < expit(standing.apply(raw) + true_shift)).astype(float)
    line = moved(standing, LaterPredictions(raw, won))
    assert line.slope == standing.slope
    assert line.intercept - standing.intercept == pytest.approx(true_shift, abs=0.1)
    assert expit(line.apply(raw)).mean() == pytest.approx(won.mean(), abs=0.005)


def test_it_moves_no_further_than_a_level_may():
    line = moved(Calibration(), LaterPredictions(np.full(1_000, -6.0), np.r_[np.ones(900), np.zeros(100)]))
    assert line.intercept == pytest.approx(MOST_SHIFT)
