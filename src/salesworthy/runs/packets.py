"""Packets of a run: one JSON line per MQL, in order of leads."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.engines.protocol import Engine
from salesworthy.features.readable_tables import Tables
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.packet import Around, Behind
from salesworthy.qualification.packet_building import build_packet
from salesworthy.runs.evidence import Evidence, evidence_of
from salesworthy.runs.features import OpenTables
from salesworthy.runs.progress import Progress
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_files import Written

POLICY_FILE = "policy.json"


def write_packets(
    data: OpenTables, deciders: Deciders, written: Written, folder: Path, run_id: str, *, as_of: int, progress: Progress
) -> None:
    """Write the packets of a run, and beside them the policy that decided; an empty file without a policy.

    Args:
        data: Checked tables.
        deciders: The model and the policy in force.
        written: The MQLs as handed over.
        folder: The run's folder.
        run_id: Written in every packet.
        as_of: The moment of the question, in microseconds.
        progress: Told about the steps.
    """
    (folder / "packets").mkdir()
    with (folder / "packets" / "part-0000.jsonl").open("w", encoding="utf-8") as file:
        if deciders.policy is None or written.handed is None:
            return
        (folder / POLICY_FILE).write_text(deciders.policy.policy.to_json(), encoding="utf-8")
        total = max(written.handed.num_rows, 1)
        for number, packet in enumerate(
            packets_of(data.engine, data.tables, deciders, written, run_id=run_id, as_of=as_of), start=1
        ):
            file.write(json.dumps(packet, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n")
            progress("packets", number / total)


def packets_of(
    engine: Engine, tables: Tables, deciders: Deciders, written: Written, *, run_id: str, as_of: int
) -> Iterator[dict[str, Any]]:
    """The packets of MQLs, in their order.

    Args:
        engine: Where the tables live.
        tables: Checked tables.
        deciders: The model and the policy in force.
        written: The MQLs as handed over, with the leads kept beside them and their reasons.
        run_id: Written in every packet.
        as_of: The moment of the question, in microseconds.
    """
    policy, handed, kept = deciders.policy, written.handed, written.kept
    if policy is None or handed is None or kept is None:
        return
    behind = Behind(policy.in_force, as_of, deciders.model_version, policy.version, policy.is_draft, run_id)
    order = [rule.code for rule in policy.in_force.of_kind(RuleKind.TIER)]
    tiers = _site_tiers(kept, order)
    decisions = dict(zip(kept["lead_id"].to_pylist(), kept["decision"].to_pylist(), strict=True))
    for part, evidence in evidence_of(engine, tables, handed, policy.in_force, as_of=as_of):
        reasons = _reasons_of(part, written.reasons)
        for lead in part.to_pylist():
            site = _site_of(lead, tiers)
            around = _around(lead, evidence, reasons.get(lead["lead_id"], []), decisions, site)
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
    found: dict[str, str] = {}
    sites = kept.select(["account_id", "tier"]).group_by(["account_id", "tier"]).aggregate([]).to_pylist()
    for row in sorted(
        (row for row in sites if row["account_id"] is not None and row["tier"] is not None),
        key=lambda row: order.index(row["tier"]),
    ):
        found.setdefault(row["account_id"], row["tier"])
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
