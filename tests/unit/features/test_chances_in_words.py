"""Chances in words: near the figure, in order, and never a certainty."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesworthy.features.sentences import in_words

MOST_POINTS, MOST_OF_IT = Fraction(5, 100), Fraction(1, 6)
CHANCES = st.floats(0, 1)


def said(words: str) -> Fraction:
    """The fraction that words name; what is less (more) than one is placed just beyond it."""
    *_, of, _, among = words.split()
    named = Fraction(int(of), int(among))
    return named + {"about": 0, "less": Fraction(-1, 1000), "more": Fraction(1, 1000)}[words.split(maxsplit=1)[0]]


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.0, "less than 1 in 100"),
        (0.009, "less than 1 in 100"),
        (0.01, "about 1 in 100"),
        (0.034, "about 1 in 30"),
        (0.05, "about 1 in 20"),
        (0.1, "about 1 in 10"),
        (0.17, "about 1 in 6"),
        (0.2, "about 1 in 5"),
        (0.25, "about 1 in 4"),
        (0.3, "about 3 in 10"),
        (0.33, "about 1 in 3"),
        (0.4, "about 2 in 5"),
        (0.44, "about 2 in 5"),
        (0.5, "about 1 in 2"),
        (0.6, "about 3 in 5"),
        (0.66, "about 2 in 3"),
        (0.7, "about 7 in 10"),
        (0.75, "about 3 in 4"),
        (0.8, "about 4 in 5"),
        (0.86, "about 7 in 8"),
        (0.9, "about 9 in 10"),
        (0.95, "about 19 in 20"),
        (0.98, "about 98 in 100"),
        (0.99, "about 99 in 100"),
        (0.995, "more than 99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_a_chance_in_words(chance, words):
    assert in_words(chance) == words


@given(CHANCES)
@example(0.45)
@example(0.55)
def test_words_are_near_the_figure(chance):
    words, exact = in_words(chance), Fraction(chance)
    if words.startswith("about"):
        away = abs(said(words) - exact)
        assert away <= MOST_POINTS + Fraction(1, 10**9)
        assert away <= MOST_OF_IT * exact
    else:
        assert (exact < Fraction(1, 100)) == words.startswith("less")
        assert exact < Fraction(1, 100) or exact > Fraction(99, 100) - Fraction(1, 10**9)


@given(CHANCES, CHANCES)
def test_a_larger_chance_never_has_smaller_words(one, other):
    low, high = sorted((one, other))
    assert said(in_words(low)) <= said(in_words(high))


@given(CHANCES)
def test_nothing_is_certain(chance):
    assert 0 < said(in_words(chance)) < 1
