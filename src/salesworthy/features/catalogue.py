"""The feature catalogue: one entry per feature, from which everything else about it is derived.

An entry holds the feature's definition (what to measure), its reason code, its direction constraint and its words. A
model bundle stores the catalogue that it was trained on as JSON, so that scoring computes the features as they were
defined then. This module imports nothing heavy: pages and decisions read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import parse_window


class FeatureKind(StrEnum):
    """How a feature is measured; the key under which ``features.yaml`` names it."""

    COLUMN = "column"
    COUNT = "count"
    RECENCY = "recency"
    DISTINCT = "distinct"
    SUM = "sum"
    SHARE = "share"
    EXPRESSION = "expression"
    HISTORY = "history"


class Dtype(StrEnum):
    """What a feature column holds: float64, int64, bool or string."""

    NUMBER = "number"
    INTEGER = "integer"
    YES_NO = "yes_no"
    CATEGORY = "category"


AT_CREATION = "at_creation"
AT_HANDOFF = "at_handoff"
DEFAULT_STRENGTH = 20.0
"""Results that the overall rate weighs in a ``history`` feature."""
COUNTED = (FeatureKind.COUNT, FeatureKind.DISTINCT)
OF_ACTS = (*COUNTED, FeatureKind.RECENCY, FeatureKind.SUM, FeatureKind.SHARE)
"""Kinds that are measured over the dated acts of a lead or an account."""


@dataclass(frozen=True)
class Feature:
    """One feature: its definition, its reason and its words.

    Attributes:
        name: Column of the feature table.
        kind: A ``FeatureKind``.
        table: ``leads``, ``accounts`` or ``campaigns`` for ``column`` and ``history``; a table of acts otherwise.
        column: The column read by ``column``; counted by ``distinct``; added up by ``sum``; the key of ``history``.
        type: For ``column``: number, category, yes_no or days_since.
        known: When a column's value became known: ``at_creation``, ``at_handoff`` or a timestamp column.
        where: Condition on acts (checked SQL), or empty.
        among: For ``share``: the acts that make up the whole, or empty for all.
        window: Length such as ``30d``, or empty for all history.
        per: ``lead``, or ``account`` for the acts of everybody at the lead's site.
        expression: SQL over other features by name and over known columns.
        reads: For ``expression``: names of the features that it reads.
        strength: For ``history``: how many results the overall rate weighs.
        reason: Code of the reason it belongs to.
        direction: ``increasing``, ``decreasing`` or ``none``: how the propensity may depend on it.
        says: Sentence, with ``{value}`` where its value goes.
        says_missing: Sentence where the value is not known.
        says_zero: Sentence where the value is 0 or no.
        unit: ``days`` and ``share`` are written as such; any other unit is for the dictionary only.
        dtype: A ``Dtype``.
    """

    name: str
    kind: str
    table: str = ""
    column: str = ""
    type: str = ""
    known: str = ""
    where: str = ""
    among: str = ""
    window: str = ""
    per: str = ""
    expression: str = ""
    reads: tuple[str, ...] = ()
    strength: float = DEFAULT_STRENGTH
    reason: str = "OTHER"
    direction: str = "none"
    says: str = ""
    says_missing: str = ""
    says_zero: str = ""
    unit: str = ""
    dtype: str = Dtype.NUMBER

    @property
    def window_micros(self) -> int | None:
        """Length of the window in microseconds; None for all history."""
        return parse_window(self.window) if self.window else None

    def to_json(self) -> dict[str, Any]:
        """The feature as JSON writes it; what is at its default is left out."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Feature:
        """The feature that ``to_json`` wrote.

        Raises:
            UserError: When a key is not one of a feature's.
        """
        known = {field.name for field in fields(cls)}
        strange = sorted(set(written) - known)
        if strange or not {"name", "kind"} <= set(written):
            name = written.get("name", "?")
            raise UserError(
                f"the stored feature {name!r} cannot be read (unknown: {', '.join(strange) or 'none'})",
                where="model bundle",
                todo="the bundle was written by another version of salesworthy: train again",
            )
        return cls(**{**written, "reads": tuple(written.get("reads", ()))})


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, StrEnum) else value


@dataclass(frozen=True)
class Catalogue:
    """Features in order, each name once.

    Example:
        >>> catalogue = Catalogue((Feature("visits", "count", "engagements", per="lead"),))
        >>> catalogue.names
        ('visits',)
        >>> Catalogue.from_json(catalogue.to_json()) == catalogue
        True
    """

    features: tuple[Feature, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def directions(self) -> dict[str, str]:
        """The direction constraint of every feature that has one."""
        return {feature.name: feature.direction for feature in self.features if feature.direction != "none"}

    def __getitem__(self, name: str) -> Feature:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    def without(self, names: Collection[str]) -> Catalogue:
        """The catalogue without these features, and without the expressions that read them, directly or not.

        Example:
            >>> one, two = Feature("one", "count"), Feature("two", "expression", reads=("one",))
            >>> Catalogue((one, two)).without(["one"]).names
            ()
        """
        gone = self.dependents(names)
        return Catalogue(tuple(feature for feature in self.features if feature.name not in gone))

    def dependents(self, names: Collection[str]) -> frozenset[str]:
        """These names and those of all expressions that read them, directly or not."""
        gone = set(names)
        while more := {each.name for each in self.features if gone & set(each.reads)} - gone:
            gone |= more
        return frozenset(gone)

    def to_json(self) -> list[dict[str, Any]]:
        """The catalogue as JSON writes it: a list of features."""
        return [feature.to_json() for feature in self.features]

    @classmethod
    def from_json(cls, written: Sequence[Mapping[str, Any]]) -> Catalogue:
        """The catalogue that ``to_json`` wrote.

        Raises:
            UserError: When it was written by another version.
        """
        return cls.of(Feature.from_json(each) for each in written)

    @classmethod
    def of(cls, features: Iterable[Feature]) -> Catalogue:
        """A catalogue of these features.

        Raises:
            UserError: When two have the same name.
        """
        found = tuple(features)
        names = [feature.name.lower() for feature in found]  # engines do not tell cases apart
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UserError(f"feature {', '.join(twice)} is defined twice", where="catalogue")
        return cls(found)
