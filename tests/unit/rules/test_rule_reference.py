"""The engine says of many leads what the reference says of each."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_lead import judge
from random_policies import AS_OF, random_acts, random_facts, random_rules, tables_of

from salesworthy.rules.evaluation import evaluate_rules

SEEDS = st.integers(0, 2**32)
PATIENT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def compare(engine, base, seed, leads=50):
    draw = random.Random(seed)  # noqa: S311
    rules = random_rules(draw, base)
    given_leads = {f"L{number}": (random_facts(draw), random_acts(draw)) for number in range(leads)}
    rows, tables = tables_of(engine, given_leads)
    found = engine.to_arrow(evaluate_rules(engine, tables, rows, rules))
    assert tuple(found.column_names) == rules.verdict_columns
    assert found.num_rows == leads
    for row in found.to_pylist():
        wanted = judge(rules, *given_leads[row["lead_id"]], AS_OF)
        for column, value in wanted.items():
            assert row[column] == pytest.approx(value, abs=2e-3), (seed, row["lead_id"], column)
        assert set(wanted) | {"lead_id", "as_of"} == set(row)


@settings(max_examples=6, deadline=None, suppress_health_check=PATIENT)
@given(seed=SEEDS)
def test_engine_and_reference_agree(engine, world, seed):
    compare(engine, world.policy, seed)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=PATIENT)
@given(seed=SEEDS)
def test_engine_and_reference_agree_on_ten_thousand_pairs(engine, world, seed):
    compare(engine, world.policy, seed, leads=100)
