"""Every rule on every lead, three-valued, in the engine.

A verdict is UNKNOWN where it hangs on an input that is missing: never a pass, never a fail. SQL's own logic decides
when it hangs on it: ``role = 'student' or beds > 100`` is true of a student whatever the beds are. A rule that is not
in force says NOT_IN_FORCE of everybody.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from salesworthy.domain.errors import UserError
from salesworthy.domain.verdicts import (
    APPROVED,
    CRITERIA,
    MOTION,
    Verdict,
    days_column,
    missing_column,
    verdict_column,
)
from salesworthy.engines.protocol import Engine
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.readable_tables import Tables
from salesworthy.policy.criteria import Applies
from salesworthy.rules.compiling import CompiledRule, RuleSet
from salesworthy.rules.inputs import with_facts
from salesworthy.rules.points import with_points
from salesworthy.rules.sequences import with_sequences

Resolve = Callable[[ColumnRef], ir.Value]
_calls = itertools.count()


def evaluate_rules(engine: Engine, tables: Tables, rows: ir.Table, rules: RuleSet) -> ir.Table:
    """Evaluate every rule on every lead.

    Grain: one row per row of ``rows``. Columns: ``lead_id``, ``as_of``; per rule ``rule.CODE`` (int8, a ``Verdict``);
    per rule with a sequence ``days.CODE`` (days since its last act, null where it is not there); per award and
    deduction ``points.rule.CODE``; per fact that verdicts hang on ``missing.FACT``; ``points``, ``points.fit``,
    ``points.interest``, ``points.deducted``; ``criteria``, ``motion``, ``approved``. See ``domain.verdicts``.

    Args:
        engine: Where the tables live.
        tables: Checked tables.
        rows: ``lead_id``, ``as_of`` and features; one row per lead and moment. Facts such as ``leads.role`` are added
            unless they are there already.
        rules: The rules.

    Raises:
        UserError: When a column is missing.
    """
    name = f"rules_{next(_calls)}"
    given = with_facts(rows, tables, rules)
    _refuse_missing_columns(given, rules)
    given = with_sequences(given, engine, tables, rules, name)
    judged = given.mutate(
        **{verdict_column(rule.code): _verdict(given, rule) for rule in rules.rules},
        **{missing_column(str(ref)): given[str(ref)].isnull() for ref in rules.inputs},
        **{APPROVED: _approved(given, rules), MOTION: _motion(given, rules)},
    )
    judged = judged.mutate(**{CRITERIA: _criteria(judged, rules)})
    return with_points(judged, rules, _resolver).select(*rules.verdict_columns)


def _resolver(table: ir.Table) -> Resolve:
    return lambda ref: table[str(ref)]


def _refuse_missing_columns(rows: ir.Table, rules: RuleSet) -> None:
    missing = sorted({str(ref) for ref in rules.needs} - set(rows.columns))
    if missing:
        raise UserError(
            f"rules read what is not there: {', '.join(missing)}",
            where="policy",
            todo="check the policy against this workspace: salesworthy policy check",
        )


def _verdict(rows: ir.Table, rule: CompiledRule) -> ir.Value:
    if not rule.rule.in_force:
        return _code(Verdict.NOT_IN_FORCE)
    tests = []
    if rule.when is not None:
        tests.append(rule.when.to_ibis(_resolver(rows)).cast("boolean"))
    if rule.acts:
        tests.append(rows[days_column(rule.code)].notnull())
    holds = functools.reduce(operator.and_, tests)
    true, false = (Verdict.FAIL, Verdict.PASS) if rule.rule.rule.is_negative else (Verdict.PASS, Verdict.FAIL)
    return ibis.cases((holds, _code(true)), (~holds, _code(false)), else_=_code(Verdict.UNKNOWN)).cast("int8")


def _code(verdict: Verdict) -> ir.Value:
    return ibis.literal(int(verdict), "int8")


def _approved(rows: ir.Table, rules: RuleSet) -> ir.Value:
    """Whether product and campaign type, where stated, are approved; a policy that lists none approves all."""
    policy = rules.policy
    listed = (
        ("product", policy.policy.products, policy.products),
        ("campaign_type", policy.policy.campaign_types, policy.campaign_types),
    )
    found: ir.Value = ibis.literal(True)
    for name, declared, in_force in listed:
        ref = rules.fact(name)
        if declared and ref is not None:
            found = found & rows[str(ref)].isin(sorted(in_force)).fill_null(True)
    return found


def _motion(rows: ir.Table, rules: RuleSet) -> ir.Value:
    tests = [(condition.to_ibis(_resolver(rows)), ibis.literal(code)) for code, condition in rules.motions]
    return ibis.cases(*tests) if tests else ibis.null("string")


def _criteria(rows: ir.Table, rules: RuleSet) -> ir.Value:
    """The most specific set that applies."""
    tests: list[tuple[ir.Value, ir.Value]] = []
    for each in rules.policy.criteria:
        if each.criteria.applies.specificity == 0:
            return ibis.cases(*tests, else_=each.code) if tests else ibis.literal(each.code)
        tests.append((_applies(rows, rules, each.criteria.applies), ibis.literal(each.code)))
    return ibis.cases(*tests) if tests else ibis.null("string")


def _applies(rows: ir.Table, rules: RuleSet, applies: Applies) -> ir.Value:
    product, region = rules.fact("product"), rules.fact("region")
    asked = (
        (applies.products, None if product is None else rows[str(product)]),
        (applies.regions, None if region is None else rows[str(region)]),
        (applies.motions, rows[MOTION]),
    )
    tests = [
        ibis.literal(False) if value is None else value.isin(list(names)).fill_null(False)
        for names, value in asked
        if names
    ]
    return functools.reduce(operator.and_, tests)
