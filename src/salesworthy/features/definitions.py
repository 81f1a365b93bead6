"""From an entry of a catalogue file to a feature: every key checked, every mistake with its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salesworthy.domain.errors import MistakeCollector
from salesworthy.domain.names import nearest
from salesworthy.features.catalogue import Dtype, Feature, FeatureKind
from salesworthy.features.condition_kinds import Columns
from salesworthy.features.definition_acts import acts_of
from salesworthy.features.definition_facts import column_of, expression_of, history_of
from salesworthy.features.definition_words import name_of, words_of
from salesworthy.features.entries import Entry
from salesworthy.features.entry_reader import EntryReader, SharedConditions
from salesworthy.features.vocabulary import Vocabulary

WORDS = ("name", "reason", "direction", "says", "says_missing", "says_zero", "unit")
"""Keys that every feature may have."""
_OF_ACTS = ("where", "window", "per")
KEYS: dict[FeatureKind, tuple[str, ...]] = {
    FeatureKind.COLUMN: ("known", "type"),
    FeatureKind.COUNT: _OF_ACTS,
    FeatureKind.RECENCY: _OF_ACTS,
    FeatureKind.DISTINCT: ("of", *_OF_ACTS),
    FeatureKind.SUM: ("of", *_OF_ACTS),
    FeatureKind.SHARE: ("among", *_OF_ACTS),
    FeatureKind.EXPRESSION: ("known",),
    FeatureKind.HISTORY: ("strength", "known"),
}
"""Keys of each kind, beside the kind itself and ``WORDS``."""


@dataclass(frozen=True)
class Defined:
    """A feature, where it is defined, and the columns (table, column) that it reads."""

    feature: Feature
    place: str
    reads: frozenset[tuple[str, str]]


def kind_of(entry: Entry) -> FeatureKind | None:
    """The kind of an entry, or None where it names none or several."""
    found = [kind for kind in FeatureKind if kind in entry.values]
    return found[0] if len(found) == 1 else None


def define(
    entry: Entry,
    vocabulary: Vocabulary,
    shared: SharedConditions,
    features: Columns,
    mistakes: MistakeCollector,
) -> Defined | None:
    """Read one entry.

    Args:
        entry: The entry.
        vocabulary: Tables and columns at hand.
        shared: Conditions that the file shares.
        features: Features that an expression may read, with what they hold.
        mistakes: Told about everything that is wrong.

    Returns:
        The feature, or None when the entry has a mistake.
    """
    before = len(mistakes.found)
    reader = EntryReader(entry, vocabulary, shared, features, mistakes)
    kind = kind_of(entry)
    if kind is None:
        several = [key for key in FeatureKind if key in entry.values]
        what = f"it cannot be {' and '.join(several)} at once" if several else "it does not say what to measure"
        reader.add("", what, f"give one of: {', '.join(FeatureKind)}")
        return None
    _check_keys(reader, kind)
    parts = _parts(reader, kind)
    name = name_of(reader)
    words = words_of(reader, name, parts.get("dtype", Dtype.NUMBER))
    if len(mistakes.found) > before:
        return None
    return Defined(Feature(name=name, kind=kind, **parts, **words), entry.at(), frozenset(reader.reads))


def _check_keys(reader: EntryReader, kind: FeatureKind) -> None:
    allowed = (str(kind), *WORDS, *KEYS[kind])
    for key in reader.entry.values:
        if key not in allowed:
            reader.add(key, f"unknown key {key!r} for a {kind} feature", nearest(key, allowed))


def _parts(reader: EntryReader, kind: FeatureKind) -> dict[str, Any]:
    if kind == FeatureKind.COLUMN:
        return column_of(reader)
    if kind == FeatureKind.HISTORY:
        return history_of(reader)
    if kind == FeatureKind.EXPRESSION:
        return expression_of(reader)
    return acts_of(reader, kind)
