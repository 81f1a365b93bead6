"""Reasons: exact sums, in order of weight, each with the sentence of the feature that carries it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.features.arguments import argues
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.qualification.reasons import ReasonMap, _argues_not, degree, name_reasons
from salesworthy.qualification.tables import CODED_REASONS

CATALOGUE = Catalogue(
    (
        Feature("demos", "count", reason="DEMO_REQUEST", says="Asked for {value} demo(s)", dtype="integer"),
        Feature("role", "column", type="category", reason="ROLE_FIT", says="Role: {value}", dtype="category"),
        Feature("demos_old", "count", reason="DEMO_REQUEST", says="Once asked for {value} demo(s)", dtype="integer"),
        Feature("beds", "column", type="number", reason="FACILITY_SIZE", says="Has {value} beds"),
    )
)
FEATURES = pa.table(
    {
        "demos": pa.array([2, 0, 1], pa.int64()),
        "role": pa.array(["physician", None, "student"], pa.string()),
        "demos_old": pa.array([5, 1, 1], pa.int64()),
        "beds": pa.array([120.0, None, 40.0], pa.float64()),
    }
)


def reasons_of(shares, features=FEATURES):
    ids = pa.array([f"L{number}" for number in range(len(shares))])
    return name_reasons(ids, np.asarray(shares, dtype=float), features, ReasonMap(CATALOGUE), run_id="r1")


def test_features_of_a_code_are_one_reason_and_the_heaviest_comes_first():
    rows = reasons_of([[0.5, -1.0, 0.25, 0.0]], FEATURES.slice(0, 1)).to_pylist()
    assert [(row["rank"], row["code"], row["family"], row["log_odds"], row["degree"]) for row in rows] == [
        (1, "ROLE_FIT", "FIT", -1.0, "strong"),
        (2, "DEMO_REQUEST", "INTEREST", 0.75, "strong"),
    ]
    assert [row["sentence"] for row in rows] == ["Role: physician", "Asked for 2 demos"]


def test_the_sentence_is_of_the_feature_that_pulls_the_same_way():
    rows = reasons_of([[-0.9, 0.0, 1.0, 0.0]], FEATURES.slice(0, 1)).to_pylist()
    assert [(row["code"], row["sentence"]) for row in rows] == [("DEMO_REQUEST", "Once asked for 5 demos")]


def test_leads_stay_in_order_and_carry_the_run():
    rows = reasons_of([[0.1, 0.2, 0.0, 0.0], [0.0, 0.0, 0.0, 0.3], [0.0, 0.0, 0.0, 0.0]])
    assert rows.schema.equals(CODED_REASONS)
    assert rows["lead_id"].to_pylist() == ["L0", "L0", "L1"]
    assert set(rows["run_id"].to_pylist()) == {"r1"}


@pytest.mark.parametrize(
    ("log_odds", "word"), [(0.0, "slight"), (0.22, "slight"), (0.23, "clear"), (-0.69, "clear"), (-0.7, "strong")]
)
def test_degrees(log_odds, word):
    assert degree(log_odds) == word
    one = reasons_of([[log_odds or 1e-9, 0.0, 0.0, 0.0]], FEATURES.slice(0, 1))
    assert one["degree"].to_pylist() == [word]


def test_a_fact_that_is_not_known_does_not_speak_for_a_lead():
    rows = reasons_of([[0.0, 0.6, 0.0, 0.0]], FEATURES.slice(1, 1)).to_pylist()
    assert [row["sentence"] for row in rows] == ["Role and specialty"]
    rows = reasons_of([[0.0, -0.6, 0.0, 0.0]], FEATURES.slice(1, 1)).to_pylist()
    assert [row["sentence"] for row in rows] == ["Role: not known"]


@pytest.mark.parametrize(
    ("carried", "says"), [(0.19, "What they read and attended, and how recently"), (0.21, "Came to our booth once")]
)
def test_a_feature_that_carries_little_of_a_reason_does_not_speak_for_all_of_it(carried, says):
    """The other one carries four times as much, and says of a lead that it has none of what would speak for it."""
    catalogue = Catalogue(
        (
            Feature("news", "count", reason="ACTIVITY", direction="increasing", says="Read {value}", dtype="integer"),
            Feature("booth", "count", reason="ACTIVITY", says="Came to our booth {value} time(s)", dtype="integer"),
        )
    )
    features = pa.table({"news": pa.array([0], pa.int64()), "booth": pa.array([1], pa.int64())})
    shares = np.array([[1 - carried, carried]])
    rows = name_reasons(pa.array(["L0"]), shares, features, ReasonMap(catalogue), run_id="r1").to_pylist()
    assert [row["sentence"] for row in rows] == [says]


VALUES = {
    "count": st.one_of(st.none(), st.integers(0, 3)),
    "column": st.one_of(st.none(), st.just(float("nan")), st.just(0.0), st.floats(-2, 2)),
    "expression": st.one_of(st.none(), st.booleans()),
}
TYPES = {"count": pa.int64(), "column": pa.float64(), "expression": pa.bool_()}


@settings(max_examples=100, deadline=None)
@given(data=st.data(), kind=st.sampled_from(list(VALUES)), says=st.sampled_from(["Has {value}", "Has one"]),
       direction=st.sampled_from(["none", "increasing", "decreasing"]))  # fmt: skip
def test_a_whole_column_argues_as_each_of_its_values_does(data, kind, says, direction):
    feature = Feature("it", kind, says=says, direction=direction)
    values = data.draw(st.lists(VALUES[kind], min_size=1, max_size=6))
    total = np.array(data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=len(values), max_size=len(values))))
    found = _argues_not(feature, pa.chunked_array([pa.array(values, TYPES[kind])]), total)
    told = [argues(feature, value, speaks_for=bool(sign > 0)) for value, sign in zip(values, total, strict=True)]
    assert found.tolist() == [not each for each in told]


SHARES = st.lists(st.lists(st.floats(-5, 5, width=32), min_size=4, max_size=4), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(shares=SHARES)
def test_shares_per_lead_add_up(shares):
    found = reasons_of(shares)
    for lead, given_ in enumerate(shares):
        told = [row for row in found.to_pylist() if row["lead_id"] == f"L{lead}"]
        assert sum(row["log_odds"] for row in told) == pytest.approx(sum(given_), abs=1e-12)
        weights = [abs(row["log_odds"]) for row in told]
        assert weights == sorted(weights, reverse=True)
        assert [row["rank"] for row in told] == list(range(1, len(told) + 1))


@settings(max_examples=30, deadline=None)
@given(shares=SHARES)
def test_a_lead_has_the_same_reasons_whoever_stands_beside_it(shares):
    together = reasons_of(shares).to_pylist()
    alone = []
    for lead, given_ in enumerate(shares):
        ids = pa.array([f"L{lead}"])
        one = name_reasons(ids, np.asarray([given_]), FEATURES.slice(lead, 1), ReasonMap(CATALOGUE), run_id="r1")
        alone += one.to_pylist()
    assert together == alone
