"""One batch of leads: feature values in, scores and reasons out. A pure function over Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from salesworthy.qualification.decisions import Propensities, scores_without_policy
from salesworthy.qualification.reasons import name_reasons
from salesworthy.runs.champion import LoadedModel


@dataclass(frozen=True)
class ScoredBatch:
    """Scores, one row per lead, and reasons, one row per lead and code; leads in the order given."""

    scores: pa.Table
    reasons: pa.Table


def score_batch(rows: pa.Table, model: LoadedModel, *, as_of: int, run_id: str) -> ScoredBatch:
    """Score a batch of feature rows.

    Args:
        rows: ``lead_id``, ``account_id`` and one column per feature of the model's catalogue; one row per lead.
        model: The model in force.
        as_of: The moment of the question, in microseconds.
        run_id: Written on every row.
    """
    features = rows.select(list(model.catalogue.names))
    explained = model.bundle.model.explain(features)
    low, high = model.bundle.model.propensity_interval_of(explained.log_odds)
    scored = Propensities(explained.propensity, low, high, explained.log_odds)
    scores = scores_without_policy(rows, scored, as_of=as_of, model_version=model.version, run_id=run_id)
    lead_id = rows.column("lead_id").combine_chunks()
    reasons = name_reasons(lead_id, explained.contributions, features, model.reason_map, run_id=run_id)
    return ScoredBatch(scores, reasons)
