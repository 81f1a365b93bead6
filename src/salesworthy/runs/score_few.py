"""A few leads now, with the figures of the batch.

Their open colleagues are judged with them, so that a deal and its owner come out as they would in the batch. Two things
only a whole run knows: a threshold that follows from all waiting leads is taken from the newest published run under the
same policy, and capacity counts as free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.runs.evidence import evidence_of
from salesworthy.runs.evidence_rows import Evidence
from salesworthy.runs.features import OpenTables
from salesworthy.runs.few_leads import ScoredLeads, handed_over, thresholds_in_force
from salesworthy.runs.lead_rows import batches, lead_rows
from salesworthy.runs.objections import of_allowed
from salesworthy.runs.score_batch import Deciders, score_batch


def score_few(
    data: OpenTables, deciders: Deciders, leads: Sequence[str], known: ir.Table, place: Path, *, as_of: int
) -> ScoredLeads:
    """Score a few leads that are known.

    Args:
        data: Checked tables, without the rows of leads who have objected.
        deciders: The model and the policy in force.
        leads: Their ids.
        known: Every lead that is known: ``lead_id`` and ``account_id``.
        place: Where runs are published.
        as_of: The moment of the question, in microseconds.
    """
    asked = known.filter(known.lead_id.isin(list(leads)))
    policy = deciders.policy
    if policy is not None:
        asked = of_allowed(data, with_colleagues(data, asked, as_of))
        deciders = Deciders(deciders.model, policy, deciders.by_points, thresholds_in_force(place, policy))
    rows = lead_rows(data, asked, deciders.model, policy, as_of=as_of).rows
    scored = [score_batch(batch, deciders, as_of=as_of, run_id="") for batch in batches(data, rows)]

    def evidence(mqls: pa.Table) -> Iterator[tuple[pa.Table, Evidence]]:
        in_force = policy.in_force  # type: ignore[union-attr]  # asked for under a policy only
        return evidence_of(data.engine, data.tables, mqls, in_force, as_of=as_of)

    return handed_over(scored, deciders, leads, evidence, as_of=as_of)


def with_colleagues(data: OpenTables, asked: ir.Table, as_of: int) -> ir.Table:
    """The leads, and the open leads at their sites."""
    waiting = data.open_leads(as_of=as_of)
    sites = asked.filter(asked.account_id.notnull()).select(site=asked.account_id).distinct()
    return asked.union(waiting.semi_join(sites, waiting.account_id == sites.site), distinct=True)
