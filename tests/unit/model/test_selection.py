"""What is said of leads that were never sent: with a sample, with too small a one, and without any."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from tests.unit.model.handoffs import DAY, handoffs

from salesworthy.model.evaluation import evaluate
from salesworthy.model.metrics import figures
from salesworthy.model.selection import MIN_DRAWN, PredictedRows, selection_of
from salesworthy.model.weighted import wilson

ROWS = 400


def data_with(sent):
    """Handoffs with their labels, sent with these probabilities."""
    data = handoffs(ROWS, until_day=500)
    return data if sent is None else dataclasses.replace(data, sent_probability=np.asarray(sent, dtype=float))


def drawn(count, chance=0.05, rest=1.0):
    """Every so many of the handoffs was drawn."""
    sent = np.full(ROWS, rest)
    sent[:: ROWS // count][:count] = chance
    return sent


def told(sent, probability=0.5):
    data = data_with(sent)
    tested = PredictedRows(np.arange(ROWS), {"salesworthy": np.full(ROWS, probability)})
    return data, selection_of(data, tested, seed=1)


# probabilities of being sent -> what must be said
UNKNOWABLE = {
    "nothing is on record": (None, "there is no table handoffs"),
    "nobody was drawn": (np.ones(ROWS), "no lead was drawn at random from below the threshold"),
    "too few were drawn": (drawn(20), f"only 20 judged leads were drawn at random, {MIN_DRAWN} are needed"),
    "drawn without a probability": (drawn(40, np.nan), "no lead was drawn at random from below the threshold"),
}


@pytest.mark.parametrize(("sent", "says"), UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_without_a_sample_it_says_that_it_cannot_be_known(sent, says):
    _, found = told(sent)
    document = found.to_json()
    assert document["below_threshold"] is None
    assert document["reweighted"] is None
    assert document["says"][0].startswith(says)
    assert "what leads below the threshold would have become cannot be known" in document["says"][0]
    assert document["says"][0] in list(found.warnings())


def test_the_share_below_the_threshold_is_that_of_the_drawn():
    data, found = told(drawn(100), 0.65)
    label = data.label[data.sent_probability < 1]
    assert found.below.judged == 100
    assert found.below.stands_for == pytest.approx(2_000)
    assert found.below.share.value == pytest.approx(label.mean())
    assert found.below.share.low >= wilson(label.mean(), 100)[0] - 0.05
    assert found.sent.judged == 300
    assert found.sent.share.value == pytest.approx(data.label[data.sent_probability == 1].mean())
    assert list(found.warnings()) == []
    assert "were drawn at random from 1970-01-01 to 1971-" in next(found.says())


def test_rarer_leads_count_for_more():
    sent = drawn(100)
    sent[sent < 1] = np.where(np.arange(100) < 50, 0.02, 0.1)
    data, found = told(sent)
    label, chance = data.label[sent < 1], sent[sent < 1]
    expected = (label / chance).sum() / (1 / chance).sum()
    assert found.below.share.value == pytest.approx(expected)


def test_a_probability_that_is_not_on_record_is_set_aside_and_said():
    sent = drawn(100)
    sent[np.flatnonzero(sent == 1)[:7]] = np.nan
    _, found = told(sent)
    assert (found.set_aside, found.drawn) == (7, 100)
    assert any(each.startswith("7 judged leads were drawn at random without a probability") for each in found.says())


def test_a_lead_that_stands_for_others_counts_as_often():
    sent = np.where(np.arange(ROWS) % 4 == 0, 0.25, 1.0)
    data = data_with(sent)
    probability = np.random.default_rng(3).uniform(0.05, 0.95, ROWS)
    found = selection_of(data, PredictedRows(np.arange(ROWS), {"salesworthy": probability}), seed=1)
    rows = np.repeat(np.arange(ROWS), (1 / sent).astype(int))
    repeated = figures(data.label[rows], probability[rows], np.arange(len(rows)))
    assert found.reweighted.cut_off == 0
    for name, figure in found.reweighted.figures["salesworthy"].items():
        assert figure.value == pytest.approx(repeated[name].value, abs=1e-6), name
        assert figure.low <= figure.value <= figure.high


@pytest.mark.parametrize(("probability", "is_off"), [(0.99, True), (0.01, True), (None, False)])
def test_a_model_that_is_off_below_the_threshold_is_warned_of(probability, is_off):
    data = data_with(drawn(100))
    right = float(data.label[data.sent_probability < 1].mean())
    _, found = told(drawn(100), right if probability is None else probability)
    assert any("below the threshold the model is off" in each for each in found.warnings()) == is_off


def test_the_evaluation_carries_it():
    data = handoffs(1_200)
    sent = np.where(np.arange(1_200) % 5 == 0, 0.05, 1.0)
    found = evaluate(
        dataclasses.replace(data, sent_probability=sent), as_of=400 * DAY, directions={}, seed=1, splits=2
    ).to_json()
    plain = evaluate(data, as_of=400 * DAY, directions={}, seed=1, splits=2).to_json()
    json.dumps(found, allow_nan=False)
    assert found["pooled"] == plain["pooled"]
    assert set(found["selection"]["reweighted"]["contenders"]) == set(found["pooled"])
    assert not any("cannot be known" in warning for warning in found["warnings"])
    assert any("cannot be known" in warning for warning in plain["warnings"])
