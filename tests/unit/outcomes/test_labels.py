"""Labels as a table of cases, and against a plain reference."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.domain.moments import MICROSECONDS_PER_DAY as DAY
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.outcomes.labels import LabelRule, label_handoffs, results

OUTCOMES = pa.schema([("lead_id", pa.string()), ("at", pa.int64()), ("disposition", pa.string())])
HANDOFFS = pa.schema([("lead_id", pa.string()), ("handed_at", pa.int64())])
LEADS = pa.schema([("lead_id", pa.string()), ("account_id", pa.string()), ("created_at", pa.int64())])


def labels_of(outcomes, *, rule=None, handed_days=(10,), until_day=1000, handoffs=True):
    """{(lead_id, handed_day): (label, matured_day, settled)} for the lead A handed over on those days."""
    rule = rule or LabelRule(window_days=90)
    leads = [{"lead_id": "A", "account_id": "S", "created_at": 5 * DAY}]
    tables = {"leads": pa.Table.from_pylist(leads, LEADS)}
    if handoffs:
        given_ = [{"lead_id": "A", "handed_at": round(day * DAY)} for day in handed_days]
        tables["handoffs"] = pa.Table.from_pylist(given_, HANDOFFS)
    rows = [
        {"lead_id": "A", "at": None if day is None else round(day * DAY), "disposition": what} for day, what in outcomes
    ]
    tables["outcomes"] = pa.Table.from_pylist(rows, OUTCOMES)
    with DuckDBEngine() as engine:
        expressions = {name: engine.from_arrow(name, table) for name, table in tables.items()}
        found = engine.to_arrow(label_handoffs(expressions, rule, until=until_day * DAY)).to_pylist()
    return {
        (row["lead_id"], row["handed_at"] // DAY): (row["label"], row["matured_at"] // DAY, row["settled"])
        for row in found
    }


HOUR = 1 / 24
# (day of the outcome, offset from UTC in hours) -> label of a handoff at 15:00 of day 10
SAME_DAY = {
    (10, 0): 1.0,  # a day without a time: any time of that day
    (10 + 1 * HOUR, 0): 0.0,  # a time, and before the handoff
    (9, 0): 0.0,
    (10 - 2 * HOUR, 2): 1.0,  # midnight two hours east of UTC
    (10 - 2 * HOUR, 0): 0.0,
    (10 + 5 * HOUR, -5): 1.0,
    (10 + 16 * HOUR, 0): 1.0,
}


@pytest.mark.parametrize(("outcome", "label"), SAME_DAY.items(), ids=str)
def test_an_outcome_dated_with_the_day_of_the_handoff_is_not_one_before_it(outcome, label):
    day, offset = outcome
    rule = LabelRule(utc_offsets=(int(offset * HOUR * DAY),))
    found = labels_of([(day, "accepted")], rule=rule, handed_days=(10 + 15 * HOUR,))
    assert found["A", 10][0] == label


# outcomes as (day, disposition); the lead is handed over on day 10, the window closes on day 100
CASES = {
    "accepted inside the window": ([(20, "accepted")], 1.0),
    "accepted on its first instant": ([(10, "accepted")], 1.0),
    "accepted on its last day": ([(100, "accepted")], 1.0),
    "accepted too late": ([(101, "accepted")], 0.0),
    "accepted before the handoff": ([(9, "accepted")], 0.0),
    "rejected": ([(20, "rejected")], 0.0),
    "rejected, then accepted": ([(20, "rejected"), (30, "accepted")], 1.0),
    "unreachable is not a no": ([(20, "unreachable")], None),
    "duplicate is not a label": ([(20, "duplicate")], None),
    "untouched is not a label": ([(20, "untouched")], None),
    "unreachable, then rejected": ([(20, "unreachable"), (40, "rejected")], 0.0),
    "still open when the window closes": ([(20, "open")], 0.0),
    "no row at all": ([], 0.0),
}


@pytest.mark.parametrize(("outcomes", "label"), CASES.values(), ids=CASES.keys())
def test_label_of_one_handoff(outcomes, label):
    assert labels_of(outcomes)["A", 10] == (label, 100, True)


def test_early_acceptance_is_not_mature():
    assert labels_of([(20, "accepted")], until_day=99)["A", 10][2] is False


def test_outcomes_recorded_later_are_not_seen():
    assert labels_of([(20, "accepted")], until_day=15)["A", 10][0] == 0.0


def test_each_handoff_has_its_own_window():
    found = labels_of([(20, "accepted")], handed_days=(10, 15, 21, 300))
    assert {key[1]: value[0] for key, value in found.items()} == {10: 1.0, 15: 1.0, 21: 0.0, 300: 0.0}


def test_without_handoffs_the_lead_counts_from_its_creation():
    assert labels_of([(20, "accepted")], handoffs=False) == {("A", 5): (1.0, 95, True)}


def test_absent_can_be_excluded():
    assert labels_of([], rule=LabelRule(absent="exclude"))["A", 10][0] is None


def test_undated_outcomes_are_settled_at_the_handoff():
    assert labels_of([(None, "accepted")], rule=LabelRule(undated="final"))["A", 10] == (1.0, 10, True)


def test_undated_open_waits_for_its_window():
    assert labels_of([(None, "open")], rule=LabelRule(undated="final"))["A", 10] == (0.0, 100, True)


def test_undated_acceptances_wait_when_silence_means_no():
    """A file that lists only the won: acceptances must not count before the silence of the others does."""
    leads = pa.Table.from_pylist([{"lead_id": x, "account_id": None, "created_at": 0} for x in "AB"], LEADS)
    outcomes = pa.Table.from_pylist([{"lead_id": "A", "at": None, "disposition": "accepted"}], OUTCOMES)
    with DuckDBEngine() as engine:
        tables = {"leads": engine.from_arrow("leads", leads), "outcomes": engine.from_arrow("outcomes", outcomes)}
        rule = LabelRule(undated="final", window_days=90)
        rows = engine.to_arrow(label_handoffs(tables, rule, until=1000 * DAY)).to_pylist()
    assert {row["lead_id"]: (row["label"], row["matured_at"] // DAY) for row in rows} == {
        "A": (1.0, 90),
        "B": (0.0, 90),
    }


def test_a_result_is_never_known_at_its_own_handoff():
    rule = LabelRule(undated="final", window_days=7)
    leads = pa.Table.from_pylist([{"lead_id": "A", "account_id": None, "created_at": 0}], LEADS)
    outcomes = pa.Table.from_pylist([{"lead_id": "A", "at": None, "disposition": "accepted"}], OUTCOMES)
    with DuckDBEngine() as engine:
        tables = {"leads": engine.from_arrow("leads", leads), "outcomes": engine.from_arrow("outcomes", outcomes)}
        found = engine.to_arrow(results(label_handoffs(tables, rule, until=1000 * DAY), rule)).to_pylist()
    assert found == [{"lead_id": "A", "handed_at": 0, "label": 1.0, "known_at": 7 * DAY}]


DISPOSITIONS = ["accepted", "rejected", "unreachable", "duplicate", "untouched", "open"]


def plain_label(outcomes, *, handed, rule, until):
    """The table of the module's docstring, written as a person would."""
    seen = [(at, what) for at, what in outcomes if at is None or at <= until]
    inside = [what for at, what in seen if at is None or handed <= at <= handed + rule.window_days]
    if any(what in rule.positive for what in inside):
        return 1.0
    if "rejected" in inside or ("accepted" in inside and "accepted" not in rule.positive):
        return 0.0
    if any(what in ("unreachable", "duplicate", "untouched") for what in inside):
        return None
    return None if not seen and rule.absent == "exclude" else 0.0


@settings(max_examples=60, deadline=None)
@given(
    outcomes=st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 40)), st.sampled_from(DISPOSITIONS)), max_size=4),
    handed=st.lists(st.integers(0, 30), min_size=1, max_size=3, unique=True),
    until=st.integers(30, 50),
    window=st.integers(1, 15),
    absent=st.sampled_from(["open", "exclude"]),
)
def test_labels_equal_the_plain_reference(outcomes, handed, until, window, absent):
    rule = LabelRule(window_days=window, absent=absent, undated="final")
    found = labels_of(outcomes, rule=rule, handed_days=handed, until_day=until)
    expected = {day: plain_label(outcomes, handed=day, rule=rule, until=until) for day in handed}
    assert {key[1]: value[0] for key, value in found.items()} == expected
