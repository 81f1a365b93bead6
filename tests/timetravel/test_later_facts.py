"""Adding later facts changes no earlier feature: any history, any kind of feature, any later fact."""

from __future__ import annotations

import histories as past
import pytest
from histories import FEATURES, HALF_DAY, LEADS, TABLES
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from small_tables import answers, load

AFTER = st.integers(1, 60)
"""Half days after the last moment asked about; the first of them is one microsecond after it."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return load(FEATURES, tmp_path_factory.mktemp("catalogue"), tables=TABLES).catalogue


def _later(strategy, most):
    """Rows of a strategy with a number that says how long after the horizon they become known."""
    return st.lists(st.tuples(strategy, AFTER), max_size=most)


later_facts = st.fixed_dictionaries(
    {
        "engagements": _later(past.engagements, 8),
        "consents": _later(past.consents, 3),
        "handoffs": _later(past.handoffs, 4),
        "accounts": _later(past.accounts, 1),
        "campaigns": _later(past.campaigns, 1),
        "content": _later(past.content, 1),
        "leads": _later(past.leads, 1),
    }
)
NAMES = {"accounts": ("account_id", "A9"), "campaigns": ("campaign_id", "C9"), "content": ("content_id", "T9"),
         "leads": ("lead_id", "L9")}  # fmt: skip
"""What earlier acts, leads and results point to already, and is not there yet."""
KNOWN_BY = {"consents": "at", "handoffs": "handed_at", "accounts": "created_at", "campaigns": "approved_at",
            "content": "tagged_at", "leads": "created_at"}  # fmt: skip


def appended(tables, later, horizon):
    """The tables with further rows, each of which became known after the horizon."""
    found = {name: list(rows) for name, rows in tables.items()}
    for name, rows in later.items():
        for row, after in rows:
            moment = horizon + 1 + (after - 1) * HALF_DAY
            found[name].append(_dated(name, row, moment))
    return found


def _dated(name, row, moment):
    if name == "engagements":
        happened_later = row["known_at"] is None
        return {**row, "occurred_at": moment} if happened_later else {**row, "known_at": moment}
    key, value = NAMES.get(name, ("", ""))
    return {**row, KNOWN_BY[name]: moment, **({key: value} if key else {})}


# Shrinking takes minutes here; the roads below are the small cases.
MANY = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.slow
@MANY
@given(
    spine=past.spines,
    known=st.tuples(past.histories, past.told_results),
    later=st.tuples(later_facts, _later(past.results, 4)),
)
def test_later_facts_change_no_earlier_feature(engine, catalogue, spine, known, later):
    (tables, results), (later_rows, later_results) = known, later
    horizon = max(moment for _, moment in spine)
    told_later = [{**row, "known_at": horizon + 1 + (after - 1) * HALF_DAY} for row, after in later_results]
    before = answers(engine, tables, spine, catalogue, results)
    after = answers(engine, appended(tables, later_rows, horizon), spine, catalogue, results + told_later)
    assert after.equals(before)


@pytest.mark.slow
@settings(MANY, max_examples=8)
@given(tables=past.histories, results=past.told_results, moments=st.lists(past.moments, min_size=2, max_size=3))
def test_a_question_is_answered_alike_whatever_else_is_asked(engine, catalogue, tables, results, moments):
    spine = [(lead, moment) for lead in LEADS for moment in moments]
    together = answers(engine, tables, spine, catalogue, results)
    for place in (0, len(spine) - 1):
        alone = answers(engine, tables, [spine[place]], catalogue, results)
        assert together.slice(place, 1).to_pylist() == alone.to_pylist()


# One case for each road on which a later fact could come back; the generated histories above cover their mixtures.
LEAD = {"lead_id": "L1", "created_at": 0, "account_id": "A9", "campaign_id": "C9", "role": "head", "score": 2.0}
ACT = {"lead_id": "L1", "occurred_at": 0, "kind": "form", "content_id": "T9", "campaign_id": "C9", "value": 1.0}
COLLEAGUE = {"lead_id": "L9", "created_at": 9 * HALF_DAY, "account_id": "A9", "role": "head"}
NOW = 8 * HALF_DAY
LATER = NOW + 1
ROADS = {
    "an act that happens later": {"engagements": [{**ACT, "occurred_at": LATER}]},
    "an act that becomes known later": {"engagements": [{**ACT, "known_at": LATER}]},
    "a colleague's act that becomes known later": {"engagements": [{**ACT, "lead_id": "L2", "known_at": LATER}]},
    "a tag that is set later": {"content": [{"content_id": "T9", "topic": "evidence", "tagged_at": LATER}]},
    "a campaign that is approved later": {"campaigns": [{"campaign_id": "C9", "type": "fair", "approved_at": LATER}]},
    "an account that is made later": {
        "accounts": [{"account_id": "A9", "facility_type": "hospital", "beds": 9.0, "created_at": LATER}]
    },
    "a colleague who comes later": {"leads": [COLLEAGUE]},
    "a handoff later": {"handoffs": [{"lead_id": "L1", "handed_at": LATER}]},
    "a withdrawal later": {"consents": [{"lead_id": "L1", "at": LATER, "state": "withdrawn"}]},
    "a result that becomes known later": {"results": [{"lead_id": "L2", "known_at": LATER, "label": 1.0}]},
}


TODAY = {
    "accounts": [],
    "leads": [LEAD, {**LEAD, "lead_id": "L2", "answered_at": 0}],
    "engagements": [ACT, {**ACT, "lead_id": "L9"}],
    "content": [],
    "campaigns": [],
    "consents": [],
    "handoffs": [],
}
RESULTS = [{"lead_id": "L1", "known_at": 1, "label": 0.0}, {"lead_id": "L9", "known_at": 1, "label": 1.0}]
SPINE = [("L1", NOW), ("L2", NOW), ("L1", NOW + 20 * HALF_DAY), ("L2", NOW + 20 * HALF_DAY)]


@pytest.fixture(scope="module")
def without(engine, catalogue):
    return answers(engine, TODAY, SPINE, catalogue, RESULTS).to_pylist()


@pytest.mark.parametrize("road", ROADS)
def test_roads_from_the_future_are_closed(engine, catalogue, without, road):
    tables = {name: [*rows, *ROADS[road].get(name, [])] for name, rows in TODAY.items()}
    found = answers(engine, tables, SPINE, catalogue, RESULTS + ROADS[road].get("results", [])).to_pylist()
    assert found[:2] == without[:2]
    assert found[2:] != without[2:], "the fact counts once it is known"
