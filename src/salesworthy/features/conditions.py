"""SQL conditions that people write: parsed and checked before anything runs.

A condition is an expression in DuckDB's SQL over known columns: comparisons, ``AND``, ``OR``, ``NOT``, ``IN``,
``BETWEEN``, ``LIKE``, ``IS NULL``, arithmetic, ``CASE`` and the functions listed in ``condition_syntax``. Sub-queries,
statements, aggregates and everything else are refused. A checked condition becomes an Ibis expression with
``Condition.to_ibis``: three-valued, with the same result on every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from salesworthy.domain.errors import MistakeCollector
from salesworthy.features.condition_kinds import ColumnRef, Columns, ValueKind, check_kinds, column_ref
from salesworthy.features.condition_syntax import check_syntax

if TYPE_CHECKING:
    import ibis.expr.types as ir

DIALECT = "duckdb"
LONGEST = 10_000
"""Characters of a condition; more than any person writes."""
DEEPEST = 150
"""Parts inside parts; engines and we walk down them."""


@dataclass(frozen=True)
class Condition:
    """A checked condition.

    Attributes:
        text: The condition in SQL, with shared conditions written out; parsing it again gives the same condition.
        columns: The columns that it reads, each once, in order of first use.
        kind: What it gives; None where that depends on columns of unknown kind.
    """

    text: str
    columns: tuple[ColumnRef, ...]
    kind: ValueKind | None
    tree: exp.Expr

    def to_ibis(self, resolve: Callable[[ColumnRef], ir.Value]) -> ir.Value:
        """The condition as an Ibis expression.

        Three-valued: a null input gives null wherever SQL says so. Division by zero gives null, as do the logarithm
        of a number that is not positive and the square root of a negative one; ``least`` and ``greatest`` leave nulls
        out. Arithmetic is done in float64.

        Args:
            resolve: Gives the Ibis column behind a column reference.
        """
        from salesworthy.features.condition_translation import translate

        return translate(self.tree, resolve)


def parse_condition(
    text: str,
    where: str,
    *,
    columns: Columns | None = None,
    shared: Mapping[str, Condition] | None = None,
    gives: ValueKind | None = ValueKind.YES_NO,
) -> Condition:
    """Parse and check a condition.

    Args:
        text: SQL, as a person wrote it.
        where: File and line, for messages.
        columns: Known columns by (table, name), with what they hold; any column is accepted where this is None.
        shared: Conditions that may be used by their name, as if they were columns.
        gives: What the expression must give; anything where None.

    Raises:
        ConfigurationMistakes: With everything that is wrong.

    Example:
        >>> condition = parse_condition("kind = 'form' and content.topic = 'demo'", "features.yaml:3")
        >>> [str(column) for column in condition.columns]
        ['kind', 'content.topic']
        >>> parse_condition("knd = 'form'", "features.yaml:3", columns={ColumnRef("", "kind"): ValueKind.TEXT})
        Traceback (most recent call last):
        ...
        salesworthy.domain.errors.ConfigurationMistakes: the condition has 1 mistake:
          features.yaml:3: there is no column 'knd' -> did you mean 'kind'?
    """
    mistakes = MistakeCollector(of="the condition")

    def note(what: str, todo: str = "") -> None:
        mistakes.add(where, what, todo)

    tree = _parsed(text, note)
    mistakes.raise_if_any()
    assert tree is not None  # noqa: S101 -- _parsed notes a mistake otherwise
    _check_depth(tree, note)
    mistakes.raise_if_any()
    check_syntax(tree, note)
    mistakes.raise_if_any()
    tree = _with_shared(tree, shared or {})
    _check_depth(tree, note)
    mistakes.raise_if_any()
    kind = check_kinds(tree, columns, shared or {}, note, gives=gives)
    mistakes.raise_if_any()
    return Condition(tree.sql(dialect=DIALECT), _columns(tree), kind, tree)


def _parsed(text: str, note: Callable[..., None]) -> exp.Expr | None:
    if len(text) > LONGEST:
        note(f"a condition of {len(text)} characters is too long", f"write at most {LONGEST}")
        return None
    if "\0" in text:
        note("a condition cannot hold the character NUL", "leave it out")
        return None
    shown = repr(text if len(text) <= 60 else text[:57] + "...")
    try:
        statements = sqlglot.parse(text, read=DIALECT)
    except (SqlglotError, RecursionError, ValueError) as error:
        note(f"{shown} is not SQL: {_first_line(error)}", "write a condition such as kind = 'form'")
        return None
    if len(statements) != 1 or statements[0] is None:
        note(f"{shown} is not one condition", "write one condition such as kind = 'form'; join several with AND")
        return None
    return statements[0]


def _check_depth(tree: exp.Expr, note: Callable[..., None]) -> None:
    level, depth = [tree], 0
    while level:
        level, depth = [part for node in level for part in node.iter_expressions()], depth + 1
    if depth > DEEPEST:
        note(f"the condition is nested {depth} deep", f"at most {DEEPEST} is allowed; write IN (...) for many values")


def _first_line(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).strip().split("\n")[0]


def _with_shared(tree: exp.Expr, shared: Mapping[str, Condition]) -> exp.Expr:
    def written_out(node: Any) -> Any:
        if isinstance(node, exp.Column) and not node.table and node.name in shared:
            return exp.Paren(this=shared[node.name].tree.copy())
        return node

    found: exp.Expr = tree.transform(written_out)
    return found


def _columns(tree: exp.Expr) -> tuple[ColumnRef, ...]:
    return tuple(dict.fromkeys(column_ref(node) for node in tree.dfs() if isinstance(node, exp.Column)))
