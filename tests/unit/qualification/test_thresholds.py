"""The leads that sales can work, as a threshold: never more than fit, equals together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.qualification.thresholds import threshold_for

CASES = [
    ([0.5, 0.4, 0.3], 2, 0.4),
    ([0.5, 0.4, 0.3], 3, 0.0),
    ([0.5, 0.4, 0.4, 0.1], 2, 0.5),
    ([0.5, 0.5, 0.5], 2, math.inf),
    ([0.5, 0.4], 0, math.inf),
    ([0.5, 0.4], 1.9, 0.5),
    ([], 5, 0.0),
]


@pytest.mark.parametrize(("propensity", "leads", "threshold"), CASES)
def test_thresholds(propensity, leads, threshold):
    assert threshold_for(np.array(propensity), leads) == threshold


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), max_size=30), st.integers(0, 30))
def test_never_more_than_can_be_worked_and_no_room_is_left_without_need(propensity, leads):
    found = np.array(propensity)
    threshold = threshold_for(found, leads)
    passing = int((found >= threshold).sum())
    assert passing <= leads
    below = found[found < threshold]
    if len(below):
        assert passing + int((found == below.max()).sum()) > leads
