"""Ordered acts, case by case: strictly later, within the window, known by then, made by people."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from random_policies import AS_OF, MICROSECONDS_PER_DAY

from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.rule import Rule
from salesworthy.rules.compiling import compile_rules
from salesworthy.rules.evaluation import evaluate_rules

DAY = MICROSECONDS_PER_DAY


def act(kind, days_ago, *, known=None, agent=None):
    occurred = AS_OF - int(days_ago * DAY)
    known_at = occurred if known is None else AS_OF - int(known * DAY)
    return {"lead_id": "L", "occurred_at": occurred, "known_at": known_at, "kind": kind, "agent": agent}


def judged(engine, world, acts, *steps, within="10d"):
    rule = Rule.model_validate(
        {
            "code": "ORDER", "title": "t", "kind": "action", "next_step": "call", "within": within,
            "sequence": [{"where": f"kind = '{step}'"} for step in steps],
            "says": {"pass": "p", "fail": "f"}, "review": "2027-01-01",
            "starts": "2024-01-01", "reason": "r", "approver": "a",
        }
    )  # fmt: skip
    policy = world.policy.model_copy(update={"rules": (rule,), "motions": (), "blocked_regions": ()})
    rules = compile_rules(policy.at(dt.date(2026, 3, 2)))
    kinds = {
        "lead_id": pa.string(),
        "occurred_at": pa.int64(),
        "known_at": pa.int64(),
        "kind": pa.string(),
        "agent": pa.string(),
    }
    table = pa.table({name: pa.array([each[name] for each in acts], kind) for name, kind in kinds.items()})
    empty = {name: pa.array([None], pa.string()) for name in ("leads.product", "accounts.region", "campaigns.type")}
    empty |= {name: pa.array([None], pa.string()) for name in ("accounts.country", "leads.specialty")}
    rows = pa.table({"lead_id": ["L"], "as_of": pa.array([AS_OF], pa.int64()), **empty})
    tables = {"engagements": engine.from_arrow("acts", table)}
    (row,) = engine.to_arrow(evaluate_rules(engine, tables, engine.from_arrow("rows", rows), rules)).to_pylist()
    return Verdict(row["rule.ORDER"]), row["days.ORDER"]


@pytest.mark.parametrize(
    ("acts", "steps", "days"),
    [
        ([act("a", 3)], "a", 3),
        ([act("a", 5), act("a", 2)], "a", 2),
        ([], "a", None),
        ([act("a", 5), act("b", 2)], "ab", 2),
        ([act("b", 5), act("a", 2)], "ab", None),
        ([act("a", 2), act("b", 2)], "ab", None),
        ([act("a", 6), act("b", 4), act("a", 3), act("b", 1)], "ab", 1),
        ([act("a", 10), act("b", 2)], "ab", None),
        ([act("a", 9.99), act("b", 2)], "ab", 2),
        ([act("a", 5), act("b", 0)], "ab", 0),
        ([act("a", 5), act("b", -1)], "ab", None),
        ([act("a", 5), act("b", 2, known=-1)], "ab", None),
        ([act("a", 5), act("b", 2, known=0)], "ab", 2),
        ([act("a", 5), act("b", 2, agent="Barracuda Link Protection")], "ab", None),
        ([act("a", 5), act("b", 2, agent="Mozilla/5.0 (Windows)")], "ab", 2),
        ([act("a", 5)], "aa", None),
        ([act("a", 5), act("a", 4)], "aa", 4),
        ([act("a", 6), act("b", 5), act("c", 4)], "abc", 4),
        ([act("b", 6), act("a", 5), act("c", 4)], "abc", None),
        ([act("a", 6), act("c", 5), act("b", 4)], "abc", None),
        ([act("b", 8), act("a", 7), act("b", 6), act("c", 6), act("c", 1)], "abc", 1),
        ([act("a", 8), act("b", 7), act("a", 6), act("b", 5)], "abab", 5),
        ([act("a", 8), act("b", 7), act("b", 6), act("a", 5)], "abab", None),
    ],
)
def test_order(engine, world, acts, steps, days):
    verdict, found = judged(engine, world, acts, *steps)
    assert found == (None if days is None else pytest.approx(days))
    assert verdict == (Verdict.FAIL if days is None else Verdict.PASS)
