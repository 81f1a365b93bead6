"""One entry while it is being checked: its texts and choices, the columns that it reads, and its mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesworthy.domain.errors import ConfigurationMistakes, MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.features.condition_kinds import ColumnRef, Columns, ValueKind
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.features.entries import Entry
from salesworthy.features.vocabulary import Vocabulary


class SharedConditions:
    """The conditions that a file shares, checked against each table of acts once.

    Args:
        texts: Name -> (text, place).
        vocabulary: Tables and columns at hand.
    """

    def __init__(self, texts: Mapping[str, tuple[str, str]], vocabulary: Vocabulary) -> None:
        self._texts = texts
        self._vocabulary = vocabulary
        self._found: dict[str, dict[str, Condition]] = {}

    def on(self, table: str) -> Mapping[str, Condition]:
        """Those that fit a table of acts, by name; each may use those before it."""
        if table not in self._found:
            self._found[table] = self._checked(table)
        return self._found[table]

    def _checked(self, table: str) -> dict[str, Condition]:
        columns = self._vocabulary.all_act_columns(table)
        found: dict[str, Condition] = {}
        for name, (text, place) in self._texts.items():
            try:
                found[name] = parse_condition(text, place, columns={**columns}, shared=found)
            except ConfigurationMistakes:
                continue  # it does not fit this table; a condition that fits none is a mistake of its own
        return found


class EntryReader:
    """Reads the keys of one entry and notes what is wrong with them.

    Args:
        entry: The entry.
        vocabulary: Tables and columns at hand.
        shared: Conditions that the file shares.
        features: Features that an expression may read, with what they hold.
        mistakes: Told about everything that is wrong.
    """

    def __init__(
        self,
        entry: Entry,
        vocabulary: Vocabulary,
        shared: SharedConditions,
        features: Columns,
        mistakes: MistakeCollector,
    ) -> None:
        self.entry = entry
        self.vocabulary = vocabulary
        self.shared = shared
        self.features = features
        self.mistakes = mistakes
        self.reads: set[tuple[str, str]] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.entry.values

    def add(self, key: str, what: str, todo: str = "") -> None:
        """Note a mistake on the line of a key."""
        name = self.entry.values.get("name")
        self.mistakes.add(self.entry.at(key), f"{name}: {what}" if name else what, todo)

    def text(self, key: str, default: str = "") -> str:
        """The text of a key; the default where it is absent, or is not a text."""
        value = self.entry.values.get(key, default)
        if isinstance(value, str) and (value.strip() or key not in self):
            return value.strip()
        hint = f"put it in quotes: '{value}'" if value not in (None, "") else "write a text, or leave the key out"
        self.add(key, f"{key} is not a text", hint)
        return default

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """The text of a key, which must be one of the choices."""
        value = self.text(key, default)
        if value in choices:
            return value
        self.add(key, f"{key} cannot be {value!r}", nearest(value, choices))
        return default

    def read(self, key: str, table: str, column: str) -> None:
        """Note that a column is read, or that it cannot be."""
        self.reads.add((table, column))
        lacks = self.vocabulary.lacks(table, column)
        if lacks:
            self.add(key, lacks, nearest(column, self.vocabulary.present(table) or self.vocabulary.schema))

    def note_reads(self, refs: Iterable[ColumnRef], table: str = "") -> None:
        """Note the columns that a condition reads; those without a table belong to the one given."""
        self.reads |= {(ref.table or table, ref.name) for ref in refs if ref.table or table}

    def condition(
        self, key: str, columns: Columns, *, table: str = "", gives: ValueKind | None = ValueKind.YES_NO
    ) -> Condition | None:
        """The checked condition of a key; None where it has a mistake."""
        text = self.text(key)
        if not text:
            return None
        shared = self.shared.on(table) if table else {}
        columns = {**self._absent_columns(shared, table), **columns}
        try:
            found = parse_condition(text, self.entry.at(key), columns=columns, shared=shared, gives=gives)
        except ConfigurationMistakes as mistakes:
            for mistake in mistakes.mistakes:
                self.add(key, mistake.what, mistake.todo)
            return None
        self.note_reads(found.columns, table)
        return found

    def _absent_columns(self, shared: Mapping[str, Condition], table: str) -> Columns:
        """Columns of the vocabulary that shared conditions read and the source lacks: null throughout."""
        read = {ref for condition in shared.values() for ref in condition.columns}
        return (
            {ref: kind for ref, kind in self.vocabulary.all_act_columns(table).items() if ref in read} if read else {}
        )
