"""Values that are said to sound alike do, whatever they are and however a feature is spoken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesworthy.features.catalogue import Feature
from salesworthy.features.sentences import sentence
from salesworthy.features.spoken_values import spoken_alike

SPOKEN = {
    "number": Feature("score", "column", type="number", says="Scores {value} time(s)", says_zero="Scores nothing"),
    "count": Feature("demos", "count", says="Asked for {value} demo(s)"),
    "days": Feature("last_order", "recency", says="Last ordered {value} day(s) ago", says_zero="Ordered this moment"),
    "share": Feature("read", "share", says="Read {value} of all", says_zero="Read nothing"),
    "nobody wrote it": Feature("employer_size", "column", type="number"),
}
VALUES = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-2, 120),
    st.floats(0, 1),
    st.integers(-1000, 200_000).map(lambda each: each / 1000),
    st.integers(-(10**7), 10**7).map(float),
)


@pytest.mark.parametrize("feature", SPOKEN.values(), ids=SPOKEN)
@settings(max_examples=150, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=20))
@example(
    values=[0.0, -0.0, 0.5, 0.49, 0.495, 0.505, -0.3, 0.995, 0.9951, 1.0, 1.003, 9.996, 9.995, 10.04, 99.96, 99.95]
)
@example(values=[0.005, 0.0049, 0.0051, 0.9949, 0.99505, 0.9952, 1.004, 12.04, 12.0, 100.5, 101.5, 1e16, 1e300])
def test_values_that_sound_alike_are_in_the_same_words(feature, values):
    alike = spoken_alike(feature, np.array(values))
    assert [sentence(feature, each) for each in alike.tolist()] == [sentence(feature, each) for each in values]


def test_many_numbers_become_few():
    values = np.random.default_rng(1).lognormal(1.0, 1.0, 20_000)
    kept = {name: len(np.unique(spoken_alike(feature, values))) for name, feature in SPOKEN.items()}
    assert kept["number"] < 3_000
    assert kept["days"] < 700
