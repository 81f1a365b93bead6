"""Curves against scikit-learn; calibration groups that lose no lead; intervals that do not shrink to a point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as judge

from salesworthy.model.curves import (
    POINTS,
    calibration_bins,
    gain_curve,
    precision_recall_curve,
    roc_curve,
    share_of,
)


def sample(rows=60, seed=0, decimals=1):
    rng = np.random.default_rng(seed)
    p = rng.random(rows).round(decimals)
    return (rng.random(rows) < p).astype(float), p


def test_the_roc_curve_is_scikit_learns():
    y, p = sample()
    ours = roc_curve(y, p)
    false, true, _ = judge.roc_curve(y, p, drop_intermediate=False)
    assert ours.x == pytest.approx(false)
    assert ours.y == pytest.approx(true)


def test_precision_and_recall_are_scikit_learns_from_the_tenth_lead_on():
    y, p = sample()
    ours = precision_recall_curve(y, p)
    precision, recall, thresholds = judge.precision_recall_curve(y, p)
    told = np.array([(p >= threshold).sum() for threshold in thresholds])
    assert ours.x == pytest.approx(recall[:-1][told >= 10][::-1])
    assert ours.y == pytest.approx(precision[:-1][told >= 10][::-1])


def test_gain_is_read_off_the_ranking():
    y, p = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    gain = gain_curve(y, p)
    assert gain.x.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert gain.y.tolist() == [0, 0.5, 0.5, 1, 1]


@given(st.integers(0, 50), st.integers(1, 3))
def test_no_curve_depends_on_the_order_of_rows(seed, decimals):
    y, p = sample(200, seed, decimals)
    mixed = np.random.default_rng(seed).permutation(len(y))
    for curve in (roc_curve, precision_recall_curve, gain_curve):
        assert curve(y, p).to_json() == curve(y[mixed], p[mixed]).to_json()


def test_long_curves_are_thinned_and_keep_their_ends():
    y, p = sample(20_000, decimals=9)
    for curve in (roc_curve(y, p), gain_curve(y, p)):
        assert len(curve.x) <= POINTS + 2
        assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
        assert np.all(np.diff(curve.x) >= 0)


@given(st.integers(0, 30), st.integers(1, 3))
def test_calibration_groups_hold_every_lead_once(seed, decimals):
    y, p = sample(150, seed, decimals)
    bins = calibration_bins(y, p, np.arange(150) // 2)
    assert sum(each.leads for each in bins) == 150
    assert sum(each.leads * each.predicted for each in bins) == pytest.approx(p.sum())
    assert sum(each.leads * each.accepted.value for each in bins) == pytest.approx(y.sum())
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)
    assert all(each.accepted.low < each.accepted.high for each in bins)


def test_a_constant_is_one_group():
    y, _ = sample()
    (only,) = calibration_bins(y, np.full(60, 0.3), np.arange(60))
    assert (only.leads, only.predicted) == (60, pytest.approx(0.3))


def test_few_leads_that_ended_alike_have_a_wide_interval():
    share = share_of(np.zeros(5), np.arange(5))
    assert (share.value, share.low) == (0, 0)
    assert share.high > 0.3
    assert share_of(np.empty(0), np.empty(0, dtype=np.int64)).value is None
