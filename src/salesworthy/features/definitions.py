"""From an entry of a catalogue file to a feature: every key checked, every mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from salesworthy.domain.errors import ConfigurationMistakes, MistakeCollector
from salesworthy.domain.moments import parse_window
from salesworthy.domain.names import nearest
from salesworthy.domain.reasons import TAXONOMY
from salesworthy.domain.tables import Kind
from salesworthy.features.catalogue import (
    AT_CREATION,
    AT_HANDOFF,
    COUNTED,
    DEFAULT_STRENGTH,
    OF_ACTS,
    Dtype,
    Feature,
    FeatureKind,
)
from salesworthy.features.condition_kinds import ColumnRef, Columns, ValueKind
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.features.entries import Entry
from salesworthy.features.vocabulary import ACT_LOOK_UPS, ACTS, DAY, FACTS, LEAD_LOOK_UPS, Vocabulary

DIRECTIONS = ("increasing", "decreasing", "none")
RESERVED = frozenset(
    {"lead_id", "account_id", "as_of", "handed_at", "matured_at", "label", "settled", "spine_row_number"}
)
"""Columns of spines and label tables."""

_WORDS = ("name", "reason", "direction", "says", "says_missing", "says_zero", "unit")
_ACT_KEYS = ("where", "window", "per")
KEYS: dict[FeatureKind, tuple[str, ...]] = {
    FeatureKind.COLUMN: ("known", "type"),
    FeatureKind.COUNT: _ACT_KEYS,
    FeatureKind.RECENCY: _ACT_KEYS,
    FeatureKind.DISTINCT: ("of", *_ACT_KEYS),
    FeatureKind.SUM: ("of", *_ACT_KEYS),
    FeatureKind.SHARE: ("among", *_ACT_KEYS),
    FeatureKind.EXPRESSION: ("known",),
    FeatureKind.HISTORY: ("strength", "known"),
}
"""Keys of each kind, beside the kind itself and the words that every feature may have."""

_TYPES: dict[str, tuple[Dtype, tuple[Kind, ...]]] = {
    "number": (Dtype.NUMBER, (Kind.NUMBER, Kind.YES_NO)),
    "category": (Dtype.CATEGORY, (Kind.TEXT, Kind.ID, Kind.NUMBER, Kind.YES_NO)),
    "yes_no": (Dtype.YES_NO, (Kind.YES_NO, Kind.NUMBER)),
    "days_since": (Dtype.NUMBER, (Kind.MOMENT,)),
}
"""Type -> what the feature holds, and the columns that it can be read from."""
DEFAULT_TYPES = {
    Kind.NUMBER: "number",
    Kind.TEXT: "category",
    Kind.ID: "category",
    Kind.YES_NO: "yes_no",
    Kind.MOMENT: "days_since",
}
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,79}$")
_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,79}$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True)
class Defined:
    """A feature, where it is defined, and the columns (table, column) that it reads."""

    feature: Feature
    entry: Entry | None = None
    reads: frozenset[tuple[str, str]] = frozenset()


def title(name: str) -> str:
    """A name in words, for sentences that nobody wrote.

    Example:
        >>> title("EmployerSize_2")
        'Employer size 2'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace(".", " ").split()
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def define(
    entry: Entry,
    vocabulary: Vocabulary,
    shared: Mapping[str, tuple[str, str]],
    features: Columns,
    mistakes: MistakeCollector,
) -> Defined | None:
    """Read one entry.

    Args:
        entry: The entry.
        vocabulary: Tables and columns at hand.
        shared: Conditions that the file shares, name -> (text, place).
        features: Features that an expression may read, with what they hold.
        mistakes: Told about everything that is wrong.

    Returns:
        The feature, or None when the entry has a mistake.
    """
    before = len(mistakes.found)
    defined = _Definition(entry, vocabulary, shared, features, mistakes).define()
    return defined if len(mistakes.found) == before else None


def kind_of(entry: Entry) -> FeatureKind | None:
    """The kind of an entry, or None where it names none or several."""
    found = [kind for kind in FeatureKind if kind in entry.values]
    return found[0] if len(found) == 1 else None


class _Definition:
    def __init__(
        self,
        entry: Entry,
        vocabulary: Vocabulary,
        shared: Mapping[str, tuple[str, str]],
        features: Columns,
        mistakes: MistakeCollector,
    ) -> None:
        self.entry = entry
        self.vocabulary = vocabulary
        self.shared = shared
        self.features = features
        self.mistakes = mistakes
        self.reads: set[tuple[str, str]] = set()

    def define(self) -> Defined | None:
        kind = kind_of(self.entry)
        if kind is None:
            self._add("", "this entry does not say what to measure", f"give one of: {', '.join(FeatureKind)}")
            return None
        self._keys(kind)
        makers: dict[FeatureKind, Callable[[], dict[str, Any]]] = {
            FeatureKind.COLUMN: self._column,
            FeatureKind.EXPRESSION: self._expression,
            FeatureKind.HISTORY: self._history,
        }
        parts = makers[kind]() if kind in makers else self._acts(kind)
        feature = Feature(name=self._name(), kind=kind, **parts, **self._words(parts.get("dtype", Dtype.NUMBER)))
        return Defined(feature, self.entry, frozenset(self.reads))

    def _add(self, key: str, what: str, todo: str = "") -> None:
        name = self.entry.values.get("name")
        self.mistakes.add(self.entry.at(key), f"{name}: {what}" if name else what, todo)

    def _keys(self, kind: FeatureKind) -> None:
        allowed = (kind, *_WORDS, *KEYS[kind])
        for key in self.entry.values:
            if key not in allowed:
                self._add(key, f"unknown key {key!r} for a {kind} feature", nearest(key, allowed))

    def _text(self, key: str, default: str = "") -> str:
        value = self.entry.values.get(key, default)
        if isinstance(value, str) and (value.strip() or value == default):
            return value.strip()
        hint = f"put it in quotes: '{value}'" if value not in (None, "") else "write a text, or leave the key out"
        self._add(key, f"{key} is not a text", hint)
        return default

    def _choice(self, key: str, choices: Iterable[str], default: str) -> str:
        value = self._text(key, default)
        if value in choices:
            return value
        self._add(key, f"{key} cannot be {value!r}", nearest(value, choices))
        return default

    # --- what every feature has

    def _name(self) -> str:
        name = self._text("name")
        if not name and "name" not in self.entry.values:
            self._add("name", "the feature has no name", "write name: visits_30d, say")
        elif name and not _NAME.match(name):
            self._add("name", f"the name {name!r} cannot be used", "write letters, digits and _, at most 80")
        elif name in RESERVED:
            self._add("name", f"the name {name!r} is taken", "choose another name")
        return name

    def _words(self, dtype: str) -> dict[str, str]:
        name = str(self.entry.values.get("name", ""))
        says = {key: self._sentence(key) for key in ("says", "says_missing", "says_zero")}
        return {
            "reason": self._reason(name),
            "direction": self._direction(dtype),
            "unit": self._text("unit"),
            **says,
            "says": says["says"] or f"{title(name)}: {{value}}",
        }

    def _reason(self, name: str) -> str:
        code = self._text("reason", own_code(name))
        near = get_close_matches(code, TAXONOMY, n=1, cutoff=0.9)
        if not _CODE.match(code):
            self._add("reason", f"the reason {code!r} is not a code", f"write it as in {', '.join(list(TAXONOMY)[:3])}")
        elif near and near[0] != code:
            self._add("reason", f"there is no reason {code!r}", f"did you mean {near[0]!r}?")
        return code

    def _direction(self, dtype: str) -> str:
        direction = self._choice("direction", DIRECTIONS, "none")
        if direction != "none" and dtype == Dtype.CATEGORY:
            self._add("direction", "a category has no direction", "leave the key out")
        return direction

    def _sentence(self, key: str) -> str:
        text = self._text(key)
        for found in _PLACEHOLDER.finditer(text):
            if found[0] != "{value}" or key == "says_missing":
                todo = "a missing value has none to show" if key == "says_missing" else "only {value} can be used"
                self._add(key, f"unknown placeholder {found[0]}", todo)
        return text

    # --- facts: column, history, expression

    def _column(self) -> dict[str, Any]:
        table, column = self._fact("column")
        kind = self.vocabulary.kind(table, column)
        chosen = self._choice("type", _TYPES, DEFAULT_TYPES.get(kind or Kind.TEXT, "category"))
        dtype, fitting = _TYPES[chosen]
        if kind is not None and kind not in fitting:
            fits = [name for name, (_, kinds) in _TYPES.items() if kind in kinds]
            self._add("type", f"{table}.{column} cannot be read as {chosen}", f"use type: {' or '.join(fits)}")
        return {"table": table, "column": column, "type": chosen, "known": self._known(table), "dtype": dtype}

    def _history(self) -> dict[str, Any]:
        table, column = self._fact("history")
        strength = self.entry.values.get("strength", DEFAULT_STRENGTH)
        if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0 < strength < float("inf"):
            self._add("strength", "strength is not a number above 0", "write how many results the overall rate weighs")
            strength = DEFAULT_STRENGTH
        return {"table": table, "column": column, "known": self._known(table), "strength": float(strength)}

    def _fact(self, key: str) -> tuple[str, str]:
        written = self._text(key)
        table, dot, column = written.partition(".")
        if not dot or table not in FACTS:
            todo = f"write one of {', '.join(f'{name}.COLUMN' for name in FACTS)}"
            self._add(key, f"{written!r} does not name a fact about a lead", todo)
            return "", ""
        self._read(key, table, column)
        if table in LEAD_LOOK_UPS:
            self._read(key, "leads", LEAD_LOOK_UPS[table].key)
        return table, column

    def _read(self, key: str, table: str, column: str) -> None:
        """Note that a column is read, or that it cannot be."""
        self.reads.add((table, column))
        lacks = self.vocabulary.lacks(table, column)
        if lacks:
            self._add(key, lacks, nearest(column, self.vocabulary.present(table) or self.vocabulary.schema))

    def _known(self, table: str) -> str:
        known = self._text("known", AT_CREATION)
        if known in (AT_CREATION, AT_HANDOFF):
            return known
        source, dot, column = known.partition(".")
        if not dot or source not in (table, "leads"):
            source, column = table, known
        if table and self.vocabulary.kind(source, column) != Kind.MOMENT:
            moments = [name for name in self.vocabulary.present(source) if self.vocabulary.kind(source, name) == Kind.MOMENT]
            todo = nearest(known, [AT_CREATION, AT_HANDOFF, *moments])
            self._add("known", f"{known!r} is neither at_creation nor at_handoff nor a timestamp of {source}", todo)
        self.reads.add((source, column))
        return f"{source}.{column}"

    def _expression(self) -> dict[str, Any]:
        columns = {**self.features, **self.vocabulary.fact_columns()}
        condition = self._condition("expression", columns, gives=None)
        refs = condition.columns if condition else ()
        if condition is not None and condition.kind == ValueKind.TEXT:
            self._add("expression", "the expression gives text", "an expression gives a number, or yes or no")
        for ref in refs:
            if ref.table:
                self.reads.add((ref.table, ref.name))
        known = self._known("leads") if "known" in self.entry.values else AT_CREATION
        reads = tuple(ref.name for ref in refs if not ref.table)
        return {"expression": condition.text if condition else "", "reads": reads, "known": known}

    # --- acts: count, recency, distinct, sum, share

    def _acts(self, kind: FeatureKind) -> dict[str, Any]:
        table, of = self._act_table(kind)
        parts: dict[str, Any] = {"table": table, "per": self._choice("per", ("lead", "account"), "lead")}
        if parts["per"] == "account" and table:
            self._read("per", "leads", "account_id")
        if table:
            parts |= self._act_conditions(kind, table)
        if kind in (FeatureKind.DISTINCT, FeatureKind.SUM):
            parts["column"] = self._of(kind, table, of)
        if "window" in self.entry.values:
            parts["window"] = self._window()
        return {**parts, "dtype": Dtype.INTEGER if kind in COUNTED else Dtype.NUMBER}

    def _act_table(self, kind: FeatureKind) -> tuple[str, str]:
        """The table of acts, and the column where it was written as ``table.column``."""
        table, _, of = self._text(kind).partition(".")
        if table not in ACTS or (of and kind not in (FeatureKind.DISTINCT, FeatureKind.SUM)):
            self._add(kind, f"{self._text(kind)!r} is not a table of dated acts", nearest(table, ACTS))
            return "", ""
        if table not in self.vocabulary.schema:
            self._add(kind, f"there is no table {table!r}", f"declare it as [tables.{table}] in salesworthy.toml")
            return "", ""
        self.reads.add((table, ACTS[table].occurred_at))
        return table, of

    def _act_conditions(self, kind: FeatureKind, table: str) -> dict[str, str]:
        if kind == FeatureKind.SHARE and "where" not in self.entry.values:
            self._add("share", "a share needs a condition", "write where: the acts that are counted")
        columns = self.vocabulary.act_columns(table)
        texts = {}
        for key in ("where", "among"):
            if key in self.entry.values and (condition := self._condition(key, columns, table)) is not None:
                self._note_reads(condition.columns, table)
                texts[key] = condition.text
        return texts

    def _note_reads(self, refs: Iterable[ColumnRef], table: str) -> None:
        for ref in refs:
            self.reads.add((ref.table or table, ref.name))

    def _of(self, kind: FeatureKind, table: str, of: str) -> str:
        written = of or self._text("of", "value" if kind == FeatureKind.SUM else "")
        if kind == FeatureKind.DISTINCT and written == DAY:
            return DAY
        if not written:
            self._add(kind, "it does not say what to count", f"write of: a column of {table}, or {DAY}")
            return ""
        if not table:
            return written
        columns = self.vocabulary.act_columns(table)
        ref = _ref(written, table, columns)
        if ref not in columns:
            self._add("of", f"there is no column {written!r}", nearest(written, map(str, columns)))
        elif kind == FeatureKind.SUM and columns[ref] != ValueKind.NUMBER:
            self._add("of", f"{written!r} does not hold numbers", "name a column of numbers")
        self._note_reads([ref], table)
        return str(ref)

    def _window(self) -> str:
        window = self._text("window")
        try:
            if window and parse_window(window) <= 0:
                self._add("window", "a window of no length", "write 12h, 30d or 2w")
        except ValueError as error:
            self._add("window", str(error).partition(";")[0], "write 12h, 30d or 2w")
            return ""
        return window

    # --- conditions

    def _condition(
        self, key: str, columns: Columns, table: str = "", *, gives: ValueKind | None = ValueKind.YES_NO
    ) -> Condition | None:
        text = self._text(key)
        if not text:
            self._add(key, f"{key} is empty", "write a condition such as kind = 'form'") if key == "expression" else None
            return None
        try:
            return parse_condition(text, self.entry.at(key), columns=columns, shared=self._shared(table), gives=gives)
        except ConfigurationMistakes as found:
            for mistake in found.mistakes:
                self._add(key, mistake.what, mistake.todo)
            return None

    def _shared(self, table: str) -> dict[str, Condition]:
        """Conditions that the file shares, as far as they make sense on this table."""
        if not table:
            return {}
        columns = self.vocabulary.all_act_columns(table)
        found: dict[str, Condition] = {}
        for name, (text, place) in self.shared.items():
            try:
                found[name] = parse_condition(text, place, columns=columns, shared=found)
            except ConfigurationMistakes:
                continue
        return found


def _ref(written: str, table: str, columns: Columns) -> ColumnRef:
    """The column that ``of`` names: of the table itself, also where its name has dots, or of a look-up."""
    own = ColumnRef("", written.removeprefix(f"{table}."))
    source, dot, column = written.partition(".")
    look_up = ColumnRef(source, column)
    return look_up if dot and source in ACT_LOOK_UPS and own not in columns else own


def own_code(name: str) -> str:
    """The reason code of a feature that nobody gave one.

    Example:
        >>> own_code("emp.var.rate")
        'EMP_VAR_RATE'
    """
    code = re.sub(r"[^A-Z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()).strip("_")
    return code if code[:1].isalpha() else f"COLUMN_{code}".rstrip("_")


__all__ = ["DEFAULT_TYPES", "KEYS", "OF_ACTS", "RESERVED", "Defined", "define", "kind_of", "own_code", "title"]
