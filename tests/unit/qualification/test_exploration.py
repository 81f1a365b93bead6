"""The draw from below the threshold: who may be drawn, how many are, and that it is the same everywhere and always."""

from __future__ import annotations

import math
import random

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.qualification.conftest import DAY, judged_row, judged_table
from tests.unit.qualification.one_decision import explore_one
from tests.unit.qualification.test_deciding import TARGET, WARM, override, random_policy, random_rows

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.dated import DatedShare
from salesworthy.qualification.deciding import decide
from salesworthy.qualification.exploration import SALT, draw_of, send_drawn, with_exploration
from salesworthy.qualification.lead_facts import LEAD_FACTS
from salesworthy.qualification.tables import DECIDED
from salesworthy.qualification.thresholds import over_threshold

AS_OF = parse_moment(DAY.isoformat())
FAIL, UNKNOWN = Verdict.FAIL, Verdict.UNKNOWN


def with_share(policy, share):
    """The policy with another share of leads that is sent at random."""
    version = {"value": share, "from": "2024-01-01", "unit": "share", "reason": "a test", "approver": "nobody"}
    scoring = policy.scoring.model_copy(update={"exploration": DatedShare.model_validate(version)})
    return policy.model_copy(update={"scoring": scoring})


def facts_of(rows, states=None):
    """Facts of leads: an opt-in of ten days ago, or what ``states`` says of each: (region, state, days ago)."""
    told = states or [("dach", "opt_in", 10.0)] * len(rows)
    since = [None if days is None else AS_OF - round(days * MICROSECONDS_PER_DAY) for _, _, days in told]
    columns = {field.name: pa.nulls(len(rows), field.type) for field in LEAD_FACTS}
    columns |= {
        "lead_id": pa.array([row["lead_id"] for row in rows], pa.string()),
        "region": pa.array([region for region, _, _ in told], pa.string()),
        "consent.general.state": pa.array([state for _, state, _ in told], pa.string()),
        "consent.general.at": pa.array(since, pa.int64()),
    }
    return pa.table(columns, schema=LEAD_FACTS)


def explored(rows, in_force, propensity=None, states=None, **more):
    """Rows decided, and then drawn from."""
    figures = None if propensity is None else np.array([np.nan if each is None else each for each in propensity])
    decided = decide(judged_table(rows), in_force, propensity=figures, **more)
    return with_exploration(decided, facts_of(rows, states), in_force, as_of=AS_OF)


# what is true of a lead that fits and did nothing -> propensity, (region, state, days ago), probability of being sent
WHO = {
    "below the threshold": ({}, 0.05, None, 0.5),
    "over the threshold, in a cell that is not MQL": ({"points.interest": 0.0}, 0.9, None, 0.5),
    "below the points": ({**WARM, "points": 37.9}, None, None, 0.5),
    "an MQL by propensity": (WARM, 0.2, None, 1.0),
    "an MQL by action": ({"EVALUATION_REQUEST": Verdict.PASS}, 0.01, None, 1.0),
    "a fit grade below that of the criteria set": ({"points.fit": 3.0}, 0.05, None, 0.0),
    "the same, though it acted": ({"points.fit": 3.0, "EVALUATION_REQUEST": Verdict.PASS}, 0.05, None, 0.0),
    "without fit": ({"NAMED_ROLE": FAIL}, 0.05, None, 0.0),
    "fit is not known": ({"NAMED_ROLE": UNKNOWN}, 0.05, None, 0.0),
    "blocked": ({"BLOCKED_REGION": FAIL}, 0.05, None, 0.0),
    "perhaps blocked": ({"BLOCKED_REGION": UNKNOWN}, 0.05, None, 0.0),
    "disqualified": ({"STUDENT_RESEARCH": FAIL}, 0.05, None, 0.0),
    "product or campaign is not approved": ({"approved": False}, 0.05, None, 0.0),
    "no criteria set": ({"criteria": None}, 0.05, None, 0.0),
    "a target account": (TARGET, 0.05, None, 0.0),
    "a deduction does not matter": ({"STUDENT": FAIL}, 0.05, None, 0.5),
    "no consent on record": ({}, 0.05, ("dach", None, None), 0.0),
    "consent has expired": ({}, 0.05, ("dach", "opt_in", 731.0), 0.0),
    "took consent back": ({}, 0.05, ("dach", "withdrawn", 3.0), 0.0),
    "an inquiry is enough here": ({}, 0.05, ("north_america", "implied", 100.0), 0.5),
}


@pytest.mark.parametrize(("changes", "propensity", "consent", "chance"), WHO.values(), ids=WHO)
def test_who_may_be_drawn(policy, changes, propensity, consent, chance):
    in_force = with_share(policy, 0.5).at(DAY)
    rows = [judged_row(in_force, lead=f"L{number}", **changes) for number in range(40)]
    found = explored(rows, in_force, [propensity] * 40, None if consent is None else [consent] * 40)
    assert set(found["sent_probability"].to_pylist()) == {chance}
    is_drawn = [by == "exploration" for by in found["decided_by"].to_pylist()]
    assert is_drawn == [chance == 0.5 and draw_of(f"L{number}") < 0.5 for number in range(40)]
    for row in found.to_pylist():
        assert (row["decision"] == "MQL") == (chance == 1 or row["decided_by"] == "exploration")
        assert (row["path"] is None) == (row["decision"] != "MQL")


def test_who_was_decided_about_by_hand_is_not_drawn(policy):
    changed = with_share(policy.model_copy(update={"overrides": (override("NURTURE", lead="L1"),)}), 1.0).at(DAY)
    rows = [judged_row(changed, lead=lead) for lead in ("L1", "L2")]
    found = explored(rows, changed, [0.05, 0.05])
    assert found["decided_by"].to_pylist() == ["override:BY_HAND", "exploration"]
    assert found["sent_probability"].to_pylist() == [0.0, 1.0]


def test_a_share_of_nothing_draws_nobody(policy):
    in_force = with_share(policy, 0.0).at(DAY)
    rows = [judged_row(in_force, lead=f"L{number}") for number in range(100)]
    found = explored(rows, in_force, [0.05] * 100)
    assert set(found["decision"].to_pylist()) == {"NURTURE"}
    assert set(found["sent_probability"].to_pylist()) == {0.0}


def test_who_waits_for_a_threshold_is_drawn_once_it_is_known(policy):
    in_force = with_share(policy, 0.5).at(DAY)
    rows = [judged_row(in_force, lead=f"L{number}", criteria="ALL_OTHERS", **WARM) for number in range(60)]
    propensity = np.linspace(0, 0.59, 60)
    waiting = explored(rows, in_force, propensity)
    assert set(waiting["decision"].to_pylist()) == {"NURTURE"}
    thresholds = {"ALL_OTHERS": 0.4}
    waiting = waiting.append_column("propensity", pa.array(propensity))
    later = send_drawn(over_threshold(waiting, thresholds)).select(DECIDED.names)
    at_once = explored(rows, in_force, propensity, thresholds=thresholds)
    assert later.equals(at_once)
    assert set(later["decided_by"].to_pylist()) == {"propensity", "exploration"}
    assert later["sent_probability"].to_pylist() == [1.0 if each >= 0.4 else 0.5 for each in propensity]


def quiet(in_force, row):
    """The same lead, had it done nothing and nothing against it: such leads come as far as the threshold."""
    decides = {f"rule.{rule.code}" for rule in in_force.rules if rule.kind in ("exclude", "require", "action")}
    return {**row, **{name: value for name, value in judged_row(in_force).items() if name in decides}}


def agree(policy, seed, leads):
    in_force = random_policy(with_share(policy, 0.3), seed)
    chance = random.Random(seed + 2)  # noqa: S311
    rows = [quiet(in_force, row) if chance.random() < 0.7 else row for row in random_rows(in_force, leads, seed)]
    propensity = [chance.choice([None, 0.0, 0.1, 0.2, 0.25, 0.3, 0.9]) for _ in rows]
    regions, states = ["dach", "north_america", "nordics", None], ["opt_in", "implied", "withdrawn", None]
    told = [(chance.choice(regions), chance.choice(states), chance.choice([1.0, 200.0, 900.0, None])) for _ in rows]
    thresholds = {"ALL_OTHERS": 0.2}
    found = explored(rows, in_force, propensity, told, thresholds=thresholds)
    columns = [found[name].to_pylist() for name in ("decision", "decided_by", "sent_probability")]
    expected = [
        explore_one(row, facts, in_force, figure, thresholds, as_of=AS_OF)
        for row, facts, figure in zip(rows, facts_of(rows, told).to_pylist(), propensity, strict=True)
    ]
    assert list(zip(*columns, strict=True)) == expected
    return [by for _, by, _ in expected]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_batch_agrees_with_the_plain_reference(policy, seed):
    agree(policy, seed, 40)


def test_the_reference_draws_too(policy):
    assert agree(policy, 5, 400).count("exploration") > 5


@settings(max_examples=25, deadline=None)
@given(prefix=st.text(min_size=1, max_size=8), share=st.floats(0.01, 0.6))
def test_the_share_that_is_drawn_is_the_share(prefix, share):
    leads = 4_000
    drawn = sum(draw_of(f"{prefix}{number}") < share for number in range(leads))
    assert abs(drawn - leads * share) <= 5 * math.sqrt(leads * share * (1 - share)) + 1


@given(lead=st.text(), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_lead_has_one_number_and_stays_drawn_when_the_share_rises(lead, shares):
    assert 0 <= draw_of(lead) < 1
    assert draw_of(lead) == draw_of(lead)
    low, high = sorted(shares)
    assert draw_of(lead) < high or not draw_of(lead) < low


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 30))
def test_neither_order_nor_batches_matter(policy, seed, size):
    in_force = with_share(policy, 0.4).at(DAY)
    rows = [judged_row(in_force, lead=f"L{number}") for number in range(30)]
    together = dict(zip([row["lead_id"] for row in rows], explored(rows, in_force).to_pylist(), strict=True))
    random.Random(seed).shuffle(rows)  # noqa: S311
    for start in range(0, len(rows), size):
        for found in explored(rows[start : start + size], in_force).to_pylist():
            assert found == together[found["lead_id"]]


def test_sql_draws_the_same():
    leads = [f"L{number:07d}" for number in range(2_000)] + ["Ä'ö", ""]
    table = pa.table({"lead_id": leads, "n": range(len(leads))})
    digits = f"('0x' || sha256('{SALT}' || lead_id)[1:13])::BIGINT / 16::DOUBLE ** 13"
    with duckdb.connect() as connection:
        connection.register("leads", table)
        found = connection.execute(f"SELECT {digits} FROM leads ORDER BY n").fetchnumpy()
    (column,) = found.values()
    assert column.tolist() == [draw_of(lead) for lead in leads]
