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
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from salesworthy.domain.decisions import EXPLORATION

COLUMN = "sent.probability"
"""Where the probability stands beside features; no feature has a dot in its name."""


def with_exposure(handed: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Handoffs with the probability with which each was sent, in ``COLUMN``; null where that is not known.

    Where one lead has several rows of the same moment, the smallest probability holds, and one that is not known makes
    all unknown. Without a table ``handoffs`` the handoffs come back as they are: nothing says why a lead was sent.

    Args:
        handed: ``lead_id`` and ``handed_at`` among its columns; one row per handoff.
        tables: Checked tables.
    """
    if "handoffs" not in tables:
        return handed
    given = tables["handoffs"]
    given = given.select("lead_id", "handed_at", chance=_probability(given))
    sent = given.group_by("lead_id", "handed_at").agg(
        **{COLUMN: given.chance.min(), "unknown": given.chance.isnull().cast("int64").sum()}
    )
    known = (sent.unknown == 0).ifelse(sent[COLUMN], ibis.null("float64"))
    sent = sent.select("lead_id", "handed_at", **{COLUMN: known})
    return handed.left_join(sent, ["lead_id", "handed_at"]).drop("lead_id_right", "handed_at_right")


def _probability(given: ir.Table) -> ir.Value:
    stated = given.probability
    at_random = given["path"].strip().lower() == EXPLORATION
    return ibis.cases(
        ((stated > 0) & (stated <= 1), stated),
        (stated.isnull() & ~at_random.fill_null(False), 1.0),
        else_=ibis.null("float64"),
    )
