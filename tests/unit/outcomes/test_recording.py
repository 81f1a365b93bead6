"""Since when outcomes are recorded: found where handoffs reach back beyond the record, and only there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.outcomes.labels import LabelRule, label_handoffs
from salesworthy.outcomes.recording import first_outcomes, recorded_since

DAY = 86_400_000_000


def history(seed, *, rate, slow_days, rows=2_000):
    """Handoffs over 700 days, and when each got its first outcome."""
    rng = np.random.default_rng(seed)
    handed = np.sort(rng.integers(0, 700 * DAY, rows))
    told = np.where(rng.random(rows) < rate, handed + rng.exponential(slow_days * DAY, rows), np.nan)
    told[told > 700 * DAY] = np.nan
    return handed, told


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.02, 1), st.floats(1, 80))
def test_a_whole_record_has_no_late_start(seed, rate, slow_days):
    assert recorded_since(*history(seed, rate=rate, slow_days=slow_days)) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 1), st.floats(1, 30), st.integers(150, 400), st.integers(0, 3))
def test_the_first_day_of_a_record_is_found_in_spite_of_strays(seed, rate, slow_days, start, strays):
    handed, told = history(seed, rate=rate, slow_days=slow_days)
    told[told < start * DAY] = np.nan
    first = np.nanmin(told)
    told[:strays] = handed[:strays] + DAY
    assert recorded_since(handed, told) == int(first)


@pytest.mark.parametrize("told", [[], [np.nan] * 5, [1.0, np.nan, 3.0, 4.0, 5.0]])
def test_few_rows_say_nothing(told):
    assert recorded_since(np.arange(len(told)), np.array(told)) is None


def test_handoffs_from_before_the_record_are_no_labels():
    handed = [("A", 10), ("B", 20), ("C", 30)]
    tables = {
        "leads": pa.table({"lead_id": ["A", "B", "C"], "account_id": ["S"] * 3, "created_at": pa.array([0] * 3)}),
        "handoffs": pa.table({"lead_id": [lead for lead, _ in handed], "handed_at": [day * DAY for _, day in handed]}),
        "outcomes": pa.table(
            {"lead_id": ["A", "C", "C"], "at": [9 * DAY, 33 * DAY, 31 * DAY], "disposition": ["accepted"] * 3}
        ),
    }
    rule = LabelRule(recorded_since=20 * DAY)
    with DuckDBEngine() as engine:
        opened = {name: engine.from_arrow(name, table) for name, table in tables.items()}
        labels = engine.to_arrow(label_handoffs(opened, rule, until=500 * DAY).order_by("lead_id"))
        first = engine.to_arrow(first_outcomes(opened, rule, until=500 * DAY).order_by("handed_at"))
    assert labels["label"].to_pylist() == [None, 0.0, 1.0]
    assert first["first_at"].to_pylist() == [None, None, 31 * DAY]
