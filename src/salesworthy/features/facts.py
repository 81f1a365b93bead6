"""Facts about the leads that are asked about, and since when each was known."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.features.catalogue import AT_CREATION, AT_HANDOFF, Feature
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.readable_tables import Tables, column_of
from salesworthy.features.vocabulary import LEAD_LOOK_UPS

CREATED = ColumnRef("leads", "created_at")
ACCOUNT = ColumnRef("leads", "account_id")
KEY_OF_RIGHT = "right.key"
LARGEST = sys.float_info.max
FIRST_HANDOFF = ColumnRef("handoffs", "first_handed_at")


def facts_of(asked: ir.Table, tables: Tables, needed: Collection[ColumnRef]) -> ir.Table:
    """The questions with the columns of their leads, accounts and campaigns beside them, named ``table.column``.

    Grain: one row per question (lead_id, as_of). Nothing is hidden yet: read a column through ``known_fact``.

    Args:
        asked: The questions.
        tables: Checked tables.
        needed: Columns of ``leads``, ``accounts`` and ``campaigns``; the times that date them come along.
    """
    leads = _columns(tables, "leads", "lead_id", _needed(needed, "leads"))
    found = asked.left_join(leads, asked.lead_id == leads[KEY_OF_RIGHT]).drop(KEY_OF_RIGHT)
    for table, by in LEAD_LOOK_UPS.items():
        names = _needed(needed, table)
        if names:
            right = _columns(tables, table, by.key, {*names, by.known_from})
            found = found.left_join(right, found[f"leads.{by.key}"] == right[KEY_OF_RIGHT]).drop(KEY_OF_RIGHT)
    if FIRST_HANDOFF in needed:
        found = _first_handoff(found, tables)
    return found


def _needed(needed: Collection[ColumnRef], table: str) -> set[str]:
    names = {ref.name for ref in needed if ref.table == table}
    if table == "leads":
        sources = {ref.table for ref in needed}
        names |= {by.key for source, by in LEAD_LOOK_UPS.items() if source in sources}
        names.add(CREATED.name)
    return names


def _columns(tables: Tables, table: str, key: str, names: Iterable[str]) -> ir.Table:
    """Columns of a table under the names of ``facts_of``, with its key."""
    columns = {f"{table}.{name}": column_of(tables, table, name) for name in sorted(names)}
    return tables[table].select(**{KEY_OF_RIGHT: column_of(tables, table, key)}, **columns)


def _first_handoff(found: ir.Table, tables: Tables) -> ir.Table:
    """The moment at which the lead was first handed over: its creation, where nobody records handoffs."""
    if "handoffs" not in tables:
        return found.mutate(**{str(FIRST_HANDOFF): found[str(CREATED)]})
    handoffs = tables["handoffs"]
    first = handoffs.group_by(handed_lead=handoffs.lead_id).agg(**{str(FIRST_HANDOFF): handoffs.handed_at.min()})
    return found.left_join(first, found.lead_id == first.handed_lead).drop("handed_lead")


def known_fact(facts: ir.Table, ref: ColumnRef, known: str) -> ir.Value:
    """A column of ``facts_of`` where it was known at the moment asked about, null elsewhere.

    Args:
        facts: The questions with their columns.
        ref: The column.
        known: ``at_creation``, ``at_handoff``, or a timestamp as ``table.column``.
    """
    value = facts[str(ref)]
    is_known = known_since(facts, ref.table, known) <= facts.as_of
    return is_known.ifelse(value, ibis.null(value.type()))


def known_since(facts: ir.Table, table: str, known: str) -> ir.Value:
    """The moment from which a fact of ``facts_of`` was known; null for one that never was.

    Args:
        facts: The questions with their columns.
        table: The table that the fact stands in.
        known: ``at_creation``, ``at_handoff``, or a timestamp as ``table.column``.
    """
    since = facts[str(CREATED)]
    if table in LEAD_LOOK_UPS:
        since = _later(since, facts[f"{table}.{LEAD_LOOK_UPS[table].known_from}"].coalesce(since))
    if known in (AT_CREATION, ""):
        return since
    return _later(since, facts[str(FIRST_HANDOFF) if known == AT_HANDOFF else known])


def _later(one: ir.Value, other: ir.Value) -> ir.Value:
    """The later of two moments; null where the second is."""
    return ibis.cases((other >= one, other), (other < one, one)).cast("int64")


def columns_read(feature: Feature) -> set[ColumnRef]:
    """The columns that a ``column`` or ``history`` feature reads, with those that date them."""
    return {ColumnRef(feature.table, feature.column), *dating_columns(feature.known)}


def dating_columns(known: str) -> set[ColumnRef]:
    """The columns that say when a fact became known."""
    if known == AT_HANDOFF:
        return {FIRST_HANDOFF}
    return set() if known in (AT_CREATION, "") else {ColumnRef(*known.split(".", 1))}


def column_feature(facts: ir.Table, feature: Feature) -> ir.Value:
    """The value of a ``column`` feature: float64, boolean or string; null where it was not known yet."""
    value = known_fact(facts, ColumnRef(feature.table, feature.column), feature.known)
    if feature.type == "days_since":
        return (facts.as_of - value).cast("float64") / float(MICROSECONDS_PER_DAY)
    if feature.type == "yes_no":
        return value if value.type().is_boolean() else _number(value) != 0
    return _category(value) if feature.type == "category" else _number(value)


def _number(value: ir.Value) -> ir.Value:
    if value.type().is_boolean():
        value = value.cast("int64")
    return finite(value.try_cast("float64") if value.type().is_string() else value.cast("float64"))


def finite(number: ir.Value) -> ir.Value:
    """A number; null where it is infinite or not a number."""
    # One comparison, since not-a-number is larger than every number: shorter texts than isnan and isinf.
    return (number.abs() <= LARGEST).ifelse(number, ibis.null("float64"))


def _category(value: ir.Value) -> ir.Value:
    if value.type().is_boolean():
        return value.ifelse("yes", value.notnull().ifelse("no", ibis.null("string")))
    if value.type().is_floating():
        # Engines spell floats differently: six places, as sums have, and no zeros at the end.
        return finite(value).try_cast("decimal(28, 6)").cast("string").re_replace(r"\.?0+$", "")
    return value.cast("string")
