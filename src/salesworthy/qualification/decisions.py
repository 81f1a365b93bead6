"""Decisions of a workspace that has no policy: the model's figure and nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.qualification.tables import SCORES

Floats = npt.NDArray[np.float64]

SCORED = "SCORED"
DECIDED_BY_MODEL = "model"


@dataclass(frozen=True)
class Propensities:
    """What the model says of a batch of leads: probabilities with their interval, and the log-odds behind them."""

    propensity: Floats
    low: Floats
    high: Floats
    log_odds: Floats


def scores_without_policy(
    leads: pa.Table, scored: Propensities, *, as_of: int, model_version: str, run_id: str
) -> pa.Table:
    """Scores of a batch, one row per lead: every lead is ``SCORED``; what needs a policy stays empty.

    Args:
        leads: ``lead_id`` and ``account_id``.
        scored: The model's figures, in the same order.
        as_of: The moment of the question, in microseconds.
        model_version: The model in force.
        run_id: Written on every row.
    """
    rows = leads.num_rows
    given = {
        "lead_id": leads.column("lead_id").combine_chunks(),
        "account_id": leads.column("account_id").combine_chunks(),
        "as_of": pa.repeat(pa.scalar(as_of, SCORES.field("as_of").type), rows),
        "decision": pa.repeat(pa.scalar(SCORED), rows),
        "decided_by": pa.repeat(pa.scalar(DECIDED_BY_MODEL), rows),
        "propensity": pa.array(scored.propensity),
        "propensity_low": pa.array(scored.low),
        "propensity_high": pa.array(scored.high),
        "log_odds": pa.array(scored.log_odds),
        "model_version": pa.repeat(pa.scalar(model_version), rows),
        "run_id": pa.repeat(pa.scalar(run_id), rows),
    }
    columns = [given.get(field.name, pa.nulls(rows, field.type)) for field in SCORES]
    return pa.table(columns, schema=SCORES)
