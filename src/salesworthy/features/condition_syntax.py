"""What a condition may be made of: a list of what is allowed; everything else is refused by name."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

Note = Callable[..., None]

FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Abs: "abs",
    exp.Ceil: "ceil",
    exp.Coalesce: "coalesce",
    exp.Contains: "contains",
    exp.Floor: "floor",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Length: "length",
    exp.Ln: "ln",
    exp.Lower: "lower",
    exp.Nullif: "nullif",
    exp.Replace: "replace",
    exp.Round: "round",
    exp.Sqrt: "sqrt",
    exp.StartsWith: "starts_with",
    exp.Upper: "upper",
}
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)

_BINARY = frozenset({"this", "expression"})
_ONE = frozenset({"this"})
_SEVERAL = frozenset({"this", "expressions"})
_PARTS: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys((exp.And, exp.Or, exp.DPipe, exp.Is, *COMPARISONS, *ARITHMETIC), _BINARY),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Paren, exp.Identifier, exp.Literal, exp.Boolean, exp.Null), _ONE),
    **dict.fromkeys((exp.Abs, exp.Ceil, exp.Floor, exp.Length, exp.Ln, exp.Lower, exp.Sqrt, exp.Upper), _ONE),
    **dict.fromkeys((exp.In, exp.Coalesce, exp.Least, exp.Greatest), _SEVERAL),
    **dict.fromkeys((exp.Contains, exp.Nullif, exp.StartsWith), _BINARY),
    **dict.fromkeys((exp.Like, exp.ILike), frozenset({"this", "expression", "negate"})),
    **dict.fromkeys((exp.Cast, exp.TryCast), frozenset({"this", "to"})),
    exp.Round: _ONE,
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Column: frozenset({"this", "table"}),
    exp.DataType: _ONE,
}
"""What each element may hold; sqlglot writes variants such as ``NOT LIKE ... ESCAPE`` as further parts."""
_FLAGS = frozenset({"safe", "coalesce", "ignore_nulls", "typed", "quoted", "is_string", "nested"})
"""Parts that say how the parser read an element, and change nothing here."""

_USE = "use columns, numbers, text and the functions " + ", ".join(sorted(FUNCTIONS.values()))


def check_syntax(tree: exp.Expr, note: Note) -> None:
    """Note every element of a parsed condition that is not allowed."""
    if not _refuse(tree, note):
        for child in tree.iter_expressions():
            check_syntax(child, note)


def _refuse(node: exp.Expr, note: Note) -> bool:
    """Whether the element was refused; what stands inside it then needs no further word."""
    if isinstance(node, exp.Query | exp.Exists) or node.args.get("query"):
        note("a sub-query is not allowed in a condition", _USE)
    elif type(node) not in _PARTS:
        note(f"{_name(node)} is not allowed in a condition", _USE)
    elif isinstance(node, exp.Column) and node.args.get("db"):
        note(f"{_shown(node)} has too many dots", 'put a name with dots in double quotes, as in leads."emp.var.rate"')
    elif strange := {part for part, value in node.args.items() if value} - _PARTS[type(node)] - _FLAGS:
        note(f"{_shown(node)} is not allowed in this form ({', '.join(sorted(strange))})", _USE)
    else:
        return _refuse_detail(node, note)
    return True


def _refuse_detail(node: exp.Expr, note: Note) -> bool:
    if isinstance(node, exp.Like | exp.ILike):
        pattern = node.expression
        if not (isinstance(pattern, exp.Literal) and pattern.is_string) or "\\" in pattern.name:
            note(f"the pattern of {_shown(node)} is not plain text", "write it in quotes, without a backslash")
            return True
    if isinstance(node, exp.In) and not node.expressions:
        note(f"{_shown(node)} is never true", "write what it may be: kind IN ('form', 'view')")
        return True
    if isinstance(node, exp.Cast) and not node.to.is_type("double"):
        note(f"{_shown(node)} is not allowed in a condition", "only CAST(... AS DOUBLE) is")
        return True
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null | exp.Boolean):
        note(f"{_shown(node)} is not allowed in a condition", "write IS NULL, IS NOT NULL, IS TRUE or IS FALSE")
        return True
    if isinstance(node, exp.Null) and not _is_result(node):
        note(f"{_shown(node.parent or node)} is never true", "write IS NULL or IS NOT NULL")
        return True
    return False


def _is_result(node: exp.Null) -> bool:
    """Whether this NULL is the right side of IS, or what a CASE gives; anywhere else it makes no sense."""
    return isinstance(node.parent, exp.Is) or node.arg_key in ("true", "false", "default")


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}"
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}"
    return _shown(node)


def _shown(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb")
    return repr(text if len(text) <= 60 else text[:57] + "...")
