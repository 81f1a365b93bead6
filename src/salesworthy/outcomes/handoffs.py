"""When a lead was given to sales: the moment at which training asks what was known."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir


def handoffs(tables: Mapping[str, ir.Table], *, until: int) -> ir.Table:
    """Every handoff of a known lead up to a moment: ``lead_id, account_id, handed_at``.

    Grain: one row per lead and moment of handing over. A workspace without a ``handoffs`` table counts every lead as
    handed over at its ``created_at``. Handoffs of leads that are not in ``leads`` are left out.

    Args:
        tables: Checked tables by name; ``leads`` is needed.
        until: Handoffs later than this moment (microseconds) have not happened yet.
    """
    leads = tables["leads"]
    if "handoffs" not in tables:
        handed = leads.select("lead_id", "account_id", handed_at=leads.created_at)
    else:
        given = tables["handoffs"].select("lead_id", "handed_at").distinct()
        handed = given.inner_join(leads.select("lead_id", "account_id"), "lead_id").select(
            "lead_id", "account_id", "handed_at"
        )
    return handed.filter(handed.handed_at <= until)
