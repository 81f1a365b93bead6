"""Counts per verdict, alarms, and the facts whose absence caused UNKNOWN."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
from random_policies import random_facts, random_rules, tables_of

from salesworthy.domain.verdicts import Verdict
from salesworthy.rules.alarms import RuleCounts, alarms, count_verdicts, form_capture
from salesworthy.rules.evaluation import evaluate_rules


def counts_of(rule, missing=None, **verdicts):
    found = {each: verdicts.get(each.name, 0) for each in Verdict}
    return RuleCounts(rule, "a title", found, missing or {})


def test_counts_add_up(engine, world):
    draw = random.Random(7)  # noqa: S311
    rules = random_rules(draw, world.policy)
    rows, tables = tables_of(engine, {f"L{number}": (random_facts(draw), []) for number in range(300)})
    judged = engine.materialise("judged", evaluate_rules(engine, tables, rows, rules))
    counts = count_verdicts(engine, judged, rules)
    assert [each.rule for each in counts] == [rule.code for rule in rules.rules]
    arrow = engine.to_arrow(judged)
    for each in counts:
        assert each.leads == 300
        values = arrow[f"rule.{each.rule}"]
        assert values.type == pa.int8()
        assert {v: values.to_pylist().count(int(v)) for v in Verdict} == each.verdicts
        assert all(count <= each.verdicts[Verdict.UNKNOWN] for count in each.missing.values())


class _Rules:
    """The part of a rule set that alarms look at."""

    def __init__(self, policy):
        self.policy = policy


def test_rules_that_touch_nobody_or_everybody(world):
    rules = _Rules(world.policy.at(dt.date(2026, 3, 2)))
    found = alarms(
        (
            counts_of("BUYER", PASS=0, FAIL=500),
            counts_of("STUDENT", PASS=500),
            counts_of("CLINICAL_USER", PASS=500),
            counts_of("NAMED_ROLE", {"role": 400, "x": 1}, UNKNOWN=400, PASS=100),
            counts_of("DEMO_REQUEST", PASS=20, FAIL=480),
            counts_of("TIER_1", FAIL=99),
        ),
        rules,
    )
    assert [(each.code, each.column) for each in found] == [
        ("rule_touches_nobody", "BUYER"),
        ("rule_touches_nobody", "STUDENT"),
        ("rule_touches_everybody", "CLINICAL_USER"),
        ("rule_mostly_unknown", "role"),
    ]
    assert found[3].says == "the rule NAMED_ROLE (a title) cannot tell for 400 of 500 leads, mostly for want of role"


def test_the_form_capture_report_starts_with_the_costliest_fact():
    counts = (counts_of("A", {"role": 5, "beds": 0}), counts_of("B", {"role": 2, "timeframe": 6}))
    assert form_capture(counts) == (("role", 7, ("A", "B")), ("timeframe", 6, ("B",)))
