"""What the parts of a condition hold: columns that exist, text compared with text, numbers with numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlglot import exp

from salesworthy.domain.approved_use import names_transfer_of_value
from salesworthy.domain.names import nearest
from salesworthy.features.condition_syntax import ARITHMETIC, COMPARISONS

Note = Callable[..., None]


class ValueKind(StrEnum):
    """What a value is, as far as conditions care. Moments are numbers (microseconds)."""

    TEXT = "text"
    NUMBER = "a number"
    YES_NO = "yes or no"


class ColumnRef(NamedTuple):
    """A column as a condition names it; ``table`` is empty where only its name is given."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}" if self.table else self.name


Columns = Mapping[ColumnRef, ValueKind | None]


class _Signature(NamedTuple):
    """What an operation takes (None: operands of one kind) and gives (None: the kind of its operands)."""

    takes: ValueKind | None
    gives: ValueKind | None


_SIGNATURES: dict[type[exp.Expr], _Signature] = {
    **dict.fromkeys((exp.And, exp.Or, exp.Not), _Signature(ValueKind.YES_NO, ValueKind.YES_NO)),
    **dict.fromkeys((*COMPARISONS, exp.In, exp.Between), _Signature(None, ValueKind.YES_NO)),
    **dict.fromkeys((exp.Like, exp.ILike, exp.Contains, exp.StartsWith), _Signature(ValueKind.TEXT, ValueKind.YES_NO)),
    **dict.fromkeys((exp.Lower, exp.Upper, exp.Replace, exp.DPipe), _Signature(ValueKind.TEXT, ValueKind.TEXT)),
    **dict.fromkeys((*ARITHMETIC, exp.Neg, exp.Least, exp.Greatest), _Signature(ValueKind.NUMBER, ValueKind.NUMBER)),
    **dict.fromkeys((exp.Abs, exp.Ceil, exp.Floor), _Signature(ValueKind.NUMBER, ValueKind.NUMBER)),
    **dict.fromkeys((exp.Ln, exp.Round, exp.Sqrt), _Signature(ValueKind.NUMBER, ValueKind.NUMBER)),
    **dict.fromkeys((exp.Coalesce, exp.Nullif, exp.Paren), _Signature(None, None)),
    exp.Length: _Signature(ValueKind.TEXT, ValueKind.NUMBER),
}


def column_ref(node: exp.Column) -> ColumnRef:
    """The reference that a column element stands for."""
    return ColumnRef(node.table, node.name)


def check_kinds(
    tree: exp.Expr, columns: Columns | None, names: Collection[str], note: Note, *, gives: ValueKind | None
) -> ValueKind | None:
    """Note unknown columns and operands of the wrong kind; return what the condition gives.

    Args:
        tree: A condition whose syntax was checked.
        columns: Known columns and what they hold; None for any.
        names: Names of shared conditions, for hints.
        note: Told what is wrong, and what to do.
        gives: What the condition must give; anything where None.
    """
    checker = _Checker(columns, names, note)
    kind = checker.kind_of(tree)
    if gives is not None and kind is not None and kind != gives:
        note(f"{_shown(tree)} gives {kind}, but {gives} is needed here", "write a comparison such as kind = 'form'")
    return kind


class _Checker:
    def __init__(self, columns: Columns | None, names: Collection[str], note: Note) -> None:
        self.columns = columns
        self.names = names
        self.note = note
        self._special: dict[Any, Callable[[Any], ValueKind | None]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            (exp.Boolean, exp.Is): self._truth,
            exp.Cast: self._cast,
            (exp.Case, exp.If): self._case,
        }

    def kind_of(self, node: exp.Expr) -> ValueKind | None:
        """What an element gives; None where it is not known, or null."""
        if isinstance(node, exp.Null):
            return None
        special = next((read for kinds, read in self._special.items() if isinstance(node, kinds)), self._operation)
        return special(node)

    def _literal(self, node: exp.Literal) -> ValueKind:
        return ValueKind.TEXT if node.is_string else ValueKind.NUMBER

    def _cast(self, node: exp.Cast) -> ValueKind:
        self.kind_of(node.this)
        return ValueKind.NUMBER

    def _truth(self, node: exp.Boolean | exp.Is) -> ValueKind:
        if isinstance(node, exp.Is):
            kind = self.kind_of(node.this)
            if isinstance(node.expression, exp.Boolean):
                self._each(node, [kind], ValueKind.YES_NO)
        return ValueKind.YES_NO

    def _column(self, node: exp.Column) -> ValueKind | None:
        ref = column_ref(node)
        if self.columns is None:
            return None
        if ref not in self.columns:
            if names_transfer_of_value(ref.name):
                self.note(f"{str(ref)!r} is a transfer of value by its name, and never counts", "take it out")
            else:
                self.note(f"there is no column {str(ref)!r}", self._hint_at(node))
            return None
        return self.columns[ref]

    def _hint_at(self, node: exp.Column) -> str:
        known = [*map(str, self.columns or ()), *self.names]
        written = str(column_ref(node))
        same = [name for name in known if name.lower() == written.lower()]
        hint = f"did you mean {same[0]!r}?" if same else nearest(written, known)
        return f"{hint}; text stands in 'single quotes'" if node.this.args.get("quoted") and not node.table else hint

    def _operation(self, node: exp.Expr) -> ValueKind | None:
        takes, gives = _SIGNATURES[type(node)]
        kinds = [self.kind_of(part) for part in node.iter_expressions()]
        common = self._one_kind(node, kinds) if takes is None else self._each(node, kinds, takes)
        return common if gives is None else gives

    def _case(self, node: exp.Case | exp.If) -> ValueKind | None:
        branches = node.args.get("ifs") or [node]
        subject = node.this if isinstance(node, exp.Case) else None
        tests = [self.kind_of(branch.this) for branch in branches]
        if subject is not None:
            self._one_kind(node, [self.kind_of(subject), *tests])
        else:
            self._each(node, tests, ValueKind.YES_NO)
        other = node.args.get("default") or node.args.get("false")
        results = [branch.args["true"] for branch in branches] + ([other] if other is not None else [])
        return self._one_kind(node, [self.kind_of(result) for result in results])

    def _each(self, node: exp.Expr, kinds: list[ValueKind | None], takes: ValueKind) -> ValueKind:
        for kind in dict.fromkeys(kinds):
            if kind is not None and kind != takes:
                self.note(f"{_shown(node)} needs {takes}, and is given {kind}", _hint(takes))
        return takes

    def _one_kind(self, node: exp.Expr, kinds: list[ValueKind | None]) -> ValueKind | None:
        different = [kind for kind in dict.fromkeys(kinds) if kind is not None]
        if len(different) > 1:
            self.note(f"{_shown(node)} mixes {' with '.join(different)}", _hint(ValueKind.TEXT))
        return different[0] if different else None


def _hint(takes: ValueKind) -> str:
    return "text stands in 'quotes', numbers do not" if takes != ValueKind.YES_NO else "compare it with something"


def _shown(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb")
    return repr(text if len(text) <= 60 else text[:57] + "...")
