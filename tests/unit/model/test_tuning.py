"""Tuning: what it may see, the same trials however often it was stopped, and no settings by luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna
import pyarrow as pa
import pytest
from sklearn.base import clone
from tests.unit.model.handoffs import DAY, handoffs
from tests.unit.model.meddling import UNTIL, meddled, rows_of

from salesworthy.model.boosting import TreeSettings
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.dataset import LabelledFeatures
from salesworthy.model.evaluation import evaluate
from salesworthy.model.folds import folds_of
from salesworthy.model.tuned_settings import TunedSettings
from salesworthy.model.tuning import study_name, tune, tuning_rows
from salesworthy.model.tuning_study import SETTINGS, open_study

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data():
    return handoffs(1_500)


@pytest.fixture(scope="module")
def tuned(data, tmp_path_factory):
    return tune(rows_of(data), tmp_path_factory.mktemp("study") / "study.db", trials=5)


def same(one, other):
    return (
        one.study == other.study
        and [(each.settings, each.finished) for each in one.trials]
        == [(each.settings, each.finished) for each in other.trials]
        and all(np.array_equal(a.losses.means, b.losses.means) for a, b in zip(one.trials, other.trials, strict=True))
        and (one.settings, one.adopted, one.folds, one.importance)
        == (other.settings, other.adopted, other.folds, other.importance)
    )


def test_nothing_from_the_moment_on_changes_the_study(data, tuned, tmp_path):
    assert same(tuned, tune(rows_of(meddled(data, seed=4)), tmp_path / "study.db", trials=5))


def test_stopped_and_resumed_is_the_same_as_run_through(data, tuned, tmp_path):
    file, rows = tmp_path / "study.db", rows_of(data)
    told = []
    assert len(tune(rows, file, trials=5, stop=lambda: len(told) == 2, progress=told.append).trials) == 2
    with open_study(file, study_name(rows), rows.seed) as study:
        study.study.ask()  # a process that was killed in the middle of a trial
    assert same(tuned, tune(rows, file, trials=5, progress=told.append))
    assert told == [1, 2, 3, 4, 5]
    assert same(tuned, tune(rows, file, trials=5, progress=told.append))
    assert len(told) == 5


def test_the_first_trial_are_the_defaults(tuned):
    defaults = TreeSettings()
    assert tuned.trials[0].settings == {name: getattr(defaults, name) for name in SETTINGS}
    assert tuned.trials[0].finished
    assert len({tuple(each.settings.values()) for each in tuned.trials}) == 5
    assert all(each.tree_settings.rate < defaults.rate for each in tuned.trials)


def test_optuna_keeps_silent_and_its_verbosity_is_as_before(data, tmp_path, capfd):
    before = optuna.logging.get_verbosity()
    tune(rows_of(data), tmp_path / "study.db", trials=1)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before


def test_trials_that_are_worse_on_the_newest_handoffs_are_given_up(data, tmp_path):
    found = tune(rows_of(data), tmp_path / "study.db", trials=20)
    given_up = [each for each in found.trials if not each.finished]
    assert given_up
    assert all(1 <= len(each.losses.leads) < 4 for each in given_up)
    newest = folds_of(rows_of(data))[-1]
    assert all(each.losses.leads[0] == len(newest.later_y) for each in found.trials)


def patterned(rows=3_000, *, noise=False):
    """Acceptance hangs on an interplay of three yes/no that small trees of few leaves learn slowly."""
    rng = np.random.default_rng(5)
    bits = rng.random((rows, 3)) < 0.5
    log_odds = 2.0 * np.where(bits.sum(axis=1) % 2 == 1, 1.0, -1.0)
    label = (rng.random(rows) < (0.4 if noise else 1 / (1 + np.exp(-log_odds)))).astype(float)
    others = {f"noise_{place}": rng.normal(size=rows) for place in range(6)}
    table = pa.table({f"bit_{place}": bits[:, place] for place in range(3)} | others)
    nobody = np.full(rows, None, dtype=object)
    at = np.sort(rng.integers(0, 290 * DAY, rows))
    return LabelledFeatures(table, nobody, nobody, at, at, label)


def test_settings_that_are_clearly_better_are_adopted(tmp_path):
    found = tune(tuning_rows(patterned(), until=UNTIL, directions={}, seed=1), tmp_path / "study.db", trials=15)
    assert found.adopted, found.why
    assert found.gain > found.error > 0
    assert found.honest_gain > 0
    assert found.why.startswith("adopted: log-loss on later handoffs 0.")
    counted = sum(fold.leads * (fold.default - fold.best) for fold in found.folds) / sum(f.leads for f in found.folds)
    assert counted == pytest.approx(found.gain)
    assert [fold.first for fold in found.folds] == sorted(fold.first for fold in found.folds)


def test_shuffled_outcomes_adopt_nothing(tmp_path):
    rows = tuning_rows(patterned(noise=True), until=UNTIL, directions={}, seed=1)
    found = tune(rows, tmp_path / "study.db", trials=15)
    assert not found.adopted
    assert "the defaults stay" in found.why


NOTHING = {
    "few outcomes": (handoffs(300), "nothing to tune"),
    "one moment": (replace(patterned(), handed_at=np.zeros(3_000, int), matured_at=np.zeros(3_000, int)), "history"),
}


@pytest.mark.parametrize(("given", "says"), NOTHING.values(), ids=NOTHING)
def test_where_nothing_can_be_tuned_that_is_said(given, says, tmp_path):
    found = tune(rows_of(given), tmp_path / "study.db", trials=5)
    assert says in found.why
    assert found.why.endswith("the defaults stay")
    assert (found.adopted, found.trials, found.settings) == (False, (), TreeSettings())
    assert not (tmp_path / "study.db").exists()


def test_windows_that_tuning_saw_labels_of_use_the_defaults():
    given = handoffs(4_000, seed=4)
    chosen = TreeSettings(leaves=5, rate=0.1)
    plain = evaluate(given, splits=3, as_of=500 * DAY, directions={}, seed=1)
    starts = [window.split.window.test_from for window in plain.windows]
    told = evaluate(given, splits=3, as_of=500 * DAY, directions={}, seed=1, tuned=TunedSettings(chosen, starts[1]))
    used = [window.predictions["salesworthy"].recipe["settings"] for window in told.windows]
    leaves = [settings and settings["leaves"] for settings in used]
    assert leaves[0] in (None, 8)
    assert set(leaves[1:]) <= {None, 5}
    assert 5 in leaves
    assert told.random["salesworthy"] == plain.random["salesworthy"]


def test_settings_follow_scikit_learn():
    chosen = TreeSettings(leaves=4, rate=0.03)
    model = ConversionModel(seed=1, settings=chosen)
    assert clone(model).get_params() == {"directions": None, "seed": 1, "settings": chosen, "max_rows": None}
    assert clone(model).set_params(settings=None).settings is None
    data = handoffs(4_000, seed=4)
    given = data.take(data.judged)
    fitted = model.fit(given.features, given.label, times=given.handed_at, matured=given.matured_at)
    assert fitted.recipe_["settings"]["leaves"] == 4
    assert fitted.recipe_["trees"] in chosen.stages
    assert fitted.fitted_.trees is not None
