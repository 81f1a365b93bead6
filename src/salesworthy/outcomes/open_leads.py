"""Which leads are still worth a question: created, and not yet judged by sales."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis.expr.types as ir

from salesworthy.domain.tables import Disposition
from salesworthy.outcomes.handoffs import handoffs, not_before

STILL_OPEN = (Disposition.OPEN, Disposition.UNTOUCHED, Disposition.UNREACHABLE)


def known_leads(tables: Mapping[str, ir.Table], *, as_of: int) -> ir.Table:
    """Every lead that existed at that moment: ``lead_id, account_id``, one row per lead."""
    leads = tables["leads"]
    return leads.filter(leads.created_at <= as_of).select("lead_id", "account_id")


def open_leads(tables: Mapping[str, ir.Table], *, as_of: int, utc_offsets: Collection[int] = (0,)) -> ir.Table:
    """The leads that sales has not judged yet: ``lead_id, account_id``, one row per lead.

    A lead is closed by a dated disposition other than open, untouched or unreachable, recorded by ``as_of`` and not
    before the lead's latest handoff; a new handoff opens it again. Undated outcomes close nothing: nobody can say
    whether they lie before or after the moment asked for. ``utc_offsets`` are those in which days begin.
    """
    known = known_leads(tables, as_of=as_of)
    if "outcomes" not in tables:
        return known
    handed = handoffs(tables, until=as_of)
    latest = handed.group_by("lead_id").agg(handed_at=handed.handed_at.max())
    outcomes = tables["outcomes"]
    judged = outcomes.filter(outcomes["at"] <= as_of, outcomes.disposition.notin(list(STILL_OPEN)))
    judged = judged.left_join(latest, "lead_id")
    closed = judged.filter(judged.handed_at.isnull() | not_before(judged["at"], judged.handed_at, utc_offsets))
    return known.anti_join(closed.select("lead_id").distinct(), "lead_id")
