"""Exposure: with which probability each lead that was given to sales was sent, so that the unsent can be spoken of.

Most handoffs are made by a rule or a model: whoever meets it is sent, with probability 1. Some leads below the
threshold are drawn at random; each of them stands for 1 / probability leads.

====================  =================  ==================================================
``handoffs.path``     ``probability``    sent with probability
====================  =================  ==================================================
anything              over 0, up to 1    that
``exploration``       not on record      not known: nobody can say how many it stands for
anything else         not on record      1
anything              anything else      not known
====================  =================  ==================================================

Many exports of a CRM have neither column. A handoff whose probability is not on record, and whose path is not either or
is ``exploration``, takes what the ledger issued: the newest decision about its lead before the handoff.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from salesworthy.domain.decisions import EXPLORATION
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.outcomes.handoffs import not_before

COLUMN = "sent.probability"
"""Where the probability stands beside features; no feature has a dot in its name."""
HOLDS = 92 * MICROSECONDS_PER_DAY
"""A decision that was issued longer before the handoff is not what stood behind it."""


@dataclass(frozen=True)
class Issued:
    """What was issued before leads were handed over.

    Attributes:
        decisions: ``lead_id``, ``said_at`` (microseconds) and ``chance``, the probability of being sent.
        utc_offsets: Offsets from UTC in which days begin: a handoff dated with a day may be of any time of it.
    """

    decisions: ir.Table
    utc_offsets: Collection[int] = (0,)


def with_exposure(handed: ir.Table, tables: Mapping[str, ir.Table], *, issued: Issued | None = None) -> ir.Table:
    """Handoffs with the probability with which each was sent, in ``COLUMN``; null where that is not known.

    Where one lead has several rows of the same moment, the smallest probability holds, and one that is not known makes
    all unknown. Without a table ``handoffs`` the handoffs come back as they are: nothing says why a lead was sent.

    Args:
        handed: ``lead_id`` and ``handed_at`` among its columns; one row per handoff.
        tables: Checked tables.
        issued: What stands behind handoffs that say nothing of it themselves.
    """
    if "handoffs" not in tables:
        return handed
    given = tables["handoffs"].select("lead_id", "handed_at", "path", "probability")
    given = given.mutate(issued=ibis.null("float64")) if issued is None else _with_issued(given, issued)
    given = given.select("lead_id", "handed_at", chance=_probability(given))
    sent = given.group_by("lead_id", "handed_at").agg(
        **{COLUMN: given.chance.min(), "unknown": given.chance.isnull().cast("int64").sum()}
    )
    known = (sent.unknown == 0).ifelse(sent[COLUMN], ibis.null("float64"))
    sent = sent.select("lead_id", "handed_at", **{COLUMN: known})
    return handed.left_join(sent, ["lead_id", "handed_at"]).drop("lead_id_right", "handed_at_right")


def _with_issued(given: ir.Table, issued: Issued) -> ir.Table:
    """Handoffs with the probability of the newest decision about their lead, in ``issued``."""
    said = issued.decisions.select(said_lead=issued.decisions.lead_id, said_at="said_at", chance="chance")
    met = given.select("lead_id", "handed_at").distinct().inner_join(said, given.lead_id == said.said_lead)
    met = met.filter(
        not_before(met.handed_at, met.said_at, issued.utc_offsets), met.handed_at - met.said_at <= HOLDS
    ).select("lead_id", "handed_at", "said_at", "chance")
    newest = met.group_by("lead_id", "handed_at").agg(said_at=met.said_at.max())
    found = newest.inner_join(met, ["lead_id", "handed_at", "said_at"])
    found = found.group_by("lead_id", "handed_at").agg(issued=found.chance.min())
    return given.left_join(found, ["lead_id", "handed_at"]).drop("lead_id_right", "handed_at_right")


def _probability(given: ir.Table) -> ir.Value:
    stated = given.probability
    path = given["path"].strip().lower()
    at_random = (path == EXPLORATION).fill_null(False)
    return ibis.cases(
        ((stated > 0) & (stated <= 1), stated),
        (stated.isnull() & given.issued.notnull() & (path.isnull() | at_random), given.issued),
        (stated.isnull() & ~at_random, 1.0),
        else_=ibis.null("float64"),
    )
