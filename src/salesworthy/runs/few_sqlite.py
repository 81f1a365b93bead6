"""Turns SQL of DuckDB into SQL of SQLite that says the same, to the last bit, or says that it cannot.

DuckDB needs a tenth of a second for one lead however little there is to compute: for every column of every step it
clears room for two thousand rows. SQLite works row by row, keeps its plans, and needs milliseconds. Only what both are
known to answer alike is turned; where they differ, a function of ours says what DuckDB would (``few_functions``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp, parse_one

from salesworthy.runs.few_script import MOMENT

Columns = Mapping[str, Sequence[str]]
"""Table -> its columns, in order."""
_ALIKE = (
    *(exp.Identifier, exp.Column, exp.Paren, exp.Alias, exp.TableAlias, exp.Null, exp.Boolean, exp.Placeholder),
    *(exp.Select, exp.From, exp.Subquery, exp.Where, exp.Star, exp.Table, exp.Group, exp.Distinct, exp.Union, exp.CTE),
    *(exp.With, exp.Join, exp.Order, exp.Ordered, exp.Window, exp.WindowSpec, exp.Filter, exp.DataType, exp.Exists),
    *(exp.Or, exp.And, exp.Not, exp.Is, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In),
    *(exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs),
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Anonymous, exp.Literal),
)
_OURS: dict[type[exp.Expr], str] = {
    exp.Lower: "as_lower",
    exp.Round: "as_round",
    exp.Pow: "as_power",
    exp.Greatest: "as_greatest",
    exp.Least: "as_least",
    exp.Div: "as_quotient",
    exp.Mod: "as_remainder",
    exp.Contains: "as_contains",
    exp.DPipe: "as_joined",
}
_CASTS = {"DOUBLE": "as_double", "BIGINT": "as_bigint", "TEXT": "as_text"}
_NAMES = {*_OURS.values(), *_CASTS.values()}
_DIGITS = 15
"""Decimals of so many digits are the same number as a double and as DuckDB's decimal."""


class NotAlike(Exception):
    """The two might not answer alike."""


def to_sqlite(sql: str, columns: Columns) -> str:
    """A query in SQLite's words; the moment is the parameter ``:moment``.

    Args:
        sql: What was written for DuckDB, with the moment left open.
        columns: Of every table that may be read.

    Raises:
        NotAlike: When a part of it is not known to be answered alike.

    Example:
        >>> to_sqlite('SELECT t.a FROM t SEMI JOIN u ON t.a = u.b WHERE t.a <= {{moment-5}}', {"t": ["a"], "u": ["b"]})
        'SELECT t.a FROM t WHERE t.a <= (:moment + -5) AND EXISTS(SELECT 1 FROM u WHERE t.a = u.b)'
    """
    tree = parse_one(MOMENT.sub(lambda found: f"($moment + {int(found[1])})", sql), read="duckdb")
    for table in tree.find_all(exp.Table):
        table.set("db", None)
        table.set("catalog", None)
    for select in list(tree.find_all(exp.Select)):
        _without_half_joins(select)
    for star in list(tree.find_all(exp.Star)):
        if _left_out(star):
            _spelled_out(star, columns)
    for binary in tree.find_all(exp.Mod, exp.DPipe):
        _refuse_without_parentheses(binary)
    for node in reversed(list(tree.walk())):  # what is inside first
        found = _in_our_words(node)
        if found is not node:
            node.replace(found)
    return tree.sql(dialect="sqlite")


def _without_half_joins(select: exp.Select) -> None:
    """SQLite has neither semi nor anti joins."""
    kept = []
    for join in select.args.get("joins") or ():
        if join.kind not in ("SEMI", "ANTI"):
            kept.append(join)
            continue
        other = exp.select("1").from_(join.this.copy()).where(join.args["on"].copy())
        found: exp.Expr = exp.Exists(this=other)
        select.where(found if join.kind == "SEMI" else exp.not_(found), copy=False)
    select.set("joins", kept)


def _spelled_out(star: exp.Star, columns: Columns) -> None:
    """``t.* EXCLUDE (a)`` as the columns that are left."""
    column = star.parent if isinstance(star.parent, exp.Column) else star
    select = column.parent
    if not isinstance(select, exp.Select):
        raise NotAlike("a star where no columns are listed")
    left_out = _left_out(star)
    name = column.table if isinstance(column, exp.Column) else ""
    source = next(each for each in _sources(select) if not name or each.alias_or_name == name)
    names = [each for each in _names_of(source, columns) if each not in left_out]
    listed: list[exp.Expr] = []
    for each in select.expressions:
        if each is column:
            listed += [exp.column(found, table=source.alias_or_name, quoted=True) for found in names]
        else:
            listed.append(each)
    select.set("expressions", listed)


def _left_out(star: exp.Star) -> set[str]:
    return {each.name for each in star.args.get("except_") or star.args.get("except") or ()}


def _sources(select: exp.Select) -> list[exp.Expr]:
    start = select.args.get("from_") or select.args.get("from")
    return [start.this, *(join.this for join in select.args.get("joins") or ())] if start else []


def _names_of(source: exp.Expr, columns: Columns) -> list[str]:
    """The columns of a table, a named query or a query in place."""
    if isinstance(source, exp.Table):
        return _names_of_table(source, columns)
    if isinstance(source, exp.Subquery | exp.Union):
        return _names_of(source.this, columns)
    if not isinstance(source, exp.Select):
        raise NotAlike(f"columns of {type(source).__name__}")
    names: list[str] = []
    for each in source.expressions:
        star = each.this if isinstance(each, exp.Column) else each
        if isinstance(star, exp.Star):
            table = each.table if isinstance(each, exp.Column) else ""
            of = [one for one in _sources(source) if not table or one.alias_or_name == table]
            names += [name for one in of for name in _names_of(one, columns) if name not in _left_out(star)]
        else:
            names.append(each.alias_or_name)
    return names


def _names_of_table(table: exp.Table, columns: Columns) -> list[str]:
    """What a query around it calls by that name comes first."""
    around: exp.Expr | None = table
    while around is not None:
        for named in around.ctes if isinstance(around, exp.Query) else ():
            if named.alias == table.name:
                return _names_of(named.this, columns)
        around = around.parent
    if table.name not in columns:
        raise NotAlike(f"nobody knows the columns of {table.name}")
    return list(columns[table.name])


def _in_our_words(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast):
        return _cast(node)
    if isinstance(node, exp.Round):
        _refuse_fine_decimals(node)
    if type(node) in _OURS:
        given = (node.this, node.args.get("expression"), node.args.get("decimals"), *node.expressions)
        return exp.Anonymous(this=_OURS[type(node)], expressions=[each for each in given if each is not None])
    if type(node) not in _ALIKE or (isinstance(node, exp.Anonymous) and node.name not in _NAMES):
        raise NotAlike(f"{type(node).__name__}: {node.sql(dialect='duckdb')[:60]}")
    if isinstance(node, exp.Join) and node.kind not in ("", "INNER", "CROSS", "OUTER"):
        raise NotAlike(f"a {node.kind} join")
    if _is_decimal(node) and len(node.name.replace(".", "").strip("0")) > _DIGITS:
        raise NotAlike(f"the decimal {node.name}")
    return node


def _is_decimal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and "." in node.name and "e" not in node.name.lower()


def _refuse_fine_decimals(node: exp.Round) -> None:
    """DuckDB rounds decimals as such: the last of more digits than are left may fall otherwise in a double."""
    digits = node.args.get("decimals")
    left = int(digits.name) if isinstance(digits, exp.Literal) else 0
    fine = [each.name for each in node.find_all(exp.Literal) if _is_decimal(each) and _after_point(each.name) > left]
    if fine:
        raise NotAlike(f"{fine[0]} rounded to {left} digits")


def _refuse_without_parentheses(node: exp.Binary) -> None:
    """The parser and DuckDB do not agree on what binds closer than these."""
    for each in (node.this, node.expression):
        if isinstance(each, exp.Binary) and type(each) is not type(node):
            raise NotAlike(f"no parentheses in {node.sql(dialect='duckdb')[:60]}")


def _after_point(number: str) -> int:
    return len(number.partition(".")[2].rstrip("0"))


def _cast(node: exp.Cast) -> exp.Expr:
    kind = node.to.sql(dialect="duckdb")
    if isinstance(node.this, exp.Null):
        return exp.Null()
    if kind not in _CASTS:
        raise NotAlike(f"a cast to {kind}")
    return exp.Anonymous(this=_CASTS[kind], expressions=[node.this])
