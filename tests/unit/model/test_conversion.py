"""The conversion model learns what is there, adds up exactly, keeps directions, and works in scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shap
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from tests.unit.model.handoffs import DAY, features, handoffs, true_log_odds

from salesworthy.domain.errors import UserError
from salesworthy.model.conversion import ConversionModel


def fitted(data, **settings):
    rows = data.take(data.judged)
    model = ConversionModel(seed=1, **settings)
    return model.fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at)


@pytest.fixture(scope="module")
def model():
    return fitted(handoffs(6_000))


def test_probabilities_follow_the_truth(model):
    table = features(20_000, 77)
    truth = true_log_odds(table)
    log_odds = model.fitted_.log_odds(table)
    slope = np.polyfit(log_odds, truth, 1)[0]
    assert 0.85 < slope < 1.15
    assert np.corrcoef(log_odds, truth)[0, 1] > 0.95


def test_base_and_contributions_are_the_log_odds(model):
    table = features(500, 5)
    told = model.explain(table)
    total = model.base_log_odds_ + told.contributions.sum(axis=1)
    assert np.abs(total - told.log_odds).max() < 1e-12
    assert np.abs(told.log_odds - model.fitted_.log_odds(table)).max() < 1e-9
    assert np.abs(told.propensity - model.predict_proba(table)[:, 1]).max() < 1e-9


def test_the_trees_shares_are_those_of_shap():
    """The judge: ``shap.TreeExplainer`` on the booster alone, and slope times value on the backbone."""
    data = handoffs(6_000, seed=4)
    model = fitted(data)
    if model.fitted_.trees is None:
        pytest.fail("this sample should need trees; change it")
    rows = model.fitted_.encoded(features(50, 6))
    explained = shap.TreeExplainer(model.fitted_.trees.booster).shap_values(rows.trees)
    linear = model.fitted_.backbone.contributions(rows, model.fitted_.encoder)
    expected = model.fitted_.calibration.slope * (linear + explained)
    assert np.abs(model.explain(features(50, 6)).contributions - expected).max() < 1e-6


def test_a_lead_has_the_same_figures_whoever_stands_beside_it(model):
    table = features(300, 8)
    together = model.explain(table)
    for row in (0, 17, 299):
        alone = model.explain(table.slice(row, 1))
        assert alone.log_odds[0] == together.log_odds[row]
        assert np.array_equal(alone.contributions[0], together.contributions[row])


def test_the_same_rows_give_the_same_model(model):
    again = fitted(handoffs(6_000))
    table = features(200, 9)
    assert np.array_equal(model.explain(table).log_odds, again.explain(table).log_odds)


@pytest.mark.parametrize(("direction", "sign"), [("increasing", 1), ("decreasing", -1)])
def test_a_direction_is_kept(direction, sign):
    """Visits truly raise the propensity; a model told otherwise may ignore them, never turn them round."""
    model = fitted(handoffs(4_000), directions={"visits": direction, "days_since_visit": "decreasing"})
    table = features(200, 3)
    change = []
    for visits in range(6):
        moved = table.set_column(0, "visits", pa.array([visits] * 200, pa.int64()))
        change.append(model.fitted_.log_odds(moved))
    assert (sign * np.diff(np.array(change), axis=0) >= -1e-9).all()


def test_a_clock_is_left_out_and_said():
    data = handoffs(3_000)
    rows = data.take(data.judged)
    table = rows.features.append_column("price_index", pa.array(rows.handed_at / DAY))
    model = ConversionModel().fit(table, rows.label, times=rows.handed_at, matured=rows.matured_at)
    assert list(model.left_out_) == ["price_index"]
    assert "time explains" in model.left_out_["price_index"]
    told = model.explain(table.slice(0, 20))
    assert (told.contributions[:, table.column_names.index("price_index")] == 0).all()


# rows, share of acceptances -> kind
LADDER = [(40, ("constant",)), (300, ("logistic",)), (4_000, ("logistic", "boosted"))]


@pytest.mark.parametrize(("rows", "kind"), LADDER)
def test_little_data_gets_a_plain_model_and_is_told_why(rows, kind):
    model = fitted(handoffs(rows))
    assert model.recipe_["kind"] in kind
    assert model.recipe_["why"]


def test_shuffled_labels_give_no_skill():
    data = handoffs(3_000)
    rows = data.take(data.judged)
    label = np.random.default_rng(0).permutation(rows.label)
    model = ConversionModel().fit(rows.features, label, times=rows.handed_at, matured=rows.matured_at)
    table = features(3_000, 50)
    truth = np.random.default_rng(1).random(3_000) < 0.4
    assert abs(roc_auc_score(truth, model.predict_proba(table)[:, 1]) - 0.5) < 0.04
    assert np.ptp(model.predict_proba(table)[:, 1]) < 0.25


def test_it_works_in_the_tools_of_scikit_learn():
    data = handoffs(900)
    rows = data.take(data.judged)
    frame = rows.features.to_pandas()
    model = ConversionModel(directions={"visits": "increasing"}, seed=3)
    assert clone(model).get_params() == {
        "directions": {"visits": "increasing"},
        "seed": 3,
        "settings": None,
        "max_rows": None,
    }
    assert cross_val_score(model, frame, rows.label, cv=3, scoring="roc_auc").mean() > 0.65
    names = np.where(rows.label == 1, "won", "lost")
    assert set(model.fit(frame, names).predict(frame)) == {"won", "lost"}
    assert model.classes_.tolist() == ["lost", "won"]


def test_frames_arrays_and_tables_are_the_same_to_it(model):
    table = features(50, 2)
    frame = pd.DataFrame({name: pd.Series(table[name].to_pylist(), dtype="object") for name in ("attended", "role")})
    frame.insert(0, "visits", table["visits"].to_pandas())
    frame.insert(1, "days_since_visit", table["days_since_visit"].to_pandas())
    assert np.array_equal(model.predict_proba(frame), model.predict_proba(table))


def test_levels_never_seen_and_values_out_of_range_are_not_errors(model):
    odd = pa.table(
        {
            "visits": pa.array([10**9, None], pa.int64()),
            "days_since_visit": pa.array([float("inf"), float("nan")]),
            "attended": pa.array([None, None], pa.bool_()),
            "role": pa.array(["astronaut", None]),
        }
    )
    told = model.explain(odd)
    assert np.isfinite(told.log_odds).all()


MISTAKES = {
    "no second label": (lambda: ConversionModel().fit(features(30, 0), np.zeros(30)), "1 different labels"),
    "labels of open handoffs": (
        lambda: ConversionModel().fit(features(3, 0), [1, np.nan, 0]),
        "1 of 3 labels are missing",
    ),
    "labels that are None": (
        lambda: ConversionModel().fit(features(3, 0), [1, None, None]),
        "2 of 3 labels are missing",
    ),
    "lengths": (lambda: ConversionModel().fit(features(30, 0), np.zeros(29)), "one label per row"),
    "times": (lambda: ConversionModel().fit(features(4, 0), [0, 1, 0, 1], times=[1, 2]), "one per row"),
}


@pytest.mark.parametrize(("do", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(do, message):
    with pytest.raises(UserError, match=message):
        do()
