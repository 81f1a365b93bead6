"""Intervals against known truth: they hold it about as often as they say, and would not if leads were drawn one by one.

The full measurement is ``experiments/interval_coverage``; here few repetitions with bounds that luck does not reach.
"""

from __future__ import annotations

import numpy as np
import pytest
from experiments.interval_coverage.run import Case, coverage

from salesworthy.model.metrics import figures

pytestmark = pytest.mark.slow

REPETITIONS = 100
FIGURES = ("roc_auc", "calibration_slope", "calibration_intercept", "ece")
CASES = {
    "few and rare": Case(leads=300, level=-3.2),
    "true probabilities": Case(leads=500, per_account=1.0, account_effect=0.0),
    "large accounts, bent": Case(leads=600, per_account=12.0, account_effect=0.8, boldness=1.6, shift=0.3),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_intervals_hold_the_truth_as_often_as_they_say(case):
    found = coverage(case, repetitions=REPETITIONS)
    assert {name: found[name] for name in FIGURES if found[name] < 0.88} == {}


def lead_by_lead(y, p, account, seed):
    return figures(y, p, np.arange(len(y)), seed=seed)


def test_leads_of_one_account_drawn_one_by_one_would_promise_too_much():
    case = Case(leads=600, per_account=30.0, account_effect=1.5)
    together = coverage(case, repetitions=REPETITIONS)
    alone = coverage(case, repetitions=REPETITIONS, measure=lead_by_lead)
    assert together["calibration_intercept"] >= 0.85
    assert alone["calibration_intercept"] < 0.75
