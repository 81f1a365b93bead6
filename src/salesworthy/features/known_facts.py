"""Questions about leads that were known at their moment, with every fact that a catalogue reads of them."""

from __future__ import annotations

import ibis.expr.types as ir

from salesworthy.features.catalogue import Catalogue, Dtype, Feature, FeatureKind
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.facts import ACCOUNT, CREATED, column_feature, facts_of, known_fact, known_since
from salesworthy.features.readable_tables import Tables
from salesworthy.features.reads import fact_columns, stored_condition

LEAD, AS_OF, SITE = "question.lead_id", "question.as_of", "question.account_id"
FACT = "fact."
RESULT_KEY, RESULT_SINCE, LABEL, KNOWN_AT = "result.key", "result.since", "result.label", "result.known_at"
IBIS_TYPES = {Dtype.NUMBER: "float64", Dtype.INTEGER: "int64", Dtype.YES_NO: "boolean", Dtype.CATEGORY: "string"}


def known_facts(asked: ir.Table, tables: Tables, catalogue: Catalogue) -> ir.Table:
    """What was known about the leads asked about, as far as it does not lie in their acts.

    Grain: one row per question about a lead that was known then. Columns: ``LEAD``, ``AS_OF``, ``SITE``, the ``column``
    features under their names, the facts that expressions read as ``fact_name`` calls them, and the keys of ``history``
    features as ``key_name`` does. All of them are null where they were not known yet.

    Args:
        asked: ``lead_id``, ``as_of``; each question once.
        tables: Checked tables.
        catalogue: The features.
    """
    facts = facts_of(asked, tables, _needed(catalogue) | {ACCOUNT})
    facts = facts.filter(facts[str(CREATED)] <= facts.as_of)
    columns: dict[str, ir.Value] = {LEAD: facts.lead_id, AS_OF: facts.as_of, SITE: facts[str(ACCOUNT)]}
    for feature in catalogue:
        if feature.kind == FeatureKind.COLUMN:
            columns[feature.name] = column_feature(facts, feature).cast(IBIS_TYPES[Dtype(feature.dtype)])
        elif feature.kind == FeatureKind.HISTORY:
            columns[key_name(feature)] = known_fact(facts, _key(feature), feature.known).cast("string")
        elif feature.kind == FeatureKind.EXPRESSION:
            columns |= {fact_name(feature, ref): known_fact(facts, ref, feature.known) for ref in facts_read(feature)}
    return facts.select(**columns)


def results_of(feature: Feature, results: ir.Table, tables: Tables) -> ir.Table:
    """Results with the key of their lead, and the moment from which both the result and the key were known.

    Grain: one row per result whose key was known at some time. Columns: ``RESULT_KEY``, ``RESULT_SINCE``, ``LABEL``.

    Args:
        feature: A ``history`` feature.
        results: ``lead_id``, ``known_at``, ``label``.
        tables: Checked tables.
    """
    told = results.select("lead_id", **{KNOWN_AT: results.known_at.cast("int64"), LABEL: results.label.cast("float64")})
    facts = facts_of(told, tables, fact_columns(feature))
    since = known_since(facts, feature.table, feature.known)
    later = (since > facts[KNOWN_AT]).ifelse(since, facts[KNOWN_AT])
    return facts.filter(since.notnull()).select(
        **{RESULT_KEY: facts[str(_key(feature))].cast("string"), RESULT_SINCE: later.cast("int64"), LABEL: facts[LABEL]}
    )


def fact_name(feature: Feature, ref: ColumnRef) -> str:
    """The column of ``known_facts`` that holds a fact that an expression reads, as it was known to this one."""
    return f"{FACT}{feature.known}.{ref}"


def key_name(feature: Feature) -> str:
    """The column of ``known_facts`` that holds the key of a ``history`` feature."""
    return f"key.{feature.name}"


def facts_read(feature: Feature) -> list[ColumnRef]:
    """The facts that an expression reads."""
    return [ref for ref in stored_condition(feature.expression, feature.name).columns if ref.table]


def _key(feature: Feature) -> ColumnRef:
    return ColumnRef(feature.table, feature.column)


def _needed(catalogue: Catalogue) -> set[ColumnRef]:
    return set().union(*(fact_columns(feature) for feature in catalogue))
