"""How far windows stray: against a slow plain computation, and as it must be whatever the figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weekly_sums import every_kind, quiet

from salesworthy.drift.deviations import (
    GAP,
    INFORMATION,
    LEAST,
    SLOW,
    WINDOWS,
    YEAR,
    deviations,
    habits,
    habits_without,
)
from salesworthy.drift.watched import Family, Kind


def plain(weekly, window, week, column):
    """One difference in standard errors, as the module says it."""
    each = weekly.watched[column]
    end = week + 1
    now = range(end - window, end)
    last = max(end - max(GAP, window), 0)
    before = range(max(last - YEAR, 0), last)
    known = sum(weekly.totals[row, column] > 0 for row in before)
    slow = each.family in (Family.OUTCOME, Family.CALIBRATION)
    if now.start < 0 or known < LEAST or (window == SLOW and not slow):
        return math.nan
    hits, totals = (sum(table[row, column] for row in now) for table in (weekly.hits, weekly.totals))
    old, of, squares = (sum(t[row, column] for row in before) for t in (weekly.hits, weekly.totals, weekly.squares))
    if totals == 0 or (each.kind == Kind.SCORE and totals < INFORMATION):
        return math.nan
    if each.kind == Kind.SHARE:
        angles = [math.asin(math.sqrt((x + 0.375) / (n + 0.75))) for x, n in ((hits, totals), (old, of))]
        return (angles[0] - angles[1]) / math.sqrt(1 / (4 * totals + 2) + 1 / (4 * of + 2))
    if each.kind == Kind.COUNT:
        change = math.log(hits / totals + 0.5) - math.log(old / of + 0.5)
        return change / math.sqrt(1 / (hits + 0.5) + 1 / (old + 0.5))
    spread = 1.0 if each.kind == Kind.SCORE else max(squares / of - (old / of) ** 2, 1e-12)
    return (hits / totals - old / of) / math.sqrt(spread * (1 / totals + 1 / of))


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 75), window=st.sampled_from(WINDOWS))
def test_every_difference_is_the_plain_one(seed, count, window):
    weekly = every_kind(count, seed=seed)
    found = deviations(weekly, window).raw
    for week in range(0, count, 5):
        for column in range(len(weekly)):
            expected = plain(weekly, window, week, column)
            assert found[week, column] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("window", WINDOWS)
def test_later_weeks_change_no_earlier_difference(window):
    weekly = every_kind(60, seed=1)
    early = deviations(weekly.first(40), window)
    late = deviations(weekly, window)
    for name in ("raw", "now", "before", "rows"):
        assert np.array_equal(getattr(early, name), getattr(late, name)[:40], equal_nan=True)


def test_the_habit_of_independent_rows_is_near_one_and_of_clustered_rows_their_design_effect():
    apart = habits(deviations(quiet(120, 40, seed=2), 1).raw, 1)
    together = habits(deviations(quiet(120, 40, seed=2, rows=400, clusters=4), 1).raw, 1)
    assert apart.mean() == pytest.approx(1.03, abs=0.06)
    assert together.mean() == pytest.approx(math.sqrt(1 + 0.9 * 3), abs=0.25)  # variance x 4, drawn towards 1


def test_a_habit_without_a_window_leaves_out_all_that_overlap_it():
    raw = deviations(quiet(60, 3, seed=3), 4).raw
    found = habits_without(raw, 4)
    alone = raw.copy()
    alone[27:34] = np.nan  # windows that share a week with the one that ends in week 30
    assert found[30] == pytest.approx(habits(alone, 4))
