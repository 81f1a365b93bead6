"""Open leads as a table of cases."""

from __future__ import annotations

import pyarrow as pa
import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY as DAY
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.outcomes.open_leads import known_leads, open_leads


def tables_of(engine, outcomes, handed=(10,)):
    leads = pa.table({"lead_id": ["A"], "account_id": ["S"], "created_at": [5 * DAY]})
    handoffs = pa.table(
        {
            "lead_id": pa.array(["A"] * len(handed), pa.string()),
            "handed_at": pa.array([round(d * DAY) for d in handed], pa.int64()),
        }
    )
    rows = pa.table(
        {
            "lead_id": pa.array(["A"] * len(outcomes), pa.string()),
            "at": pa.array([None if at is None else round(at * DAY) for at, _ in outcomes], pa.int64()),
            "disposition": pa.array([what for _, what in outcomes], pa.string()),
        }
    )
    parts = {"leads": leads, "handoffs": handoffs, "outcomes": rows}
    return {name: engine.from_arrow(name, table) for name, table in parts.items()}


# (outcomes, handoff days, as-of day) -> is the lead open
CASES = {
    "nothing recorded": ([], (10,), 50, True),
    "accepted": ([(20, "accepted")], (10,), 50, False),
    "rejected": ([(20, "rejected")], (10,), 50, False),
    "duplicate": ([(20, "duplicate")], (10,), 50, False),
    "unreachable may be tried again": ([(20, "unreachable")], (10,), 50, True),
    "untouched": ([(20, "untouched")], (10,), 50, True),
    "accepted later than the question": ([(60, "accepted")], (10,), 50, True),
    "handed over again after a rejection": ([(20, "rejected")], (10, 40), 50, True),
    "undated outcomes close nothing": ([(None, "accepted")], (10,), 50, True),
    "judged without a handoff": ([(20, "rejected")], (), 50, False),
    "judged on the day of the handoff": ([(10, "rejected")], (10.6,), 50, False),
    "judged at a time before the handoff": ([(10.5, "rejected")], (10.6,), 50, True),
    "not created yet": ([], (10,), 4, False),
}


@pytest.mark.parametrize(("outcomes", "handed", "as_of", "is_open"), CASES.values(), ids=CASES.keys())
def test_open(outcomes, handed, as_of, is_open):
    with DuckDBEngine() as engine:
        found = engine.to_arrow(open_leads(tables_of(engine, outcomes, handed), as_of=as_of * DAY))
    assert (found.num_rows == 1) is is_open


def test_known_leads_keep_the_judged():
    with DuckDBEngine() as engine:
        found = engine.to_arrow(known_leads(tables_of(engine, [(20, "accepted")]), as_of=50 * DAY))
    assert found.to_pylist() == [{"lead_id": "A", "account_id": "S"}]
