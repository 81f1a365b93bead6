"""Paired differences: nothing between equals, the right sign, and narrower than two intervals side by side."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.model.differences import HIGHER_IS_BETTER, differences
from salesworthy.model.metrics import figures


def sample(seed=0, rows=800):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1, 1.2, rows)
    y = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return y, log_odds, rng


def chance(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def test_there_is_nothing_between_a_model_and_itself():
    y, log_odds, _ = sample()
    told = differences(y, chance(log_odds), {"same": chance(log_odds)}, np.arange(len(y)))
    assert list(told["same"]) == list(HIGHER_IS_BETTER)
    assert {(each.value, each.low, each.high) for each in told["same"].values()} == {(0.0, 0.0, 0.0)}


def test_values_are_ours_minus_theirs_and_better_is_where_it_says():
    y, log_odds, rng = sample()
    ours, theirs = chance(log_odds), chance(log_odds + rng.normal(0, 2, len(y)))
    told = differences(y, ours, {"noisy": theirs}, np.arange(len(y)))["noisy"]
    mine, other = figures(y, ours, np.arange(len(y))), figures(y, theirs, np.arange(len(y)))
    for name, difference in told.items():
        assert difference.value == pytest.approx(mine[name].value - other[name].value)
        assert (difference.value > 0) == HIGHER_IS_BETTER[name], name
    assert told["log_loss"].high < 0 < told["roc_auc"].low


def test_a_pair_says_more_than_two_intervals():
    """Both stumble over the same hard leads: a small difference is clear although the intervals overlap."""
    y, log_odds, _ = sample(rows=3_000)
    ours, theirs = chance(log_odds), chance(log_odds * 1.6)
    accounts = np.arange(3_000) // 3
    mine, other = figures(y, ours, accounts)["log_loss"], figures(y, theirs, accounts)["log_loss"]
    told = differences(y, ours, {"bold": theirs}, accounts)["bold"]["log_loss"]
    assert mine.high > other.low
    assert told.high < 0
    assert told.high - told.low < (mine.high - mine.low) / 1.5


def test_intervals_hold_the_truth():
    """Of two models that are equally wrong in opposite ways, 95 % intervals of the difference hold 0 in 90 to 99 %."""
    held = 0
    for seed in range(100):
        y, log_odds, rng = sample(seed, rows=400)
        signs = rng.choice([-0.5, 0.5], len(y))
        ours, theirs = chance(log_odds + signs), chance(log_odds - signs)
        told = differences(y, ours, {"other": theirs}, np.arange(len(y)), resamples=100)["other"]["brier"]
        held += told.low <= 0 <= told.high
    assert 88 <= held <= 100
