"""Machine clicks: mail scanners and bots that open links, as ``check`` judged them or as they say themselves."""

from __future__ import annotations

import functools
import operator

import ibis
import ibis.expr.types as ir

from salesworthy.intake.machine_clicks_settings import HINTS


def is_machine(acts: ir.Table) -> ir.BooleanColumn:
    """Whether an act was made by a machine: as ``check`` judged it, or else as its agent says."""
    hint = _says_machine(acts.agent)
    return ibis.coalesce(acts.machine.cast("boolean"), hint) if "machine" in acts.columns else hint


def _says_machine(agent: ir.StringColumn) -> ir.BooleanColumn:
    lowered = ibis.coalesce(agent, "").lower()
    return functools.reduce(operator.or_, (lowered.contains(word) for word in HINTS))
