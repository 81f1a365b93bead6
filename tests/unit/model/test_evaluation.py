"""The evaluation: identical leads for all contenders, the published shape, and warnings where they are due."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.model.handoffs import DAY, handoffs, true_log_odds

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.model.contenders import CONTENDERS
from salesworthy.model.evaluation import evaluate
from salesworthy.model.splits import SplitWindow

AS_OF = 400 * DAY


def evaluated(data, **options):
    return evaluate(data, as_of=AS_OF, directions={}, seed=1, **options)


@pytest.fixture(scope="module")
def found():
    return evaluated(handoffs(2_400), splits=3)


def test_every_contender_on_every_window(found):
    document = found.to_json()
    json.dumps(document, allow_nan=False)
    assert len(document["splits"]) == 3
    for split in document["splits"]:
        assert list(split["contenders"]) == list(CONTENDERS)
        assert split["n_train"] > 50
    assert document["pooled"]["constant"]["calibration_slope"]["value"] is None or len(document["splits"]) > 1
    assert set(document["within_period_auc"]) == set(CONTENDERS)


def test_ours_has_skill_and_the_constant_has_none_inside_a_window(found):
    for window in found.windows:
        assert window.figures["constant"]["roc_auc"].value == 0.5
        assert window.figures["salesworthy"]["roc_auc"].value > 0.65
        assert window.figures["salesworthy"]["log_loss"].value < window.figures["constant"]["log_loss"].value


def scored(data, sign=1.0):
    """Points that follow the truth roughly, as rules do."""
    noise = np.random.default_rng(3).normal(0, 1, len(data))
    return dataclasses.replace(data, score=np.round(sign * 10 * (true_log_odds(data.features) + noise)))


@pytest.fixture(scope="module")
def with_rules():
    return evaluated(scored(handoffs(2_400)), splits=3)


def test_the_present_rules_are_a_contender_where_there_are_scores(found, with_rules):
    document = with_rules.to_json()
    names = ["constant", "rules", "logistic", "lightgbm_default", "salesworthy"]
    assert [list(split["contenders"]) for split in document["splits"]] == [names] * 3
    for part in ("pooled", "within_period_auc", "unseen_accounts", "random_split"):
        assert list(document[part]) == names, part
    for name in CONTENDERS:
        assert document["pooled"][name] == found.to_json()["pooled"][name]


def test_scores_of_rules_become_probabilities_in_their_order(with_rules):
    data = scored(handoffs(2_400))
    for window in with_rules.windows:
        chance, score = window.predictions["rules"].probability, data.score[window.split.test]
        assert np.all(np.diff(chance[np.argsort(score, kind="stable")]) >= 0)
        assert window.figures["rules"]["log_loss"].value < window.figures["constant"]["log_loss"].value


def test_rules_that_point_the_wrong_way_have_no_skill():
    window = evaluated(scored(handoffs(1_200), sign=-1.0), splits=2).windows[0]
    assert window.figures["rules"]["roc_auc"].value == 0.5


def test_unseen_accounts_are_told_apart(found):
    assert found.unseen is not None
    nobody = dataclasses.replace(handoffs(1_000), account_id=np.full(1_000, None, dtype=object))
    assert evaluated(nobody, splits=2).unseen is None


def test_the_same_data_give_the_same_figures(found):
    assert evaluated(handoffs(2_400), splits=3).to_json() == found.to_json()


def test_a_given_window_is_used_as_it_stands():
    window = SplitWindow(10 * DAY, 200 * DAY, 240 * DAY, 300 * DAY)
    document = evaluated(handoffs(1_500), window=window).to_json()
    split = document["splits"][0]
    assert (split["train_from"], split["train_until"]) == ("1970-01-11", "1970-07-20")
    assert document["pooled"]["salesworthy"] == split["contenders"]["salesworthy"]


HOPELESS = {
    "no training": SplitWindow(None, 0, 100 * DAY, 200 * DAY),
    "no test": SplitWindow(None, 200 * DAY, 395 * DAY, 400 * DAY),
}


@pytest.mark.parametrize("window", HOPELESS.values(), ids=HOPELESS)
def test_a_window_without_rows_is_refused_with_its_counts(window):
    with pytest.raises(DataLimitExceeded, match="to learn from"):
        evaluated(handoffs(800), window=window)


def test_too_few_labels_for_any_window():
    with pytest.raises(DataLimitExceeded, match="too few"):
        evaluated(handoffs(60))


def moved(data, from_day, label):
    late = data.handed_at > from_day * DAY
    changed = np.where(late & data.judged, label, data.label)
    return dataclasses.replace(data, label=changed)


def test_a_moved_rate_is_said():
    data = handoffs(1_500)
    mostly_lost = np.where(np.random.default_rng(0).random(1_500) < 0.9, 0.0, data.label)
    warnings = evaluated(moved(data, 300, mostly_lost), splits=2).to_json()["warnings"]
    assert any("the outcome rate moved" in warning for warning in warnings)


def test_a_clock_and_the_random_split_are_said():
    data = handoffs(2_000)
    rng = np.random.default_rng(0)
    rate = 0.2 + 0.6 * (np.sin(data.handed_at / DAY / 40) > 0)
    label = np.where(data.judged, (rng.random(2_000) < rate).astype(float), np.nan)
    table = data.features.append_column("index", pa.array(data.handed_at / DAY))
    warnings = evaluated(dataclasses.replace(data, features=table, label=label), splits=2).to_json()["warnings"]
    assert any(warning.startswith("salesworthy did not use index") for warning in warnings)
    assert any("a random split would have shown" in warning for warning in warnings)
