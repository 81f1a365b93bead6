"""Shares of leads that stand for others: by hand, by properties, and how often the interval holds the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.model.weighted import truncated, weighted_share, wilson

# share, leads -> Wilson's interval, as tables give it
WILSON = [
    (0.1, 50, 0.0435, 0.2136),
    (0.0, 30, 0.0, 0.1135),
    (1.0, 30, 0.8865, 1.0),
    (0.5, 4, 0.1500, 0.8500),
]


@pytest.mark.parametrize(("share", "leads", "low", "high"), WILSON)
def test_wilson(share, leads, low, high):
    assert wilson(share, leads) == pytest.approx((low, high), abs=5e-5)


def test_by_hand():
    found = weighted_share(np.array([1.0, 0, 0, 0]), np.array([1.0, 1, 1, 5]), np.arange(4))
    assert found.share.value == pytest.approx(1 / 8)
    assert (found.judged, found.accepted, found.stands_for) == (4, 1, 8.0)
    # residuals 7/8, -1/8, -1/8, -5/8: linearised variance 4/3 x 76/64 / 64; share x rest / variance; Kish 64 / 28
    assert found.effective == pytest.approx(min(64 / 28, (7 / 64) / (4 / 3 * 76 / 64 / 64)))


def test_leads_of_one_site_count_as_one():
    label = np.repeat([1.0, 0, 0, 1, 0, 0, 0, 0], 5)
    apart = weighted_share(label, np.ones(40), np.arange(40))
    together = weighted_share(label, np.ones(40), np.repeat(np.arange(8), 5))
    assert apart.effective == pytest.approx(39)
    assert together.effective == pytest.approx(7)
    assert together.share.high > apart.share.high


def test_nobody_accepted_is_no_certainty():
    found = weighted_share(np.zeros(40), np.ones(40), np.arange(40))
    assert (found.share.value, found.share.low) == (0.0, 0.0)
    assert found.share.high == pytest.approx(wilson(0.0, 40)[1])


rows = st.lists(st.tuples(st.booleans(), st.floats(1, 200), st.integers(0, 9)), min_size=2, max_size=60)


@given(rows=rows, factor=st.floats(0.01, 100))
def test_the_interval_holds_the_share_and_only_proportions_of_weights_matter(rows, factor):
    label, weights, groups = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = weighted_share(label, weights, groups.astype(int))
    assert 0 <= found.share.low <= found.share.value <= found.share.high <= 1
    assert found.effective <= len(rows) + 1e-9
    scaled = weighted_share(label, weights * factor, groups.astype(int))
    assert scaled.share.value == pytest.approx(found.share.value)
    assert scaled.effective == pytest.approx(found.effective)


@given(st.lists(st.floats(1, 1e4), min_size=1, max_size=80))
def test_weights_are_cut_off_and_never_raised(weights):
    found, limit = truncated(np.array(weights))
    assert np.all(found <= np.array(weights))
    assert found.max() <= limit * (1 + 1e-12)
    if len(set(weights)) == 1:
        assert found.tolist() == pytest.approx(weights)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), leads=st.sampled_from([40, 150]), rate=st.sampled_from([0.03, 0.1]))
def test_the_interval_holds_the_truth_about_as_often_as_it_says(seed, leads, rate):
    """400 samples in which unlikely leads convert otherwise; with 95 % to be expected, 92 % is five deviations away."""
    rng = np.random.default_rng(seed)
    population = 200_000
    chance = np.exp(-rng.uniform(2, 4, population))
    probability = np.clip(rate * np.exp(0.3 * rng.standard_normal(population)) * (chance / chance.mean()) ** 0.3, 0, 1)
    draw = chance / chance.sum()
    inside = 0
    for _ in range(400):
        drawn = rng.choice(population, leads, p=draw)
        label = (rng.random(leads) < probability[drawn]).astype(float)
        share = weighted_share(label, 1 / chance[drawn], np.arange(leads)).share
        inside += share.low <= probability.mean() <= share.high
    assert inside / 400 >= 0.9
