"""Shadow scores: where a challenger differs from the run that it stands beside."""

from __future__ import annotations

import pyarrow as pa
import pytest

from salesworthy.runs.shadow import compared


def scores(*rows):
    return pa.table(
        {
            "lead_id": [lead for lead, _, _ in rows],
            "decision": [decision for _, decision, _ in rows],
            "propensity": pa.array([propensity for _, _, propensity in rows], pa.float64()),
        }
    )


RUN = scores(("A", "MQL", 0.5), ("B", "NURTURE", 0.2), ("C", "MQL", 0.4), ("D", "HELD", None))


def test_every_change_of_decision_is_counted():
    other = scores(("D", "HELD", None), ("C", "NURTURE", 0.1), ("B", "MQL", 0.6), ("A", "MQL", 0.5))
    found = compared(RUN, other)
    assert found["leads"] == 4
    assert found["moved"] == {"MQL": {"NURTURE": 1}, "NURTURE": {"MQL": 1}}
    assert found["mean_change"] == pytest.approx((0.4 - 0.3) / 3)
    assert found["mean_absolute_change"] == pytest.approx(0.7 / 3)
    assert found["rank_correlation"] == pytest.approx(-0.5)


def test_the_same_scores_change_nothing():
    found = compared(RUN, RUN)
    assert (found["moved"], found["mean_absolute_change"], found["rank_correlation"]) == ({}, 0, 1)


def test_without_propensities_only_decisions_are_compared():
    points = scores(("A", "MQL", None), ("B", "NURTURE", None))
    found = compared(points, points)
    assert (found["leads"], found["mean_change"], found["rank_correlation"]) == (2, None, None)
