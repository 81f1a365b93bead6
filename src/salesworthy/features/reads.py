"""Which columns a stored feature reads, so that they can be brought along, or missed before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from salesworthy.features.acts import own_or_look_up
from salesworthy.features.catalogue import OF_ACTS, Feature, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.conditions import Condition, parse_condition
from salesworthy.features.facts import CREATED, FIRST_HANDOFF, columns_read, dating_columns
from salesworthy.features.readable_tables import Tables
from salesworthy.features.vocabulary import ACT_LOOK_UPS, ACTS, DAY, LEAD_LOOK_UPS


@lru_cache(maxsize=1_000)
def stored_condition(text: str, name: str) -> Condition:
    """A condition as a feature stores it: checked once more, since a model bundle may come from anywhere.

    Args:
        text: SQL.
        name: The feature's name, for messages.

    Raises:
        ConfigurationMistakes: When it is not a condition.
    """
    return parse_condition(text, f"feature {name}", gives=None)


def conditions_of(feature: Feature) -> Iterator[Condition]:
    """The conditions of a feature over acts, ``where`` and ``among``."""
    for text in (feature.where, feature.among):
        if text:
            yield stored_condition(text, feature.name)


def act_columns(feature: Feature, tables: Tables) -> set[ColumnRef]:
    """The columns of a table of acts, or of its look-ups, that a feature reads."""
    found = {ref for condition in conditions_of(feature) for ref in condition.columns}
    if feature.column:
        found.add(own_or_look_up(feature.column, tables[feature.table]))
    return found


def fact_columns(feature: Feature) -> set[ColumnRef]:
    """The columns of leads, accounts and campaigns that a feature reads, with those that date them."""
    if feature.kind in (FeatureKind.COLUMN, FeatureKind.HISTORY):
        return columns_read(feature)
    if feature.kind != FeatureKind.EXPRESSION:
        return set()
    condition = stored_condition(feature.expression, feature.name)
    facts = {ref for ref in condition.columns if ref.table}
    return facts | dating_columns(feature.known) if facts else set()


def needed_columns(features: Iterable[Feature], tables: Tables) -> Iterator[tuple[str, str, str]]:
    """What must be at hand: (feature, table, column), with the keys of look-ups."""
    yield "every feature", "leads", CREATED.name
    for feature in features:
        for ref in sorted(_needed(feature, tables)):
            yield feature.name, ref.table, ref.name


def _needed(feature: Feature, tables: Tables) -> set[ColumnRef]:
    if feature.kind not in OF_ACTS:
        return _with_keys(fact_columns(feature) - {FIRST_HANDOFF})
    occurred = ColumnRef(feature.table, ACTS[feature.table].occurred_at)
    members = {ColumnRef("leads", "account_id")} if feature.per == "account" else set()
    if feature.table not in tables:
        return {occurred} | members
    read = {ColumnRef(ref.table or feature.table, ref.name) for ref in act_columns(feature, tables)}
    read = {ref for ref in read if ref.name != DAY or ref.table != feature.table}
    keys = {
        ColumnRef(table, ACT_LOOK_UPS[ref.table].key)
        for ref in read
        if ref.table in ACT_LOOK_UPS
        for table in (ref.table, feature.table)
    }
    return {occurred} | members | read | keys


def _with_keys(refs: Collection[ColumnRef]) -> set[ColumnRef]:
    keys = {ColumnRef("leads", LEAD_LOOK_UPS[ref.table].key) for ref in refs if ref.table in LEAD_LOOK_UPS}
    return {*refs, *keys}
