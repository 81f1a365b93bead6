"""What is picked first, window by window, with ties shared out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.model.at_capacity import Window, at_capacity, room


def window(y, p, *, days=7.0, groups=None):
    return Window(
        np.array(y, dtype=float), np.array(p, dtype=float), np.arange(len(y)) if groups is None else groups, days
    )


def test_the_likeliest_of_each_window_are_picked():
    first = window([1, 0, 0, 1], [0.9, 0.8, 0.2, 0.1], groups=np.arange(4))
    second = window([0, 1, 1], [0.3, 0.2, 0.1], groups=np.arange(4, 7))
    found = at_capacity([first, second], a_week=2, resamples=50)
    assert (found.leads, found.found) == (4, 2)
    assert found.expected == pytest.approx(0.9 + 0.8 + 0.3 + 0.2)
    assert (found.precision.value, found.captured.value) == (0.5, 0.5)


def test_ties_at_the_edge_are_shared_out():
    found = at_capacity([window([1, 0, 0, 0], [0.5] * 4)], a_week=2, resamples=50)
    assert (found.leads, found.found, found.precision.value) == (2, 0.5, 0.25)


def test_a_tenth_where_nobody_says_how_many():
    y = np.zeros(40)
    y[:3] = 1
    found = at_capacity([window(y, np.linspace(0.9, 0.1, 40))], resamples=50)
    assert (found.leads, found.found) == (4, 3)


def test_all_alike_still_has_an_interval():
    found = at_capacity([window([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1])], a_week=2, resamples=50)
    assert found.precision.value == 1
    assert found.precision.low < 0.8


@given(st.integers(1, 500), st.floats(0.5, 400), st.none() | st.floats(0.1, 1000))
def test_room_is_never_more_than_there_are(leads, days, a_week):
    assert 1 <= room(leads, days, a_week) <= leads


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5)), min_size=2, max_size=30), st.floats(0.2, 40))
def test_as_many_are_picked_as_there_is_room_for(rows, a_week):
    y, p = [won for won, _ in rows], [place / 10 for _, place in rows]
    found = at_capacity([window(y, p)], a_week=a_week, resamples=5)
    assert found.leads == pytest.approx(room(len(rows), 7, a_week))
