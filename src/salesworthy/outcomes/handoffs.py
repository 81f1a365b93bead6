"""When a lead was given to sales: the moment at which training asks what was known."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis
import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY


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


def not_before(at: ir.IntegerColumn, handed_at: ir.IntegerColumn, utc_offsets: Collection[int]) -> ir.BooleanColumn:
    """Whether an outcome belongs to a handoff or comes after it.

    Many exports date outcomes with a day and handoffs to the minute. The first instant of a day stands for any time of
    that day, so that an outcome dated with the day of the handoff does not count as one before it.

    Args:
        at: When the outcome was recorded, in microseconds.
        handed_at: The handoff.
        utc_offsets: Offsets from UTC, in microseconds, in which days begin.
    """
    a_day = ibis.or_(*((at + offset) % MICROSECONDS_PER_DAY == 0 for offset in utc_offsets))
    return (at >= handed_at) | (a_day & (at > handed_at - MICROSECONDS_PER_DAY))
