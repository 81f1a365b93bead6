"""Outcomes are counted when they are mature, and tell whether scores and reasons still hold."""

from __future__ import annotations

import numpy as np
import pytest
from weekly_sums import MONDAY, weeks

from salesworthy.drift.outcome_watch import Handed, outcome_weekly
from salesworthy.drift.thresholds import strays
from salesworthy.drift.watched import IN_THE_LARGE, TOGETHER, Family, joined
from salesworthy.drift.weeks import WEEK

WINDOW = 13 * WEEK
CODES = ("DEMO_REQUEST", "ROLE_FIT")
COUNT = 110
SHIFT = 85


def handoffs(*, seed=0, per_week=60, worth=(1.0, 1.0), fall=0.0, until=COUNT, mature_only=True):
    """Handoffs whose reasons change their worth, or whose odds fall, in week SHIFT; labels as known after ``until``."""
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(until), per_week)
    handed_at = MONDAY + week * WEEK + rng.integers(0, WEEK, len(week))
    reasons = rng.normal(0, 1.0, (len(week), 2))
    later = (week >= SHIFT)[:, None]
    truth = -1.0 + (reasons * np.where(later, worth, 1.0)).sum(axis=1) + np.where(later[:, 0], fall, 0.0)
    label = (rng.random(len(week)) < 1 / (1 + np.exp(-truth))).astype(float)
    matured_at = handed_at + WINDOW
    known = MONDAY + until * WEEK
    label[matured_at > known] = np.nan if mature_only else 0.0
    propensity = 1 / (1 + np.exp(-(-1.0 + reasons.sum(axis=1))))
    yes = np.ones(len(week), np.bool_)
    return Handed(handed_at, matured_at, label, propensity, yes, reasons, CODES, ~yes)


def judged(handed, week=COUNT - 1):
    weekly = joined(weeks(COUNT), outcome_weekly(handed, weeks(COUNT)))
    found = strays(weekly, week, every=52)
    return weekly, found, {weekly.watched[column].thing for column in found.found()}


def test_labels_are_counted_in_the_week_in_which_they_matured_and_young_ones_not_at_all():
    handed = handoffs(until=30)
    rate = outcome_weekly(handed, weeks(COUNT))[0]
    assert rate.watched[0].family == Family.OUTCOME
    expected, accepted = np.zeros(COUNT), np.zeros(COUNT)
    for moment, label in zip(handed.matured_at, handed.label, strict=True):
        if not np.isnan(label):
            expected[(moment - MONDAY) // WEEK] += 1
            accepted[(moment - MONDAY) // WEEK] += label
    assert np.array_equal(rate.totals[:, 0], expected)
    assert np.array_equal(rate.hits[:, 0], accepted)
    assert expected[30:].sum() == 0 < expected.sum() < len(handed.label)


def test_a_fall_that_is_only_immaturity_raises_no_finding():
    """The last quarter's handoffs look lost if silence is taken for a no; counted when mature, nothing has changed."""
    naive = handoffs(mature_only=False)
    by_handoff = naive.label[naive.handed_at >= MONDAY + (COUNT - 12) * WEEK]
    assert by_handoff.mean() < 0.2 * naive.label.mean()  # what would be seen by looking too early
    for seed in range(3):
        assert judged(handoffs(seed=seed))[2] == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"fall": -1.5}, {IN_THE_LARGE, "accepted by sales"}),
        ({"worth": (-0.2, 1.0)}, {"DEMO_REQUEST", TOGETHER}),
    ],
)
def test_what_has_changed_is_told_by_its_name(change, found):
    weekly, told, things = judged(handoffs(seed=1, per_week=120, **change))
    assert found <= things
    assert "ROLE_FIT" not in things
    worth = weekly.values()[-12:, [each.thing for each in weekly.watched].index("DEMO_REQUEST")].mean()
    assert worth == pytest.approx(change.get("worth", (1.0,))[0] - 1.0, abs=0.45)  # a first-order figure
    assert told.threshold < 6


def test_a_model_is_not_graded_on_leads_that_it_learned_from():
    handed = handoffs(until=40)
    learned = Handed(**{**vars(handed), "fair": np.zeros(len(handed.label), np.bool_)})
    assert [each.family for part in outcome_weekly(learned, weeks(COUNT)) for each in part.watched] == [Family.OUTCOME]
