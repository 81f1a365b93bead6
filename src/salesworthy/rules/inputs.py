"""The table that rules read: features, and beside them the facts about leads that conditions name."""

from __future__ import annotations

import ibis.expr.types as ir

from salesworthy.features.facts import facts_of, known_fact
from salesworthy.features.readable_tables import Tables
from salesworthy.rules.compiling import RuleSet


def with_facts(rows: ir.Table, tables: Tables, rules: RuleSet) -> ir.Table:
    """Feature rows with the facts that rules read, each where it was known at the row's moment, null elsewhere.

    Grain: that of ``rows``. Columns: those of ``rows``, then ``leads.x``, ``accounts.x`` and ``campaigns.x``.

    Args:
        rows: ``lead_id``, ``as_of`` and features; one row per lead and moment.
        tables: Checked tables.
        rules: The rules, which say what they need.
    """
    needed = sorted(ref for ref in rules.needs if ref.table and str(ref) not in rows.columns and ref.table in tables)
    if not needed:
        return rows
    asked = rows.select("lead_id", "as_of").distinct()
    facts = facts_of(asked, tables, needed)
    known = facts.select(
        **{"fact.lead_id": facts.lead_id, "fact.as_of": facts.as_of},
        **{str(ref): known_fact(facts, ref, "") for ref in needed},
    )
    same = [rows.lead_id == known["fact.lead_id"], rows.as_of == known["fact.as_of"]]
    return rows.left_join(known, same).drop("fact.lead_id", "fact.as_of")
