"""Expected SQL: the interval against the exact distribution of the number of SQL."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.review.expected import difference_interval, sql_interval

CHANCES = st.lists(st.floats(0, 1), max_size=40)


def exact(propensities):
    """Distribution of the number of SQL, lead by lead."""
    found = np.ones(1)
    for each in propensities:
        found = np.convolve(found, [1 - each, each])
    return found


@pytest.mark.parametrize(("low", "high", "leads"), [(0.2, 0.8, 60), (0.05, 0.3, 200), (0.5, 0.5, 40)])
def test_the_interval_holds_about_95_percent_of_the_exact_distribution(low, high, leads):
    propensities = np.linspace(low, high, leads).tolist()
    bounds = sql_interval(0, propensities)
    numbers = np.arange(leads + 1)
    inside = exact(propensities)[(numbers >= bounds[0]) & (numbers <= bounds[1])].sum()
    assert 0.93 <= inside <= 0.97


@given(known=st.integers(0, 50), propensities=CHANCES)
def test_nothing_impossible_is_inside(known, propensities):
    low, high = sql_interval(known, propensities)
    assert known <= low <= known + sum(propensities) + 1e-9
    assert known + sum(propensities) - 1e-9 <= high <= known + len(propensities)


@given(gained=CHANCES, lost=CHANCES)
def test_a_difference_turns_round_with_its_sides(gained, lost):
    expected, low, high = difference_interval((2, gained), (1, lost))
    turned = difference_interval((1, lost), (2, gained))
    assert turned == pytest.approx((-expected, -high, -low))
    variance = sum(each * (1 - each) for each in [*gained, *lost])
    assert (high - low) / 2 == pytest.approx(1.959964 * variance**0.5, abs=1e-5)
