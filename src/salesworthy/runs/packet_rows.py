"""Packets out of MQLs and the evidence for them; no table is asked for anything here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.packet import Around, Behind
from salesworthy.qualification.packet_building import build_packet
from salesworthy.runs.evidence_rows import Evidence
from salesworthy.runs.score_batch import Deciders

POLICY_FILE = "policy.json"
"""The policy that decided, beside a run's packets."""


def packets_with(
    parts: Iterable[tuple[pa.Table, Evidence]],
    deciders: Deciders,
    kept: pa.Table,
    reasons: pa.Table | None,
    *,
    run_id: str,
    as_of: int,
) -> Iterator[dict[str, Any]]:
    """The packets of MQLs, in their order.

    Args:
        parts: The MQLs as handed over, a few at a time, with the evidence for them.
        deciders: The model and the policy in force.
        kept: The leads that were kept beside them.
        reasons: The reasons of the MQLs.
        run_id: Written in every packet.
        as_of: The moment of the question, in microseconds.
    """
    policy = deciders.policy
    if policy is None:
        return
    behind = Behind(policy.in_force, as_of, deciders.model_version, policy.version, policy.is_draft, run_id)
    order = [rule.code for rule in policy.in_force.of_kind(RuleKind.TIER)]
    tiers = _site_tiers(kept, order)
    decisions = dict(zip(kept["lead_id"].to_pylist(), kept["decision"].to_pylist(), strict=True))
    for part, evidence in parts:
        mine = _reasons_of(part, reasons)
        for lead in part.to_pylist():
            site = _site_of(lead, tiers)
            around = _around(lead, evidence, mine.get(lead["lead_id"], []), decisions, site)
            yield build_packet(lead, around, behind).as_dict()


def _around(
    lead: dict[str, Any],
    evidence: Evidence,
    reasons: list[dict[str, Any]],
    decisions: dict[str, str],
    site_tier: str | None,
) -> Around:
    name = lead["lead_id"]
    return Around(
        person=evidence.people.get(name, {}),
        acts=evidence.acts.get(name, []),
        colleagues=evidence.colleagues.get(lead["account_id"] or "", []),
        consents=evidence.consents.get(name, []),
        reasons=reasons,
        decisions=decisions,
        site_tier=site_tier,
    )


def _site_tiers(kept: pa.Table, order: list[str]) -> dict[str, str]:
    """Account -> the best tier of its leads."""
    sites = set(zip(kept["account_id"].to_pylist(), kept["tier"].to_pylist(), strict=True))
    found: dict[str, str] = {}
    for account, tier in sorted(
        (each for each in sites if None not in each), key=lambda each: (order.index(each[1]), each[0])
    ):
        found.setdefault(account, tier)
    return found


def _site_of(lead: dict[str, Any], tiers: dict[str, str]) -> str | None:
    own: str | None = lead["tier"]
    return tiers.get(lead["account_id"] or "", own)


def _reasons_of(part: pa.Table, reasons: pa.Table | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if reasons is not None:
        mine = reasons.filter(pc.is_in(reasons.column("lead_id"), part.column("lead_id").combine_chunks()))
        for row in mine.to_pylist():
            found[row["lead_id"]].append(row)
    return found
