"""Points: awards per axis, deductions that are halved with time, and a cap on all deductions together."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable

import ibis
import ibis.expr.types as ir

from salesworthy.domain.verdicts import (
    APPROVED,
    POINTS,
    POINTS_DEDUCTED,
    POINTS_FIT,
    POINTS_INTEREST,
    days_column,
    points_column,
    verdict_column,
)
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.policy.rule import RuleKind
from salesworthy.rules.compiling import CompiledRule, RuleSet

DIGITS = 4
"""Points are rounded to this many digits, so that engines whose powers differ in the last bit agree."""
Resolve = Callable[[ColumnRef], ir.Value]


def with_points(judged: ir.Table, rules: RuleSet, resolve: Callable[[ir.Table], Resolve]) -> ir.Table:
    """Verdicts with the points of each rule, and the totals.

    Args:
        judged: Verdicts, days, facts, and whether product and campaign type are approved.
        rules: The rules.
        resolve: Gives the column behind a reference, for a table.
    """
    scoring = [rule for rule in rules.in_force if rule.rule.kind in (RuleKind.AWARD, RuleKind.DEDUCT)]
    found = judged.mutate(**{points_column(rule.code): _points(judged, rule, resolve(judged)) for rule in scoring})
    deducted = _sum(found, (rule for rule in scoring if rule.rule.kind == RuleKind.DEDUCT))
    found = found.mutate(
        **{
            POINTS_FIT: _if_approved(found, _sum(found, _on_axis(scoring, "fit"))),
            POINTS_INTEREST: _if_approved(found, _sum(found, _on_axis(scoring, "interest"))),
            POINTS_DEDUCTED: _if_approved(found, ibis.least(deducted, _number(rules.policy.negative_cap))),
        }
    )
    total = found[POINTS_FIT] + found[POINTS_INTEREST] - found[POINTS_DEDUCTED]
    return found.mutate(**{POINTS: total.round(DIGITS).cast("float64")})


def _points(judged: ir.Table, rule: CompiledRule, resolve: Resolve) -> ir.Value:
    """What a rule gives or takes: 0 unless it acts, never negative, never more than its cap."""
    acts = judged[verdict_column(rule.code)] == ibis.literal(int(rule.rule.rule.acts_on), "int8")
    given = _number(rule.rule.points)
    if rule.per is not None:
        per = rule.per.to_ibis(resolve).cast("float64").fill_null(0.0)
        given = given * ibis.greatest(per, _number(0.0))
    if rule.rule.cap is not None:
        given = ibis.least(given, _number(rule.rule.cap))
    if rule.rule.half_life_days is not None:
        given = given * _left_after(judged, rule, resolve)
    return acts.ifelse(given, _number(0.0)).round(DIGITS).cast("float64")


def _left_after(judged: ir.Table, rule: CompiledRule, resolve: Resolve) -> ir.Value:
    """The share of a deduction that is left; all of it where nobody knows since when."""
    if rule.acts:
        days = judged[days_column(rule.code)]
    elif rule.since is not None:
        days = rule.since.to_ibis(resolve).cast("float64")
    else:
        return _number(1.0)
    days = ibis.greatest(days.fill_null(0.0), _number(0.0))
    return _number(0.5) ** (days / _number(rule.rule.half_life_days or 1.0))


def _on_axis(rules: Iterable[CompiledRule], axis: str) -> list[CompiledRule]:
    return [rule for rule in rules if rule.rule.kind == RuleKind.AWARD and rule.rule.rule.axis == axis]


def _sum(found: ir.Table, rules: Iterable[CompiledRule]) -> ir.Value:
    """Added one after the other, in the order of the policy, so that every engine gives the same."""
    return functools.reduce(operator.add, (found[points_column(rule.code)] for rule in rules), _number(0.0))


def _if_approved(found: ir.Table, points: ir.Value) -> ir.Value:
    return found[APPROVED].ifelse(points, _number(0.0)).round(DIGITS).cast("float64")


def _number(value: float) -> ir.Value:
    return ibis.literal(float(value), "float64")
