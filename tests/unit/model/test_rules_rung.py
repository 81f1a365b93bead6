"""The rung of the present rules: as a contender, and what the ladder says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from tests.unit.model.handoffs import handoffs, true_log_odds

from salesworthy.domain.errors import UserError
from salesworthy.model.calibration import LaterPredictions
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.rules_rung import rules_log_odds, rules_verdict


def fitted(rows, score):
    return ConversionModel(seed=1).fit(
        rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at, score=score
    )


@pytest.fixture(scope="module")
def rows():
    data = handoffs(1_500)
    return data.take(data.judged)


def test_the_line_is_that_of_logistic_regression_and_flat_when_it_points_the_wrong_way(rows):
    score = true_log_odds(rows.features)
    spread, centre = score.std(), score.mean()
    model = LogisticRegression().fit(((score - centre) / spread)[:, None], rows.label)
    assert np.allclose(
        rules_log_odds(score, rows.label, score[:9]), model.decision_function(((score[:9] - centre) / spread)[:, None])
    )
    wrong = rules_log_odds(-score, rows.label, score)
    assert np.ptp(wrong) == 0
    assert abs(1 / (1 + np.exp(-wrong[0])) - rows.label.mean()) < 0.01


def test_rules_that_know_the_truth_do_better_and_that_is_said_not_served(rows):
    """Points that hold what no feature holds: a model without it cannot keep up."""
    hidden = np.random.default_rng(0).normal(size=len(rows))
    log_odds = true_log_odds(rows.features) + 3 * hidden
    known = replace(
        rows, label=(np.random.default_rng(1).random(len(rows)) < 1 / (1 + np.exp(-log_odds))).astype(float)
    )
    model = fitted(known, log_odds)
    ladder = model.recipe_["ladder"]
    assert ladder["rules"] < ladder["logistic"] < ladder["constant"]
    assert any("the present rules do better" in note and "let points decide" in note for note in model.recipe_["notes"])
    without = fitted(known, None)
    assert np.array_equal(model.predict_proba(known.features), without.predict_proba(known.features))
    assert "rules" not in without.recipe_["ladder"]


def test_rules_without_skill_lose_and_the_reason_says_so(rows):
    model = fitted(rows, np.random.default_rng(2).normal(size=len(rows)))
    assert "the model does better than the present rules" in model.recipe_["why"]
    assert model.recipe_["notes"] == []


def test_with_few_outcomes_points_are_to_decide():
    data = handoffs(40)
    few = data.take(data.judged)
    assert fitted(few, np.zeros(len(few))).recipe_["notes"][0].endswith("the policy's minimum of outcomes")
    assert fitted(few, None).recipe_["notes"] == []


@pytest.mark.parametrize(
    ("shift", "says", "better"),
    [(-0.02, "rules do better", False), (0.02, "model does better", True), (0.0, "not clearly", False)],
)
def test_verdicts(shift, says, better):
    y = np.tile([0.0, 1.0], 200)
    blocks = [LaterPredictions(np.where(y == 1, 1.0, -1.0), y)] * 3
    losses = [np.log1p(np.exp(-1.0)) + shift + np.zeros(400)] * 3
    found, words = rules_verdict(blocks, losses)
    assert says in words
    assert found == better


@pytest.mark.parametrize("score", [[1.0, 2.0], [np.nan] * 40])
def test_scores_that_do_not_fit_are_refused(score):
    data = handoffs(40)
    few = data.take(data.judged)
    with pytest.raises(UserError, match="finite number per row"):
        fitted(few, (list(score) * 40)[: len(few)] if len(score) > 2 else score)
