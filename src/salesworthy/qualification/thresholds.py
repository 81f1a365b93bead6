"""The number of leads that sales can work, converted to a threshold on the propensity of those who wait."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.arrays import Floats, coded, numbers, yes
from salesworthy.qualification.deciding import BY_PROPENSITY


def threshold_for(propensity: Floats, leads: float) -> float:
    """The lowest propensity that at most so many leads reach; 0 where all of them may pass.

    Leads of equal propensity pass together or not at all, so that nobody is preferred by an accident of order.

    Example:
        >>> threshold_for(np.array([0.5, 0.4, 0.4, 0.1]), 2)
        0.5
        >>> threshold_for(np.array([0.5, 0.4]), 2)
        0.0
    """
    room = math.floor(leads)
    if len(propensity) <= room:
        return 0.0
    falling = np.sort(propensity)[::-1]
    passing = falling[falling > falling[room]]
    return float(passing[-1]) if len(passing) else math.inf


def thresholds_of_run(waiting: pa.Table, policy: PolicyInForce) -> dict[str, float]:
    """Criteria set -> threshold, for the sets that name the leads that sales can work.

    Args:
        waiting: ``criteria``, ``propensity`` and ``waits`` of the run; other leads may be among them.
        policy: What is in force on the day.
    """
    chosen = waiting.filter(waiting.column("waits"))
    propensity = numbers(chosen, "propensity")
    codes, names = coded(chosen.column("criteria"))
    found = {}
    for each in policy.criteria:
        if each.leads_per_week is not None:
            rows = codes == names.index(each.code) if each.code in names else np.zeros(len(codes), np.bool_)
            found[each.code] = threshold_for(propensity[rows], each.leads_per_week)
    return found


def over_threshold(waiting: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Decisions with the leads that waited for a threshold decided: MQL over it, as they were below it.

    Args:
        waiting: Columns of ``DECIDED`` and ``propensity``.
        thresholds: Criteria set -> threshold.
    """
    codes, names = coded(waiting.column("criteria"))
    limits = np.asarray([*(thresholds.get(name, math.inf) for name in names), math.inf])
    waits = yes(waiting, "waits")
    with np.errstate(invalid="ignore"):
        passes = pa.array(waits & (numbers(waiting, "propensity") >= limits[codes]))
    fails = pc.and_not(pa.array(waits), passes)
    changed = {
        "decision": pc.if_else(passes, str(Decision.MQL), waiting.column("decision")),
        "decided_by": pc.if_else(passes, BY_PROPENSITY, waiting.column("decided_by")),
        "waits": pa.array(np.zeros(len(waits), np.bool_)),
        "sent_probability": pc.if_else(passes, 1.0, waiting.column("sent_probability")),
    }
    for name in ("trigger", "trigger_days", "path"):
        column = waiting.column(name)
        changed[name] = pc.if_else(fails, pa.scalar(None, column.type), column)
    for name, column in changed.items():
        waiting = waiting.set_column(waiting.schema.get_field_index(name), name, column)
    return waiting
