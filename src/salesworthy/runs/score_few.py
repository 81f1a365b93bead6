"""A few leads now, with the figures of the batch.

Their open colleagues are judged with them, so that a deal and its owner come out as they would in the batch. Two things
only a whole run knows: a threshold that follows from all waiting leads is taken from the newest published run under the
same policy, and capacity counts as free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.qualification.handover import hand_over
from salesworthy.qualification.scoring import patched
from salesworthy.runs.features import OpenTables
from salesworthy.runs.lead_rows import batches, lead_rows
from salesworthy.runs.objections import of_allowed
from salesworthy.runs.packets import packets_of
from salesworthy.runs.publish import latest_run
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders, ScoredBatch, score_batch
from salesworthy.runs.score_files import Written


@dataclass(frozen=True)
class ScoredLeads:
    """A few leads, scored: scores and reasons, and under a policy verdicts and packets by lead id."""

    scores: pa.Table
    reasons: pa.Table
    deciders: Deciders
    verdicts: pa.Table | None
    packets: dict[str, dict[str, Any]]


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
        asked = of_allowed(data, _with_colleagues(data, asked, as_of))
        deciders = Deciders(deciders.model, policy, deciders.by_points, thresholds_in_force(place, policy))
    rows = lead_rows(data, asked, deciders.model, policy, as_of=as_of).rows
    scored = [score_batch(batch, deciders, as_of=as_of, run_id="") for batch in batches(data, rows)]
    packets: dict[str, dict[str, Any]] = {}
    scores = _all(scored, "scores")
    if policy is not None:
        scores, packets = _handed_over(data, deciders, policy, scored, as_of)
    verdicts = None if policy is None else _of(_all(scored, "verdicts"), leads)
    return ScoredLeads(_of(scores, leads), _of(_all(scored, "reasons"), leads), deciders, verdicts, packets)


def _handed_over(
    data: OpenTables, deciders: Deciders, policy: RunPolicy, scored: Sequence[ScoredBatch], as_of: int
) -> tuple[pa.Table, dict[str, dict[str, Any]]]:
    scores = _all(scored, "scores")
    kept = _all(scored, "kept")
    places = {lead: place for place, lead in enumerate(scores["lead_id"].to_pylist())}
    rows = pa.array([places[lead] for lead in kept["lead_id"].to_pylist()], pa.int64())
    kept = kept.set_column(kept.schema.get_field_index("row"), "row", rows)
    mqls = kept.filter(pc.equal(kept.column("decision"), str(Decision.MQL)))
    handed = hand_over(mqls, policy.in_force, as_of=as_of)
    written = Written({}, handed=handed, kept=kept, reasons=_all(scored, "reasons"))
    found = packets_of(data.engine, data.tables, deciders, written, run_id="", as_of=as_of)
    return patched(scores, handed, 0), {packet["lead_id"]: packet for packet in found}


def _with_colleagues(data: OpenTables, asked: ir.Table, as_of: int) -> ir.Table:
    """The leads, and the open leads at their sites."""
    waiting = data.open_leads(as_of=as_of)
    sites = asked.filter(asked.account_id.notnull()).select(site=asked.account_id).distinct()
    return asked.union(waiting.semi_join(sites, waiting.account_id == sites.site), distinct=True)


def thresholds_in_force(place: Path, policy: RunPolicy) -> dict[str, float]:
    """Thresholds that followed from the newest run under the same policy."""
    latest = latest_run(place)
    if latest is None or latest[1].get("policy_sha256") != policy.policy.content_hash:
        return {}
    stated = latest[1].get("thresholds", {})
    return {
        code: float("inf") if each["propensity"] is None else each["propensity"]
        for code, each in stated.items()
        if each["leads_per_week"] is not None
    }


def _all(scored: Sequence[ScoredBatch], name: str) -> pa.Table:
    return pa.concat_tables([getattr(each, name) for each in scored])


def _of(table: pa.Table, leads: Sequence[str]) -> pa.Table:
    return table.filter(pc.is_in(table.column("lead_id"), pa.array(list(leads), pa.string())))
