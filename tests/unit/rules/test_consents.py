"""The consent gate: the latest state counts, the stricter of two, and an objection stands until it is lifted."""

from __future__ import annotations

import pyarrow as pa
import pytest

from salesworthy.policy.consent import ConsentStates
from salesworthy.rules.consents import latest_states, objectors

DAY = 86_400_000_000
STATES = ConsentStates()
COLUMNS = ("lead_id", "at", "state", "channel", "purpose", "content_type")


def tables(engine, rows):
    kinds = (pa.string(), pa.int64(), *[pa.string()] * 4)
    filled = [(*row, *[None] * (6 - len(row))) for row in rows]
    columns = [pa.array([row[place] for row in filled], kind) for place, kind in enumerate(kinds)]
    return {"consents": engine.from_arrow("consents", pa.table(columns, names=COLUMNS))}


# rows of one lead -> whether it objected, as of day 10
OBJECTIONS = [
    ([("L", 1, "objected")], True),
    ([("L", 11, "objected")], False),
    ([("L", 10, "objected")], True),
    ([("L", 1, "opt_in"), ("L", 2, "objected")], True),
    ([("L", 1, "objected"), ("L", 2, "opt_in")], False),
    ([("L", 2, "objected"), ("L", 2, "opt_in")], True),
    ([("L", 1, "objected", "phone"), ("L", 2, "opt_in", "email")], True),
    ([("L", 1, "objected", "email"), ("L", 2, "opt_in", "email")], False),
    ([("L", 1, "withdrawn")], False),
    ([("L", 1, "nonsense")], False),
    ([("L", 1, "objected", None, "research")], True),
]


@pytest.mark.parametrize(("rows", "objected"), OBJECTIONS)
def test_objections(engine, rows, objected):
    dated = [(lead, at * DAY, *rest) for lead, at, *rest in rows]
    found = engine.to_arrow(objectors(tables(engine, dated), STATES, as_of=10 * DAY))
    assert found["lead_id"].to_pylist() == (["L"] if objected else [])


# rows of one lead -> state and day, for clinical content by e-mail as of day 10
LATEST = [
    ([("L", 1, "opt_in"), ("L", 5, "withdrawn")], ("withdrawn", 5)),
    ([("L", 5, "opt_in"), ("L", 5, "bounced")], ("bounced", 5)),
    ([("L", 5, "opt_in"), ("L", 11, "withdrawn")], ("opt_in", 5)),
    ([("L", 5, "opt_in", "email"), ("L", 7, "withdrawn", "phone")], ("opt_in", 5)),
    ([("L", 5, "opt_in", None, None, "clinical"), ("L", 7, "withdrawn", None, None, "news")], ("opt_in", 5)),
    ([("L", 5, "opt_in", "email", "marketing", "all")], ("opt_in", 5)),
    ([("L", 5, "opt_in"), ("L", 6, "who knows")], (None, 6)),
    ([("L", -3, "implied")], ("implied", -3)),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), LATEST)
def test_latest_states(engine, rows, expected):
    dated = [(lead, at * DAY, *rest) for lead, at, *rest in rows]
    asked = {"channel": "email", "purpose": "marketing", "content_type": "clinical"}
    found = engine.to_arrow(latest_states(tables(engine, dated), STATES, as_of=10 * DAY, **asked)).to_pylist()
    state, day = expected
    assert found == [{"lead_id": "L", "state": state, "at": day * DAY}]


def test_moments_are_exact(engine):
    odd = 1_773_100_812_345_679
    rows = [("L", odd, "opt_in")]
    asked = {"channel": "email", "purpose": "marketing", "content_type": "general"}
    found = engine.to_arrow(latest_states(tables(engine, rows), STATES, as_of=odd, **asked)).to_pylist()
    assert found == [{"lead_id": "L", "state": "opt_in", "at": odd}]
