"""Warnings of an evaluation, each where it is due and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.model.handoffs import DAY, handoffs

from salesworthy.model.evaluation import evaluate
from salesworthy.model.evaluation_warnings import warnings_of
from salesworthy.model.metrics import Figure


@pytest.fixture(scope="module")
def skilled():
    return evaluate(handoffs(1_200), splits=2, as_of=400 * DAY, directions={}, seed=1)


def about(found, words):
    return [warning for warning in warnings_of(found) if words in warning]


def with_figure(found, name, figure, contender="salesworthy"):
    return replace(found, pooled={**found.pooled, contender: {**found.pooled[contender], name: figure}})


def with_ranking(found, figure):
    return replace(found, within_period={**found.within_period, "salesworthy": figure})


def test_skill_is_not_called_chance(skilled):
    assert about(skilled, "no skill") == []


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (Figure(0.51, 0.48, 0.54), True),
        (Figure(0.5, 0.5, 0.5), True),
        (Figure(0.45, 0.42, 0.48), True),
        (Figure(0.6, 0.501, 0.7), False),
        (Figure(None, None, None), False),
    ],
)
def test_a_ranking_that_chance_would_give_is_said_first(skilled, figure, said):
    warnings = warnings_of(with_ranking(skilled, figure))
    assert bool(warnings and warnings[0].startswith("no skill shown")) == said


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (Figure(0.5, 0.4, 0.6), "too bold"),
        (Figure(1.6, 1.3, 1.9), "too timid"),
        (Figure(0.5, -0.4, 1.4), None),
        (Figure(0.9, 0.85, 0.95), None),
        (Figure(None, None, None), None),
    ],
)
def test_a_slope_is_warned_of_when_it_is_surely_wrong(skilled, slope, words):
    found = about(with_figure(skilled, "calibration_slope", slope), "calibration slope")
    assert [words in each for each in found] == ([True] if words else [])


def test_without_skill_there_is_no_slope_to_speak_of(skilled):
    found = with_figure(skilled, "calibration_slope", Figure(-3.0, -5.0, -1.0))
    assert about(with_ranking(found, Figure(0.5, 0.47, 0.53)), "calibration slope") == []


def test_a_random_split_without_skill_promises_nothing(skilled):
    falling = with_figure(skilled, "roc_auc", Figure(0.4, 0.35, 0.45), contender="constant")
    at_random = {**skilled.random, "constant": Figure(0.5, 0.5, 0.5)}
    assert about(replace(falling, random=at_random), "for constant") == []
    too_good = {**skilled.random, "salesworthy": Figure(0.99, 0.98, 1.0)}
    assert len(about(replace(skilled, random=too_good), "for salesworthy")) == 1


def test_shuffled_labels_are_told_as_no_skill():
    data = handoffs(1_200)
    label = data.label.copy()
    judged = np.flatnonzero(data.judged)
    label[judged] = np.random.default_rng(2).permutation(label[judged])
    found = evaluate(replace(data, label=label), splits=2, as_of=400 * DAY, directions={}, seed=1)
    assert warnings_of(found)[0].startswith("no skill shown")
