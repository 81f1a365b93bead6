"""Packets of a run: one JSON line per MQL, in order of leads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from salesworthy.engines.protocol import Engine
from salesworthy.features.readable_tables import Tables
from salesworthy.runs.evidence import evidence_of
from salesworthy.runs.features import OpenTables
from salesworthy.runs.packet_rows import POLICY_FILE, packets_with
from salesworthy.runs.progress import Progress
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_files import Written


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
    policy, handed = deciders.policy, written.handed
    if policy is None or handed is None or written.kept is None:
        return
    parts = evidence_of(engine, tables, handed, policy.in_force, as_of=as_of)
    yield from packets_with(parts, deciders, written.kept, written.reasons, run_id=run_id, as_of=as_of)
