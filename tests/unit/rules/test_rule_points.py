"""Negative points: capped together, halved with time, so that a lead who comes back is not trapped."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from random_policies import AS_OF

from salesworthy.domain.errors import UserError
from salesworthy.policy.rule import Rule
from salesworthy.rules.compiling import compile_rules
from salesworthy.rules.evaluation import evaluate_rules

EVERY = {
    "title": "t", "says": {"pass": "p", "fail": "f"}, "review": "2027-01-01", "starts": "2024-01-01", "reason": "r",
    "approver": "a",
}  # fmt: skip


def deduct(code, points, half_life="100d"):
    return Rule.model_validate(
        {
            **EVERY,
            "code": code,
            "kind": "deduct",
            "when": "bad",
            "since": "age",
            "points": points,
            "half_life": half_life,
        }
    )


AWARD = Rule.model_validate(
    {
        **EVERY,
        "code": "GOOD",
        "kind": "award",
        "when": "visits > 0",
        "points": 4,
        "per": "visits",
        "cap": 10,
        "axis": "fit",
    }
)


def judged(engine, world, rules, **facts):
    policy = world.policy.model_copy(update={"rules": rules, "motions": (), "blocked_regions": ()})
    compiled = compile_rules(policy.at(dt.date(2026, 3, 2)))
    given = {"bad": True, "age": 0.0, "visits": 0.0, **facts}
    texts = ("leads.product", "accounts.region", "campaigns.type", "accounts.country", "leads.specialty")
    row = {name: given.get(name) for name in texts}
    schema = {"bad": pa.bool_(), "age": pa.float64(), "visits": pa.float64(), **dict.fromkeys(texts, pa.string())}
    table = pa.table({name: pa.array([{**row, **given}[name]], kind) for name, kind in schema.items()})
    table = table.append_column("lead_id", pa.array(["L"])).append_column("as_of", pa.array([AS_OF], pa.int64()))
    return engine.to_arrow(evaluate_rules(engine, {}, engine.from_arrow("one", table), compiled)).to_pylist()[0]


@pytest.mark.parametrize(("age", "left"), [(0, 20), (100, 10), (200, 5), (365, 1.5932), (-5, 20), (None, 20)])
def test_half_is_left_after_each_half_life(engine, world, age, left):
    row = judged(engine, world, (deduct("BAD", 20),), age=age)
    assert row["points.rule.BAD"] == pytest.approx(left, abs=1e-4)
    assert row["points"] == pytest.approx(-left, abs=1e-4)


def test_all_deductions_together_are_capped(engine, world):
    row = judged(engine, world, tuple(deduct(f"BAD_{number}", 30) for number in range(3)))
    assert (row["points.deducted"], row["points"]) == (40, -40)


@pytest.mark.parametrize(("bad", "taken"), [(True, 20), (False, 0), (None, 0)])
def test_what_is_not_known_takes_nothing(engine, world, bad, taken):
    assert judged(engine, world, (deduct("BAD", 20),), bad=bad)["points.rule.BAD"] == taken


@pytest.mark.parametrize(("visits", "given"), [(0, 0), (1, 4), (2, 8), (3, 10), (None, 0)])
def test_awards_are_multiplied_and_capped(engine, world, visits, given):
    row = judged(engine, world, (AWARD,), visits=visits)
    assert (row["points.rule.GOOD"], row["points.fit"], row["points.interest"]) == (given, given, 0)


@pytest.mark.parametrize(
    ("facts", "approved"),
    [
        ({"leads.product": "infusion_pump"}, True),
        ({"leads.product": "surgical_robot"}, False),
        ({"campaigns.type": "skywriting"}, False),
        ({}, True),
    ],
)
def test_what_is_not_approved_scores_nothing(engine, world, facts, approved):
    row = judged(engine, world, (AWARD,), visits=2, **facts)
    assert (row["approved"], row["points"]) == (approved, 8 if approved else 0)


def test_a_column_that_is_not_there_is_named(engine, world):
    rule = Rule.model_validate({**EVERY, "code": "R", "kind": "require", "when": "colour = 'red'"})
    with pytest.raises(UserError, match="rules read what is not there: colour"):
        judged(engine, world, (rule,))
