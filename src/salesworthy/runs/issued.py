"""What a published run hands to people, read from its own files: so a crash between publishing and recording heals."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import parse_moment
from salesworthy.domain.reasons import Degree
from salesworthy.ledger.columns import canonical_json
from salesworthy.ledger.decisions import HandedDecision, OverrideSeen
from salesworthy.runs.packet_rows import POLICY_FILE
from salesworthy.runs.publish import MANIFEST, published
from salesworthy.runs.workspace import Workspace

MOST_REASONS = 5
"""Reasons for a lead that are recorded with its decision, the heaviest ones: those that sales is asked about."""


def record_published(workspace: Workspace, folder: Path, manifest: Mapping[str, Any], *, now: int) -> None:
    """Record a published run and what it hands to people; a run that is recorded already stays as it is.

    A draft hands nothing to anybody: its run is recorded, its decisions are not.

    Args:
        workspace: Whose ledger.
        folder: The run's folder.
        manifest: What it says of itself.
        now: When this is recorded, in microseconds.

    Raises:
        GateRefused: When that run is recorded with other content.
    """
    draft = bool(manifest.get("draft"))
    workspace.ledger.record_run(
        run_id=manifest["run_id"],
        kind="score",
        as_of=parse_moment(manifest["as_of"]),
        model_version=manifest["model_version"] or "",
        policy_version=manifest["policy_version"],
        data_fingerprint=manifest["data_fingerprint"],
        manifest_sha256=hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest(),
        counts=manifest["counts"],
        now=now,
        decisions=() if draft else tuple(handed_decisions(folder, manifest)),
        overrides=() if draft else tuple(overrides_of(folder)),
    )


def record_missing(workspace: Workspace, place: Path, *, now: int) -> None:
    """Record published runs that the ledger does not know: whoever published them died before they were recorded.

    A run whose files were changed since is left alone; whoever asks for it is told.

    Args:
        workspace: Whose ledger.
        place: Where runs are published; for the holder of its lock.
        now: When this is recorded, in microseconds.
    """
    folders = [each for each in sorted((place / "runs").glob("[!.]*")) if (each / MANIFEST).is_file()]
    known = {run.run_id for run in workspace.ledger.runs()} if folders else set()
    for folder in folders:
        if folder.name in known:
            continue
        try:
            manifest = published(place, folder.name)
        except UserError:
            continue
        if manifest is not None:
            record_published(workspace, folder, manifest, now=now)


def handed_decisions(folder: Path, manifest: Mapping[str, Any]) -> Iterator[HandedDecision]:
    """The decisions of a run that have a packet, in the order of their packets."""
    found = [
        HandedDecision(run_id=manifest["run_id"], packet_file=name, packet_line=line, packet_sha256=digest, **told)
        for name, line, told, digest in _packets(folder)
    ]
    reasons = _reasons_for(folder, [str(each.lead_id) for each in found])
    for each in found:
        yield replace(each, reasons=tuple(reasons[str(each.lead_id)][:MOST_REASONS]))


def overrides_of(folder: Path) -> Iterator[OverrideSeen]:
    """The overrides of the policy that decided in a run."""
    path = folder / POLICY_FILE
    if not path.is_file():
        return
    for each in json.loads(path.read_text(encoding="utf-8"))["overrides"]:
        told = {name: str(each[name]) for name in ("code", "decision", "owner", "starts", "expires")}
        yield OverrideSeen(content_sha256=hashlib.sha256(canonical_json(each).encode()).hexdigest(), **told)


def _packets(folder: Path) -> Iterator[tuple[str, int, dict[str, Any], str]]:
    """File, line, what is recorded of it, and hash of each packet."""
    for path in sorted((folder / "packets").glob("*.jsonl")):
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                digest = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
                yield path.relative_to(folder).as_posix(), number, _told(json.loads(line)), digest


def _told(packet: Mapping[str, Any]) -> dict[str, Any]:
    why, trigger = packet["why"], packet["trigger"]
    return {
        "lead_id": packet["lead_id"],
        "as_of": parse_moment(packet["as_of"]),
        "decision": packet["decision"],
        "decided_by": why["decided_by"],
        "path": packet["path"],
        "criteria": why["criteria"],
        "trigger": None if trigger is None else trigger["code"],
        "region": packet["site"]["region"],
        "propensity": why["propensity"],
        "probability": why["sent_probability"],
        "fit_grade": why["fit_grade"],
        "interest_grade": why["interest_grade"],
        "owner": packet["owner"],
        "respond_by": parse_moment(packet["respond_by"]),
        "model_version": packet["model_version"],
        "policy_version": packet["policy_version"],
    }


def _reasons_for(folder: Path, leads: list[str]) -> dict[str, list[str]]:
    """Lead -> codes of what speaks for it, the heaviest first."""
    found: dict[str, list[str]] = defaultdict(list)
    if not leads:
        return found
    speaks_for = (pc.field("log_odds") > 0) | (pc.field("degree") == str(Degree.DECIDED))
    rows = ds.dataset(folder / "reasons", format="parquet").to_table(
        columns=["lead_id", "rank", "code"], filter=pc.field("lead_id").isin(leads) & speaks_for
    )
    for row in rows.sort_by([("lead_id", "ascending"), ("rank", "ascending")]).to_pylist():
        if row["code"] not in found[row["lead_id"]]:
            found[row["lead_id"]].append(row["code"])
    return found
