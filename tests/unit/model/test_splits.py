"""Nothing is learned from what was not settled on the first test day."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.unit.model.handoffs import DAY, handoffs

from salesworthy.model.splits import SplitWindow, forward_folds, random_split, rolling_windows, split_by

AS_OF = 400 * DAY


@pytest.fixture(scope="module")
def data():
    return handoffs(1_500)


def test_a_training_label_was_settled_on_the_first_test_day(data):
    window = SplitWindow(50 * DAY, 200 * DAY, 250 * DAY, 300 * DAY)
    split = split_by(data, window, as_of=AS_OF)
    assert data.handed_at[split.train].min() >= 50 * DAY
    assert data.handed_at[split.train].max() < 200 * DAY
    assert data.matured_at[split.train].max() <= 250 * DAY
    assert (data.handed_at[split.test] >= 250 * DAY).all()
    assert (data.handed_at[split.test] < 300 * DAY).all()
    expected = (data.handed_at >= 50 * DAY) & (data.handed_at < 200 * DAY) & data.judged
    assert len(split.train) == int((expected & (data.matured_at <= 250 * DAY)).sum())


def test_the_gap_is_as_long_as_the_outcome_window(data):
    split = split_by(data, SplitWindow(None, 250 * DAY, 250 * DAY, 300 * DAY), as_of=AS_OF)
    assert data.handed_at[split.train].max() <= 220 * DAY


def test_young_handoffs_are_counted_as_censored_and_left_out(data):
    split = split_by(data, SplitWindow(None, 300 * DAY, 340 * DAY, 400 * DAY), as_of=AS_OF)
    inside = (data.handed_at >= 340 * DAY) & (data.handed_at < 400 * DAY)
    assert split.censored == pytest.approx((data.matured_at[inside] > AS_OF).mean())
    assert 0.4 < split.censored < 0.6
    assert data.judged[split.test].all()


def test_seen_accounts_are_those_of_the_training_rows(data):
    split = split_by(data, SplitWindow(None, 100 * DAY, 100 * DAY, 130 * DAY), as_of=AS_OF)
    known = set(data.account_id[split.train])
    assert [account in known for account in data.account_id[split.test]] == split.seen.tolist()
    assert 0 < split.seen.mean() < 1


def test_rolling_windows_follow_one_another_and_share_the_leads_evenly(data):
    windows = rolling_windows(data, splits=4, as_of=AS_OF)
    assert len(windows) == 4
    for before, after in itertools.pairwise(windows):
        assert before.test_until == after.test_from
    sizes = [len(split_by(data, window, as_of=AS_OF).test) for window in windows]
    assert max(sizes) < 1.2 * min(sizes)
    assert sum(sizes) == pytest.approx(0.6 * data.judged.sum(), abs=8)


def test_windows_without_enough_to_learn_from_are_left_out():
    assert rolling_windows(handoffs(60), splits=5, as_of=AS_OF) == ()


def test_folds_learn_only_from_what_was_settled_before_the_block():
    data = handoffs(800)
    folds = list(forward_folds(data.handed_at, data.matured_at, folds=4))
    assert len(folds) == 4
    for earlier, later in folds:
        assert data.matured_at[earlier].max() <= data.handed_at[later].min()
    assert np.concatenate([later for _, later in folds]).tolist() == list(range(480, 800))


def test_rows_of_one_moment_stay_together():
    times = np.repeat(np.arange(10), 30)
    for earlier, later in forward_folds(times, times, folds=3):
        assert not set(times[earlier]) & set(times[later])


def test_the_random_split_is_the_same_for_the_same_seed(data):
    train, test = random_split(data, seed=3)
    assert not set(train) & set(test)
    assert set(train) | set(test) == set(np.flatnonzero(data.judged))
    assert random_split(data, seed=3)[1].tolist() == test.tolist()
