"""Estimated performance: equal to counting pairs, right where propensities hold, and blind where meanings change."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.drift.estimates import BLIND, LEAST_ROWS, expected, performance, realised
from salesworthy.drift.outcome_watch import Handed
from salesworthy.market.calendar import DAY, DRIFT_START
from salesworthy.market.generate import write_market

SHARES = st.lists(st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.8]), min_size=LEAST_ROWS, max_size=LEAST_ROWS + 10)


@settings(deadline=None, max_examples=20)
@given(SHARES)
def test_the_expected_area_is_that_of_all_pairs(shares):
    p = np.array(shares)
    won = lost = 0.0
    for one in p:
        for other in p:
            weight = one * (1 - other)
            won += weight * (1.0 if one > other else 0.5 if one == other else 0.0)
            lost += weight
    assert expected(p).roc_auc == pytest.approx(won / lost)
    assert expected(p).rate == pytest.approx(p.mean())


def test_where_propensities_hold_the_estimate_is_what_comes():
    rng = np.random.default_rng(0)
    p = rng.beta(1.2, 3.0, 40_000)
    told, came = expected(p), realised(p, (rng.random(len(p)) < p).astype(float))
    for figure in ("rate", "precision_at_10", "roc_auc"):
        assert getattr(told, figure) == pytest.approx(getattr(came, figure), abs=0.015)


def test_too_few_handoffs_are_not_estimated():
    assert expected(np.full(LEAST_ROWS - 1, 0.2)) is None
    assert realised(np.full(3, 0.2), np.ones(3)) is None


def truth(folder, scenario, leads=3500):
    """Lead -> probability at its handoff, and whether it was accepted, of handoffs after the shift."""
    write_market(folder, leads=leads, seed=4, drift=scenario)
    handoffs = pq.read_table(folder / "handoffs.parquet")
    at = dict(zip(handoffs["lead_id"].to_pylist(), handoffs["handed_at"].cast("int64").to_pylist(), strict=True))
    told = pq.read_table(folder / "truth.parquet", columns=["lead_id", "as_of", "probability"])
    rows = zip(told["lead_id"].to_pylist(), told["as_of"].cast("int64").to_pylist(), told["probability"], strict=True)
    return {lead: p.as_py() for lead, moment, p in rows if moment == at.get(lead) and moment >= DRIFT_START}


@pytest.mark.slow
def test_the_estimate_is_blind_to_concept_shift(tmp_path):
    """A model that knew the market exactly before requests stopped to matter: its estimate stays, the truth falls."""
    before, after = truth(tmp_path / "quiet", None), truth(tmp_path / "shifted", "concept_shift")
    leads = sorted(set(before) & set(after))
    assert len(leads) > 200
    said, true = (np.array([given[lead] for lead in leads]) for given in (before, after))
    estimate, came = expected(said), realised(said, true)  # the share of outcomes that every lead would get
    assert came.roc_auc < estimate.roc_auc - 0.005
    assert abs(came.rate - estimate.rate) > 0.03
    assert expected(said) == realised(said, said)  # had nothing shifted, it would have been right
    assert "blind to concept shift" in BLIND


def test_a_report_sets_estimated_beside_realised_and_takes_no_lead_that_was_learned_from():
    n = 400
    rng = np.random.default_rng(1)
    handed_at = np.sort(rng.integers(0, 200 * DAY, n))
    p = rng.uniform(0.1, 0.6, n)
    mature = handed_at + 90 * DAY <= 200 * DAY
    label = np.where(mature, rng.random(n) < p, np.nan)
    fair, none = handed_at > 20 * DAY, np.zeros(n, np.bool_)
    handed = Handed(handed_at, handed_at + 90 * DAY, label, p, fair, np.zeros((n, 0)), (), none)
    found = performance(handed, as_of=200 * DAY, window=1000 * DAY)
    assert found["not_mature"]["estimated"]["handoffs"] == int((~mature).sum())
    assert found["latest_mature"]["realised"]["handoffs"] == int((mature & fair).sum())
    assert found["latest_mature"]["estimated"]["rate"] == pytest.approx(p[mature & fair].mean())
