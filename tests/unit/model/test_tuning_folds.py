"""What tuning may see, and how a trial is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.model.handoffs import DAY, handoffs
from tests.unit.model.meddling import UNTIL, meddled, rows_of

from salesworthy.model.boosting import TreeSettings
from salesworthy.model.calibration import log_loss
from salesworthy.model.folds import folds_of
from salesworthy.model.tuning import study_name
from salesworthy.model.tuning_folds import FoldLosses, SharedFold, honest_gain


@pytest.fixture(scope="module")
def data():
    return handoffs(1_500)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), share=st.floats(0, 1), day=st.integers(120, 390))
def test_nothing_from_the_moment_on_is_seen(data, seed, share, day):
    """What later rows hold changes neither the rows that tuning works on nor the name of its study."""
    until = day * DAY
    before, after = rows_of(data, until=until), rows_of(meddled(data, seed=seed, until=until, share=share), until=until)
    assert study_name(before) == study_name(after)
    assert np.array_equal(before.y, after.y)
    assert (before.times < until).all()
    assert (before.matured <= until).all()


def test_an_earlier_label_does_change_it(data):
    other = replace(data, label=data.label.copy())
    row = int(np.flatnonzero(data.judged & (data.matured_at <= UNTIL))[-1])
    other.label[row] = 1 - other.label[row]
    assert study_name(rows_of(other)) != study_name(rows_of(data))
    assert study_name(rows_of(data, seed=2)) != study_name(rows_of(data))


def test_a_shared_fold_says_what_a_fit_of_its_own_says(data):
    """The judge: the fold of the recipe, which bins and fits for itself."""
    fold = folds_of(rows_of(data))[-1]
    shared = SharedFold(fold, 10.0, None)
    shared.losses(TreeSettings(leaves=31, depth=8, min_leaf_rows=5, rate=0.3, rows_per_tree=0.5))
    told = shared.losses(TreeSettings())
    assert len(told) == len(TreeSettings().stages)
    for place, stage in enumerate(told):
        assert np.allclose(stage, log_loss(fold.with_trees(10.0, None, place), fold.later_y), atol=1e-12)
    assert np.ptp(told[:, 0]) > 0


@pytest.mark.parametrize("seed", range(20))
def test_the_honest_gain_lets_no_fold_judge_its_own_choice(seed):
    rng = np.random.default_rng(seed)
    folds, stages, leads = 4, 3, rng.integers(50, 100, 4).astype(float)
    trials = [FoldLosses(rng.random((folds, stages)), leads) for _ in range(6)]
    total = 0.0
    for fold in range(folds):
        others = [each for each in range(folds) if each != fold]

        def score(trial, stage, others=others):
            return sum(leads[each] * trial.means[each, stage] for each in others)

        chosen = min(((trial, stage) for trial in trials for stage in range(stages)), key=lambda each: score(*each))
        default = min(range(stages), key=lambda stage: score(trials[0], stage))
        total += leads[fold] * (trials[0].means[fold, default] - chosen[0].means[fold, chosen[1]])
    assert honest_gain(trials, trials[0]) == pytest.approx(total / leads.sum(), abs=1e-12)
