"""Packets of a run: one JSON line per MQL, in order of leads, a file for each part of the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.runs.evidence import evidence_of
from salesworthy.runs.features import OpenTables
from salesworthy.runs.journal import Journal
from salesworthy.runs.packet_rows import POLICY_FILE, packets_with
from salesworthy.runs.progress import Progress
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_files import Written, reasons_of
from salesworthy.runs.score_parts import Part


@dataclass(frozen=True)
class PacketFiles:
    """Writes the packets of a run.

    Attributes:
        data: Checked tables.
        deciders: The model and the policy in force.
        folder: The run's folder.
        journal: What is finished of the run.
        run_id: Written in every packet.
        as_of: The moment of the question, in microseconds.
        progress: Told about the steps.
    """

    data: OpenTables
    deciders: Deciders
    folder: Path
    journal: Journal
    run_id: str
    as_of: int
    progress: Progress

    def write(self, written: Written) -> None:
        """Write packets, and beside them the policy that decided; an empty file without a policy.

        Args:
            written: The MQLs as handed over, with the leads kept beside them and their reasons.
        """
        (self.folder / "packets").mkdir(exist_ok=True)
        policy, handed, kept = self.deciders.policy, written.handed, written.kept
        if policy is None or handed is None or kept is None:
            (self.folder / "packets" / "part-0000.jsonl").touch()
            return
        (self.folder / POLICY_FILE).write_text(policy.policy.to_json(), encoding="utf-8")
        for part, reasons in written.parts:
            if self.journal.facts(part.named("packets")) is None:
                self._write_part(part, _within(handed, part), kept, reasons, policy)

    def _write_part(self, part: Part, mqls: pa.Table, kept: pa.Table, reasons: Path, policy: RunPolicy) -> None:
        path = self.folder / "packets" / f"{part.name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            if mqls.num_rows:
                evidence = evidence_of(self.data.engine, self.data.tables, mqls, policy.in_force, as_of=self.as_of)
                about, beside = reasons_of(reasons, mqls), _of_sites(kept, mqls)
                found = packets_with(evidence, self.deciders, beside, about, run_id=self.run_id, as_of=self.as_of)
                for number, packet in enumerate(found, start=1):
                    file.write(json.dumps(packet, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n")
                    self.progress(f"packets of {part.name}", number / mqls.num_rows)
        self.journal.finish(part.named("packets"), [path])


def _within(handed: pa.Table, part: Part) -> pa.Table:
    """The MQLs of a part."""
    place = handed.column("row")
    return handed.filter(pc.and_(pc.greater_equal(place, part.first), pc.less(place, part.first + part.leads)))


def _of_sites(kept: pa.Table, mqls: pa.Table) -> pa.Table:
    """The kept leads at the sites of some MQLs."""
    return kept.filter(pc.is_in(kept.column("account_id"), mqls.column("account_id").combine_chunks()))
