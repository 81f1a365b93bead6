"""What becomes of a few scored leads: thresholds of the newest run, owners while capacity is free, packets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.decisions import Decision
from salesworthy.qualification.handover import hand_over
from salesworthy.qualification.scoring import patched
from salesworthy.runs.evidence_rows import Evidence
from salesworthy.runs.packet_rows import packets_with
from salesworthy.runs.publish import latest_run
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders, ScoredBatch

AskEvidence = Callable[[pa.Table], Iterable[tuple[pa.Table, Evidence]]]
"""Gives MQLs back, a few at a time, with the evidence for them."""


@dataclass(frozen=True)
class ScoredLeads:
    """A few leads, scored: scores and reasons, and under a policy verdicts and packets by lead id."""

    scores: pa.Table
    reasons: pa.Table
    deciders: Deciders
    verdicts: pa.Table | None
    packets: dict[str, dict[str, Any]]


def handed_over(
    scored: Sequence[ScoredBatch], deciders: Deciders, leads: Sequence[str], evidence: AskEvidence, *, as_of: int
) -> ScoredLeads:
    """Hand over what is an MQL, and tell of some of the leads.

    Args:
        scored: The leads, and those that were judged with them.
        deciders: What decided.
        leads: Ids of those that are told of.
        evidence: Asked for what packets need.
        as_of: The moment of the question, in microseconds.
    """
    scores, reasons = _all(scored, "scores"), _all(scored, "reasons")
    if deciders.policy is None:
        return ScoredLeads(_of(scores, leads), _of(reasons, leads), deciders, None, {})
    kept = _placed(_all(scored, "kept"), scores)
    mqls = kept.filter(pc.equal(kept.column("decision"), str(Decision.MQL)))
    handed = hand_over(mqls, deciders.policy.in_force, as_of=as_of)
    packets = packets_with(evidence(handed), deciders, kept, reasons, run_id="", as_of=as_of)
    told = {packet["lead_id"]: packet for packet in packets}
    verdicts = _of(_all(scored, "verdicts"), leads)
    return ScoredLeads(_of(patched(scores, handed, 0), leads), _of(reasons, leads), deciders, verdicts, told)


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


def _placed(kept: pa.Table, scores: pa.Table) -> pa.Table:
    places = {lead: place for place, lead in enumerate(scores["lead_id"].to_pylist())}
    rows = pa.array([places[lead] for lead in kept["lead_id"].to_pylist()], pa.int64())
    return kept.set_column(kept.schema.get_field_index("row"), "row", rows)


def _all(scored: Sequence[ScoredBatch], name: str) -> pa.Table:
    return pa.concat_tables([getattr(each, name) for each in scored])


def _of(table: pa.Table, leads: Sequence[str]) -> pa.Table:
    return table.filter(pc.is_in(table.column("lead_id"), pa.array(list(leads), pa.string())))
