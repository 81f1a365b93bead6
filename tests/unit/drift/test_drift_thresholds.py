"""The rate of false findings holds, for independent rows and for those that come together; and changes are told."""

from __future__ import annotations

import numpy as np
import pytest
from weekly_sums import every_kind, quiet, with_jump

from salesworthy.drift.thresholds import LEAST_HISTORY, strays, threshold

EVERY = 10.0
WEEKS = range(64, 124, 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape", [{}, {"rows": 400, "clusters": 5}, {"memory": 0.6}], ids=["independent", "clustered", "with memory"]
)
def test_false_findings_stay_near_the_stated_rate(shape):
    weeks = found = 0
    for seed in range(3):
        weekly = quiet(WEEKS.stop, 40, seed=seed, **shape)
        for week in WEEKS:
            weeks += 1
            found += bool(strays(weekly, week, every=EVERY).found())
    assert found <= 2 * weeks / EVERY  # 4.5 are expected; more than nine come by chance twice in a hundred times


def test_a_threshold_rises_with_how_rare_a_false_finding_is_to_be():
    maxima = np.random.default_rng(0).gumbel(3.0, 0.4, 500)
    levels = [threshold(maxima, every=every) for every in (4.0, 12.0, 52.0, 520.0)]
    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(np.quantile(maxima, 0.75), abs=0.1)


def test_a_few_odd_weeks_of_the_past_do_not_move_the_threshold():
    maxima = np.random.default_rng(0).gumbel(3.0, 0.4, 500)
    odd = np.concatenate([maxima, np.full(15, 40.0)])
    assert threshold(odd, every=52) == pytest.approx(threshold(maxima, every=52), abs=0.25)


def test_a_change_is_told_at_once_and_nothing_else_is():
    weekly = with_jump(quiet(80, 30, seed=5), thing=7, week=78, share=0.95)
    before, after = strays(weekly, 77, every=52), strays(weekly, 78, every=52)
    assert before.found() == []
    assert after.found() == [7]


def test_the_same_weeks_give_the_same_figures_and_later_ones_change_nothing():
    weekly = quiet(80, 10, seed=6)
    one, other = strays(weekly, 60, every=52), strays(weekly.first(61), 60, every=52)
    assert one.threshold == other.threshold
    assert np.array_equal(one.strays, other.strays)


def test_nothing_is_told_from_too_short_a_past():
    weekly = every_kind(60, seed=1)
    assert strays(weekly, LEAST_HISTORY, every=52) is None
    assert strays(weekly.columns([]), 59, every=52) is None
