"""With which probability a lead was sent, as a table of cases."""

from __future__ import annotations

import pyarrow as pa
import pytest

from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.outcomes.exposure import COLUMN, Issued, with_exposure

HANDOFFS = pa.schema(
    [("lead_id", pa.string()), ("handed_at", pa.int64()), ("path", pa.string()), ("probability", pa.float64())]
)

# rows of one handoff: (path, probability) -> sent with probability
CASES = [
    ([("rule", None)], 1.0),
    ([("model", None)], 1.0),
    ([(None, None)], 1.0),
    ([("rule", 1.0)], 1.0),
    ([("exploration", 0.05)], 0.05),
    ([(" Exploration ", 0.05)], 0.05),
    ([(None, 0.05)], 0.05),
    ([("rule", 0.5)], 0.5),
    ([("exploration", None)], None),
    ([("EXPLORATION", None)], None),
    ([("exploration", 0.0)], None),
    ([("exploration", -0.1)], None),
    ([("exploration", 1.2)], None),
    ([("exploration", float("nan"))], None),
    ([("rule", 0.0)], None),
    ([("rule", None), ("exploration", 0.2)], 0.2),
    ([("exploration", 0.1), ("exploration", None)], None),
]


@pytest.fixture(scope="module")
def found():
    """All cases at once, each a lead of its own."""
    rows = [
        {"lead_id": f"L{number}", "handed_at": number, "path": path, "probability": chance}
        for number, (given, _) in enumerate(CASES)
        for path, chance in given
    ]
    rows += [{**row, "handed_at": row["handed_at"] + 1_000, "probability": 0.7} for row in rows]
    asked = pa.table({"lead_id": [f"L{number}" for number in range(len(CASES))], "handed_at": range(len(CASES))})
    with DuckDBEngine() as engine:
        tables = {"handoffs": engine.from_arrow("handoffs", pa.Table.from_pylist(rows, HANDOFFS))}
        told = engine.to_arrow(with_exposure(engine.from_arrow("asked", asked), tables)).to_pylist()
    assert len(told) == len(CASES)
    return {row["lead_id"]: row[COLUMN] for row in told}


@pytest.mark.parametrize(("number", "expected"), [(number, expected) for number, (_, expected) in enumerate(CASES)])
def test_sent_with_probability(found, number, expected):
    assert found[f"L{number}"] == expected


def test_without_handoffs_nothing_is_said():
    with DuckDBEngine() as engine:
        asked = engine.from_arrow("asked", pa.table({"lead_id": ["L1"], "handed_at": [1]}))
        assert with_exposure(asked, {}).columns == ("lead_id", "handed_at")


DAY = 86_400_000_000
DRAWN, SENT_BY_RULE = 0.05, 1.0

# (path, probability) of a handoff at noon of day 200, or as given; decisions as (day, chance) -> sent with probability
ISSUED_CASES = [
    ((None, None), [(199.5, DRAWN)], None, DRAWN),
    (("exploration", None), [(199.5, DRAWN)], None, DRAWN),
    (("rule", None), [(199.5, DRAWN)], None, 1.0),
    ((None, 0.4), [(199.5, DRAWN)], None, 0.4),
    ((None, 1.5), [(199.5, DRAWN)], None, None),
    ((None, None), [(150.0, DRAWN), (199.5, SENT_BY_RULE)], None, 1.0),
    ((None, None), [(199.5, DRAWN), (150.0, SENT_BY_RULE)], None, DRAWN),
    ((None, None), [(199.5, SENT_BY_RULE), (199.5, DRAWN)], None, DRAWN),
    ((None, None), [(200.6, DRAWN)], None, 1.0),  # said after the handoff
    ((None, None), [(200.6, DRAWN)], 200.0, DRAWN),  # dated with the day alone
    ((None, None), [(100.0, DRAWN)], None, 1.0),  # too long before
    ((None, None), [], None, 1.0),
    (("exploration", None), [], None, None),
]


def test_what_the_ledger_issued_stands_where_the_handoff_says_nothing():
    handoffs, decisions = [], []
    for number, ((path, chance), said, day, _) in enumerate(ISSUED_CASES):
        at = round((200.5 if day is None else day) * DAY)
        handoffs.append({"lead_id": f"L{number}", "handed_at": at, "path": path, "probability": chance})
        decisions += [{"lead_id": f"L{number}", "said_at": round(on * DAY), "chance": p} for on, p in said]
    with DuckDBEngine() as engine:
        tables = {"handoffs": engine.from_arrow("handoffs", pa.Table.from_pylist(handoffs, HANDOFFS))}
        issued = Issued(engine.from_arrow("issued", pa.Table.from_pylist(decisions)))
        asked = tables["handoffs"].select("lead_id", "handed_at")
        told = engine.to_arrow(with_exposure(asked, tables, issued=issued)).to_pylist()
    found = {row["lead_id"]: row[COLUMN] for row in told}
    assert found == {f"L{number}": expected for number, (*_, expected) in enumerate(ISSUED_CASES)}
    assert len(told) == len(ISSUED_CASES)
