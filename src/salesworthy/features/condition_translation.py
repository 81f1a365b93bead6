"""Checked conditions as Ibis expressions: a walk over the parsed tree, the same on every engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
from sqlglot import exp

from salesworthy.domain.errors import InternalError
from salesworthy.features.condition_kinds import ColumnRef, column_ref

Resolve = Callable[[ColumnRef], ir.Value]
WHOLE_FROM = 2.0**53
"""From here on every float is a whole number."""


def translate(tree: exp.Expr, resolve: Resolve) -> ir.Value:
    """The Ibis expression of a checked condition.

    Args:
        tree: A condition whose syntax was checked.
        resolve: Gives the Ibis column behind a column reference.

    Raises:
        InternalError: When the tree holds something that the check should have refused.
    """
    return _Translation(resolve).value(tree)


def _number(value: ir.Value) -> ir.Value:
    return value.cast("float64")


def _quotient(left: ir.Value, right: ir.Value) -> ir.Value:
    return _number(left) / _number(right).nullif(0.0)


def _logarithm(value: ir.Value) -> ir.Value:
    return _only_if(_number(value), lambda number: number > 0).ln()


def _root(value: ir.Value) -> ir.Value:
    return _only_if(_number(value), lambda number: number >= 0).sqrt()


def _whole(rounded: Callable[[ir.Value], ir.Value]) -> Callable[[ir.Value], ir.Value]:
    """Rounding to whole numbers, which engines do in 64 bits: numbers too large for that are whole already."""

    def translated(value: ir.Value) -> ir.Value:
        number = _number(value)
        small = _only_if(number, lambda each: each.abs() < WHOLE_FROM)
        return ibis.coalesce(_number(rounded(small)), number)

    return translated


def _only_if(value: ir.Value, test: Callable[[ir.Value], ir.Value]) -> ir.Value:
    """Null where the test fails, also inside the function applied to it: engines evaluate both branches of a case."""
    return test(value).ifelse(value, ibis.null("float64"))


def _least(*values: ir.Value) -> ir.Value:
    return ibis.least(*map(_number, values))


def _greatest(*values: ir.Value) -> ir.Value:
    return ibis.greatest(*map(_number, values))


_OPERATIONS: dict[type[exp.Expr], Callable[..., ir.Value]] = {
    exp.And: operator.and_,
    exp.Or: operator.or_,
    exp.Not: operator.invert,
    exp.Paren: lambda value: value,
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.Between: lambda value, low, high: (value >= low) & (value <= high),
    exp.In: lambda value, *options: functools.reduce(operator.or_, [value == option for option in options]),
    exp.Add: lambda left, right: _number(left) + _number(right),
    exp.Sub: lambda left, right: _number(left) - _number(right),
    exp.Mul: lambda left, right: _number(left) * _number(right),
    exp.Div: _quotient,
    exp.Neg: lambda value: -_number(value),
    exp.DPipe: operator.add,
    exp.Abs: lambda value: _number(value).abs(),
    exp.Ceil: _whole(lambda number: number.ceil()),
    exp.Floor: _whole(lambda number: number.floor()),
    exp.Round: _whole(lambda number: number.round()),
    exp.Ln: _logarithm,
    exp.Sqrt: _root,
    exp.Least: _least,
    exp.Greatest: _greatest,
    exp.Coalesce: ibis.coalesce,
    exp.Nullif: lambda value, other: value.nullif(other),
    exp.Lower: lambda value: value.lower(),
    exp.Upper: lambda value: value.upper(),
    exp.Length: lambda value: value.length(),
    exp.Contains: lambda value, part: value.contains(part),
    exp.StartsWith: lambda value, start: value.startswith(start),
    exp.Replace: lambda value, old, new: value.replace(old, new),
    exp.Cast: lambda value: value.try_cast("float64"),
    exp.TryCast: lambda value: value.try_cast("float64"),
}


class _Translation:
    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self._special: dict[Any, Callable[[Any], ir.Value]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: self._boolean,
            exp.Null: self._null,
            exp.Is: self._is,
            (exp.Like, exp.ILike): self._like,
            (exp.Case, exp.If): self._case,
        }

    def value(self, node: exp.Expr) -> ir.Value:
        special = next((read for kinds, read in self._special.items() if isinstance(node, kinds)), self._operation)
        return special(node)

    def _operation(self, node: exp.Expr) -> ir.Value:
        operation = _OPERATIONS.get(type(node))
        if operation is None:
            raise InternalError(f"an unchecked condition was translated: {node!r}")
        operands = [part for part in node.iter_expressions() if not isinstance(part, exp.DataType)]
        return operation(*map(self.value, operands))

    def _column(self, node: exp.Column) -> ir.Value:
        return self.resolve(column_ref(node))

    def _literal(self, node: exp.Literal) -> ir.Value:
        return ibis.literal(node.name) if node.is_string else _literal_number(node.name)

    def _boolean(self, node: exp.Boolean) -> ir.Value:
        return ibis.literal(bool(node.this))

    def _null(self, _: exp.Null) -> ir.Value:
        return ibis.null()

    def _is(self, node: exp.Is) -> ir.Value:
        value = self.value(node.this)
        if isinstance(node.expression, exp.Null):
            return value.isnull()
        return (value == ibis.literal(bool(node.expression.this))).fill_null(False)

    def _like(self, node: exp.Like | exp.ILike) -> ir.Value:
        value, pattern = self.value(node.this), node.expression.name
        if isinstance(node, exp.ILike):
            value, pattern = value.lower(), pattern.lower()
        found = value.like(pattern)
        return ~found if node.args.get("negate") else found

    def _case(self, node: exp.Case | exp.If) -> ir.Value:
        subject = self.value(node.this) if isinstance(node, exp.Case) and node.this is not None else None
        branches = []
        for branch in node.args.get("ifs") or [node]:
            test = self.value(branch.this)
            branches.append((test if subject is None else subject == test, self.value(branch.args["true"])))
        other = node.args.get("default") or node.args.get("false")
        return ibis.cases(*branches, else_=None if other is None else self.value(other))


def _literal_number(text: str) -> Any:
    return ibis.literal(int(text), "int64") if text.isdigit() and len(text) < 19 else ibis.literal(float(text))
