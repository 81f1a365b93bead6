"""Calibration is chosen on later blocks, and intervals enclose what happened."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.model.calibration import MOST_SHIFT, Calibration, LaterPredictions, choose_calibration, fit_line
from salesworthy.model.intervals import NO_INTERVALS, Intervals, venn_abers
from salesworthy.model.logistic import expit


def blocks(slope, intercept, *, count=4, rows=2_000, seed=0):
    """Blocks of predictions whose truth is ``slope * log-odds + intercept``."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        log_odds = rng.normal(-1, 1.2, rows)
        found.append(LaterPredictions(log_odds, (rng.random(rows) < expit(slope * log_odds + intercept)).astype(float)))
    return found


# truth -> what is chosen
CASES = {
    "right as they are": (1.0, 0.0, "none"),
    "all too low": (1.0, 0.8, "shift"),
    "too bold": (0.5, -0.3, "platt"),
}


@pytest.mark.parametrize(("slope", "intercept", "method"), CASES.values(), ids=CASES)
def test_the_plainest_line_that_serves(slope, intercept, method):
    line = choose_calibration(blocks(slope, intercept))
    assert line.method == method
    assert line.slope == pytest.approx(slope, abs=0.08)
    assert line.intercept == pytest.approx(intercept, abs=0.12)


def drifting(*shifts, rows=3_000):
    """Blocks whose true level moves away from what was predicted."""
    return [block for place, shift in enumerate(shifts) for block in blocks(1.0, shift, count=1, rows=rows, seed=place)]


def test_the_level_follows_a_rate_that_moves():
    line = choose_calibration(drifting(0.0, 0.4, 0.8, 1.1))
    assert line.method == "recent"
    assert line.intercept == pytest.approx(1.1, abs=0.15)
    assert "the latest mature leads" in line.in_words


def test_the_level_does_not_chase_luck():
    assert choose_calibration(drifting(0.1, -0.1, 0.1, -0.1)).method == "none"


def test_the_level_moves_only_so_far():
    assert choose_calibration(drifting(2.5, 2.5, 2.5, 2.5)).intercept == MOST_SHIFT


def test_two_blocks_are_too_few_to_correct_anything():
    assert choose_calibration(blocks(0.5, 1.0, count=2)) == Calibration()


def test_the_order_of_leads_never_turns():
    rng = np.random.default_rng(0)
    given = LaterPredictions(np.linspace(-2, 2, 400), (rng.random(400) < expit(np.linspace(2, -2, 400))).astype(float))
    assert fit_line(given, method="platt").slope > 0


def test_one_class_leaves_the_log_odds_alone():
    assert fit_line(LaterPredictions(np.zeros(50), np.zeros(50)), method="platt") == Calibration()


def test_intervals_rise_enclose_the_propensity_and_are_narrower_with_more_leads():
    few = venn_abers(LaterPredictions.joined(blocks(1.0, 0.0, rows=100)))
    many = venn_abers(LaterPredictions.joined(blocks(1.0, 0.0, rows=8_000)))
    scores = np.linspace(-3, 2, 50)
    widths = []
    for intervals in (few, many):
        low, high = intervals.of(scores)
        assert (low <= expit(scores)).all()
        assert (expit(scores) <= high).all()
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) >= 0).all()
        widths.append(float((high - low).mean()))
    assert widths[1] < widths[0] / 2


def test_without_later_predictions_the_interval_says_nothing():
    low, high = NO_INTERVALS.of(np.array([0.0]))
    assert (low[0], high[0]) == (0.0, 1.0)


def test_lines_and_intervals_survive_json():
    line = Calibration("platt", 0.9, -0.1)
    assert Calibration.from_json(line.to_json()) == line
    intervals = venn_abers(LaterPredictions.joined(blocks(1.0, 0.0, rows=50)))
    again = Intervals.from_json(intervals.to_json())
    scores = np.linspace(-4, 4, 9)
    assert np.array_equal(np.array(again.of(scores)), np.array(intervals.of(scores)))
