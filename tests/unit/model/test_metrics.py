"""Figures against scikit-learn, weights against rows written out, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as judge
from sklearn.linear_model import LogisticRegression

from salesworthy.model.metrics import (
    Figure,
    accounts_of_the_rarer,
    draws,
    figures,
    with_interval,
    within_periods,
)
from salesworthy.model.weighted_figures import FIGURES, Ranked, Weighted


def sample(rows=600, seed=0, decimals=2):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1, 1, rows).round(decimals)
    y = (rng.random(rows) < 1 / (1 + np.exp(-(0.7 * log_odds + 0.2)))).astype(float)
    return y, 1 / (1 + np.exp(-log_odds)), log_odds


def test_values_are_those_of_scikit_learn():
    y, p, log_odds = sample()
    found = {name: figure.value for name, figure in figures(y, p, np.arange(len(y)), resamples=5).items()}
    slope = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(log_odds[:, None], y).coef_[0, 0]
    assert found["roc_auc"] == pytest.approx(judge.roc_auc_score(y, p), abs=1e-12)
    assert found["average_precision"] == pytest.approx(judge.average_precision_score(y, p), abs=1e-12)
    assert found["brier"] == pytest.approx(judge.brier_score_loss(y, p), abs=1e-12)
    assert found["log_loss"] == pytest.approx(judge.log_loss(y, p), abs=1e-12)
    assert found["calibration_slope"] == pytest.approx(slope, abs=1e-4)


def test_calibration_error_and_lift_by_hand():
    y = np.array([1.0, 0, 0, 0, 1, 1, 0, 0, 0, 0])
    p = np.array([0.9, 0.35, 0.32, 0.31, 0.33, 0.85, 0.12, 0.11, 0.14, 0.15])
    found = figures(y, p, np.arange(10), resamples=2)
    by_bin = {1: (0.52, 0, 4), 3: (1.31, 1, 4), 8: (0.85, 1, 1), 9: (0.9, 1, 1)}
    assert found["ece"].value == pytest.approx(sum(abs(told - won) for told, won, _ in by_bin.values()) / 10)
    assert found["lift_at_10"].value == pytest.approx(1 / 0.3)


def test_ties_at_the_edge_of_the_best_tenth_are_shared_out():
    y = np.array([1.0, 0.0] * 10)
    assert figures(y, np.full(20, 0.5), np.arange(20), resamples=2)["lift_at_10"].value == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=40, max_size=40), st.integers(0, 5))
def test_a_weight_counts_as_so_many_rows(weights, seed):
    """The judge: the same figures on rows repeated as often as their weight says."""
    y, p, _ = sample(40, seed, 1)
    y[:2], weights[:2] = [0.0, 1.0], [1, 1]
    times = np.array(weights)
    ranked = Ranked.of(y, p)
    drawn = Weighted(ranked, times[None, :].astype(float)[:, ranked.order])
    written_out = Ranked.of(np.repeat(y, times), np.repeat(p, times))
    for name in ("roc_auc", "average_precision", "brier", "log_loss", "ece", "lift_at_10"):
        weighted = FIGURES[name](drawn)
        plain = FIGURES[name](Weighted(written_out, np.ones((1, len(written_out.y)))))
        assert weighted[0] == pytest.approx(plain[0], abs=1e-9), name


def test_one_class_alone_has_no_ranking_and_no_slope():
    found = figures(np.zeros(20), np.linspace(0.1, 0.4, 20), np.arange(20), resamples=3)
    assert found["roc_auc"].value is found["calibration_slope"].value is None
    assert found["brier"].value is not None
    assert all(figure.value is None for figure in figures(np.empty(0), np.empty(0), np.empty(0, int)).values())


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """95 % intervals of AUC over 100 samples; the truth is the value on a very large sample."""
    y, p, _ = sample(200_000, 99, 6)
    truth = judge.roc_auc_score(y, p)
    hits = 0
    for seed in range(100):
        y, p, _ = sample(400, seed, 6)
        figure = figures(y, p, np.arange(400), seed=seed)["roc_auc"]
        hits += figure.low <= truth <= figure.high
    assert 88 <= hits <= 100


def test_leads_of_one_account_are_drawn_together():
    weights = draws(np.array([0, 0, 1, 1, 2]), resamples=50, seed=1)
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 2] == weights[:, 3]).all()
    assert len(np.unique(weights[1:], axis=0)) > 3


def test_accounts_make_intervals_wider():
    y, p, _ = sample(600)
    copies = np.tile(np.arange(600), 3)
    together = figures(np.tile(y, 3), np.tile(p, 3), copies)["roc_auc"]
    alone = figures(np.tile(y, 3), np.tile(p, 3), np.arange(1800))["roc_auc"]
    assert together.high - together.low > 1.4 * (alone.high - alone.low)


def test_within_periods_a_moving_rate_gives_no_skill():
    rng = np.random.default_rng(0)
    period = np.repeat([0, 1], 2000)
    rate = np.where(period == 0, 0.1, 0.6)
    y = (rng.random(4000) < rate).astype(float)
    groups = np.arange(4000)
    assert figures(y, rate, groups, resamples=2)["roc_auc"].value > 0.7
    noisy = rate + rng.normal(0, 0.01, 4000)
    inside = within_periods(y, noisy, period, groups, resamples=50, seed=0)
    assert inside.low <= 0.5 <= inside.high


def test_true_probabilities_have_a_calibration_error_that_luck_explains():
    y, p, log_odds = sample(2_000, 5, 6)
    true = 1 / (1 + np.exp(-(0.7 * log_odds + 0.2)))
    lucky, bent = (figures(y, each, np.arange(2_000))["ece"] for each in (true, p))
    assert lucky.low == 0.0 < lucky.value <= lucky.high
    assert 0.0 < bent.low < bent.value <= bent.high


def test_certain_and_right_probabilities_have_no_calibration_error():
    y = np.array([1.0, 0.0] * 30)
    found = figures(y, np.where(y == 1, 1 - 1e-12, 1e-12), np.arange(60))["ece"]
    assert (found.low, found.value, found.high) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("spread", [0.0, 1e-6, 1e-3])
def test_nearly_constant_probabilities_have_no_slope(spread):
    y, _, log_odds = sample(2_000)
    p = 1 / (1 + np.exp(1.5 - spread * log_odds))
    found = figures(y, p, np.arange(2_000), resamples=20)
    assert found["calibration_slope"] == Figure(None, None, None)
    assert found["calibration_intercept"].low <= found["calibration_intercept"].value


def test_weights_stand_for_so_many_leads():
    y, p, _ = sample(200, 4)
    times = np.random.default_rng(4).integers(1, 4, 200)
    weighted = figures(y, p, np.arange(200), weights=times.astype(float), resamples=5)
    written_out = figures(np.repeat(y, times), np.repeat(p, times), np.arange(times.sum()), resamples=5)
    for name, figure in weighted.items():
        assert figure.value == pytest.approx(written_out[name].value, abs=1e-9), name


def test_what_few_accounts_show_is_told_with_a_wider_interval():
    values = np.concatenate([[0.0], np.random.default_rng(0).normal(0, 1, 2_000)])
    widths = [figure.high - figure.low for figure in (with_interval(values, accounts=n) for n in (5, 20, 2_000))]
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] == pytest.approx(2 * 1.96, rel=0.05)


def test_accounts_of_the_rarer_result():
    assert accounts_of_the_rarer(np.array([1.0, 1, 0, 0, 0]), np.array([0, 0, 1, 2, 2])) == 1
    assert accounts_of_the_rarer(np.zeros(3), np.arange(3)) == 0
