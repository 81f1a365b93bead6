"""Scores under a policy: decisions, figures and follow-up of a batch in the published columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.qualification.decisions import Propensities
from salesworthy.qualification.follow_up import FollowUp
from salesworthy.qualification.handover import KEPT
from salesworthy.qualification.tables import SCORES

DECIDED_COLUMNS = (
    *("lead_id", "account_id", "decision", "decided_by", "fit_grade", "interest_grade", "buying_step"),
    "sent_probability",
)
PATCHED = ("decision", "decided_by", "owner", "respond_by", "next_step", "track", "sent_probability")
"""What the handover may change in scores that were written before it."""


@dataclass(frozen=True)
class Versions:
    """What stands behind a run, on every row: the moment, the model, the policy and the run."""

    as_of: int
    model: str | None
    policy: str
    run_id: str


def scores_under_policy(
    decided: pa.Table, scored: Propensities | None, next_up: FollowUp, versions: Versions
) -> pa.Table:
    """Scores of a batch, one row per lead; ``owner`` and ``respond_by`` follow with the handover.

    Args:
        decided: What ``decide`` gave.
        scored: The model's figures, in the same order; None without a model.
        next_up: Next steps and tracks, in the same order.
        versions: Written on every row.
    """
    rows = decided.num_rows
    constants = {"model_version": versions.model, "policy_version": versions.policy, "run_id": versions.run_id}
    given: dict[str, Any] = {name: decided.column(name) for name in DECIDED_COLUMNS}
    given |= {"as_of": pa.repeat(pa.scalar(versions.as_of, SCORES.field("as_of").type), rows)}
    given |= {name: pa.repeat(pa.scalar(value, pa.string()), rows) for name, value in constants.items()}
    given |= {"next_step": next_up.next_step, "track": next_up.track, **figures(scored)}
    columns = [given.get(field.name, pa.nulls(rows, field.type)) for field in SCORES]
    return pa.table(columns, schema=SCORES)


def figures(scored: Propensities | None) -> dict[str, pa.Array]:
    """The model's figures as columns of scores; none without a model."""
    if scored is None:
        return {}
    return {
        "propensity": pa.array(scored.propensity),
        "propensity_low": pa.array(scored.low),
        "propensity_high": pa.array(scored.high),
        "log_odds": pa.array(scored.log_odds),
    }


def kept_of(decided: pa.Table, facts: pa.Table, scored: Propensities | None, next_up: FollowUp) -> pa.Table:
    """The leads of a batch that routing and the view of their sites need; columns of ``KEPT``.

    ``row`` is the place in the batch: whoever knows the place of the batch in the run adds it.

    Args:
        decided: What ``decide`` gave.
        facts: Columns of ``LEAD_FACTS``, in the same order.
        scored: The model's figures; None without a model.
        next_up: Next steps and tracks.
    """
    rows = decided.num_rows
    given: dict[str, Any] = {name: decided.column(name) for name in decided.column_names}
    given |= {name: facts.column(name) for name in facts.column_names if name != "lead_id"}
    given |= {**figures(scored), "suiting_track": next_up.suiting, "row": pa.array(np.arange(rows))}
    columns = [given.get(field.name, pa.nulls(rows, field.type)) for field in KEPT]
    needed = pc.is_in(decided.column("decision"), pa.array([str(Decision.MQL), str(Decision.TRACKED)]))
    return pa.table(columns, schema=KEPT).filter(pc.or_(needed, decided.column("waits")))


def patched(scores: pa.Table, handed: pa.Table, first: int) -> pa.Table:
    """Scores of a batch with what the handover says of its MQLs.

    Args:
        scores: Columns of ``SCORES``.
        handed: What ``hand_over`` gave, in order of ``row``.
        first: Place of the batch's first lead in the run.
    """
    places = handed.column("row").to_numpy()
    start, end = np.searchsorted(places, [first, first + scores.num_rows])
    mine = handed.slice(start, end - start)
    mask = np.zeros(scores.num_rows, np.bool_)
    mask[places[start:end] - first] = True
    for name in PATCHED:
        field = SCORES.field(name)
        values = mine.column(name).combine_chunks().cast(field.type)
        column = pc.replace_with_mask(scores.column(name).combine_chunks(), pa.array(mask), values)
        scores = scores.set_column(SCORES.get_field_index(name), field, column)
    return scores


def by_lead(table: pa.Table) -> Mapping[str, dict[str, Any]]:
    """Rows of a small table by lead id."""
    return {row["lead_id"]: row for row in table.to_pylist()}
