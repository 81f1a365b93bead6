"""A model of a sample is right for all handoffs, and the sample is what its words say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.model.handoffs import features, handoffs, true_log_odds

from salesworthy.model.contenders import CONTENDERS, Task
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.logistic import expit
from salesworthy.model.sampling import Sample, sample_rows

MOST = 2_000


def fitted(data, **settings):
    return ConversionModel(seed=1, **settings).fit(
        data.features, data.label, times=data.handed_at, matured=data.matured_at
    )


@pytest.fixture(scope="module")
def rare():
    """Handoffs of which one in ten or so is accepted: most accepted ones are taken out, at random."""
    data = handoffs(24_000, seed=3)
    data = data.take(data.judged)
    stays = (data.label == 0) | (np.random.default_rng(5).random(len(data)) < 0.1)
    return data.take(stays)


@pytest.fixture(scope="module")
def sampled(rare):
    return fitted(rare, max_rows=MOST)


def test_probabilities_are_those_of_all_handoffs(rare, sampled):
    table = features(20_000, 77)
    truth = true_log_odds(table) + np.log(0.1)
    log_odds = sampled.fitted_.log_odds(table)
    slope, level = np.polyfit(log_odds, truth, 1)
    assert 0.85 < slope < 1.15
    assert abs(level) < 0.25
    assert expit(log_odds).mean() == pytest.approx(expit(truth).mean(), rel=0.06)
    assert sampled.recipe_["notes"][-1].startswith("learned from ")
    accepted = float(rare.label.mean())
    kept = sample_rows(rare.label, rare.handed_at, most=MOST, seed=1)
    assert float(rare.label[kept.rows].mean()) > 3 * accepted  # so that the intercept has something to make up for


def test_base_and_contributions_are_the_log_odds(sampled):
    table = features(300, 5)
    told = sampled.explain(table)
    total = sampled.base_log_odds_ + told.contributions.sum(axis=1)
    assert np.abs(total - told.log_odds).max() < 1e-12
    assert np.abs(told.log_odds - sampled.fitted_.log_odds(table)).max() < 1e-9


def test_intervals_move_with_the_propensity(sampled):
    log_odds = np.linspace(-5, 1, 50)
    low, high = sampled.fitted_.propensity_interval_of(log_odds)
    assert (low <= expit(log_odds)).all()
    assert (expit(log_odds) <= high).all()
    inside = (low[10:40] > 0) & (high[10:40] < 0.9)
    assert inside.mean() > 0.9  # they still say something


def test_all_handoffs_are_used_where_they_are_few(rare):
    few = rare.take(np.arange(1_500))
    with_limit, without = fitted(few, max_rows=MOST), fitted(few)
    table = features(100, 9)
    assert (with_limit.fitted_.log_odds(table) == without.fitted_.log_odds(table)).all()
    assert with_limit.recipe_ == without.recipe_


def test_a_contender_learns_from_a_sample_and_is_tested_on_all(rare):
    learned, asked = rare.take(np.arange(9_000)), rare.take(np.arange(9_000, len(rare)))
    found = CONTENDERS["salesworthy"](Task(learned, asked, {}, 1, max_rows=MOST))
    assert len(found.probability) == len(asked)
    assert found.probability.mean() == pytest.approx(asked.label.mean(), rel=0.15)
    assert any("of 9,000 handoffs" in note for note in found.recipe["notes"])


LABELS = st.tuples(st.integers(1, 3_000), st.integers(1, 3_000), st.integers(200, 2_000), st.integers(0, 99))


@given(LABELS)
def test_so_many_stay_and_the_rarer_result_is_kept(drawn):
    accepted, refused, most, seed = drawn
    y = np.random.default_rng(seed).permutation(np.repeat([1.0, 0.0], [accepted, refused]))
    moments = np.sort(np.random.default_rng(seed).integers(0, 50, len(y)))
    found = sample_rows(y, moments, most=most, seed=seed)
    if len(y) <= most:
        assert found is None
        return
    assert abs(len(found.rows) - most) < 6 * np.sqrt(most)  # chance
    assert (np.diff(found.rows) > 0).all()
    if min(accepted, refused) <= most / 2:
        rarer = 1.0 if accepted < refused else 0.0
        assert (y[found.rows] == rarer).sum() == min(accepted, refused)


def test_who_stays_in_a_small_sample_stays_in_a_larger_one():
    rng = np.random.default_rng(2)
    y, moments = (rng.random(50_000) < 0.1).astype(float), np.sort(rng.integers(0, 10**12, 50_000))
    small, large = (set(sample_rows(y, moments, most=most, seed=4).rows) for most in (12_000, 20_000))
    assert small < large
    other = set(sample_rows(y, moments, most=12_000, seed=5).rows)
    assert len(small & other) < 0.7 * len(small)


def test_the_draw_knows_nothing_of_time():
    y, moments = np.zeros(100_000), np.arange(100_000) // 1_000
    y[0] = 1.0
    kept = sample_rows(y, moments, most=10_000, seed=0).rows
    per_block = np.histogram(kept, bins=20, range=(0, 100_000))[0]
    assert abs(per_block - 500).max() < 6 * np.sqrt(500)


@given(st.floats(0.001, 0.999), st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_the_shift_undoes_the_draw(chance, accepted_share, refused_share):
    drawn = chance * accepted_share / (chance * accepted_share + (1 - chance) * refused_share)
    shift = Sample(np.arange(1), 1, accepted_share, refused_share).shift
    assert expit(np.array([np.log(drawn / (1 - drawn)) - shift]))[0] == pytest.approx(chance, rel=1e-9)
