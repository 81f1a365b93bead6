"""A few leads, scored and published now: a run of its own, beside the batch's and never in its place."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesworthy.domain.moments import format_moment
from salesworthy.intake.checked import CheckedTables
from salesworthy.qualification.tables import REASONS, SCORES
from salesworthy.runs.check import checked_tables
from salesworthy.runs.erase_places import remember
from salesworthy.runs.few_leads import ScoredLeads
from salesworthy.runs.issued import record_missing, record_published
from salesworthy.runs.lock import run_lock
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import RunStage, clean_stages, published
from salesworthy.runs.score import ScoreRun, run_id_of, score_leads
from salesworthy.runs.workspace import Workspace


def publish_few(
    workspace: Workspace,
    leads: Sequence[str],
    *,
    as_of: int,
    model: str | None = None,
    out: Path | None = None,
    draft: bool = False,
    now: int,
    progress: Progress = silent,
) -> ScoreRun:
    """Score a few leads and publish them as ``OUT/runs/RUN_ID``; ``OUT/latest`` keeps naming the newest whole run.

    The figures equal the batch's. The same leads, moment, data, model and policy give the same run.

    Args:
        workspace: Whose leads.
        leads: Their ids.
        as_of: Facts known by then count (microseconds).
        model: A version; the champion by default.
        out: Where runs are published; ``out`` in the workspace by default.
        draft: Whether a policy that is not approved may decide.
        now: When this happens; for the ledger only.
        progress: Told about the steps.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
        GateRefused: When a lead objected, or the policy is not approved.
        RunLocked: When another run writes to the same place.
    """
    place = (out or workspace.default_out).resolve()
    with run_lock(place):
        remember(workspace, place)
        clean_stages(place)
        record_missing(workspace, place, now=now)
        scored = score_leads(workspace, leads, as_of=as_of, model=model, out=out, draft=draft, progress=progress)
        checked = checked_tables(workspace)
        run_id = run_id_of(
            as_of=as_of,
            fingerprint=checked.fingerprint,
            deciders=scored.deciders,
            leads=json.dumps(sorted(set(leads))),
        )
        manifest = published(place, run_id)
        if manifest is not None:
            return ScoreRun(place / "runs" / run_id, manifest, already_published=True)
        with RunStage(place, run_id, newest=False) as stage:
            _write(scored, stage.folder, run_id)
            stage.publish(_manifest(scored, checked, as_of))
        run = ScoreRun(place / "runs" / run_id, published(place, run_id) or {}, already_published=False)
        record_published(workspace, run.folder, run.manifest, now=now)
    return run


def _write(scored: ScoredLeads, folder: Path, run_id: str) -> None:
    for name, table, schema in (("scores", scored.scores, SCORES), ("reasons", scored.reasons, REASONS)):
        (folder / name).mkdir()
        with PartWriter(folder / name / "part-0000.parquet", schema) as part:
            part.write(_named(table, run_id))
    (folder / "rejected").mkdir()
    (folder / "packets").mkdir()
    lines = [
        json.dumps({**packet, "run_id": run_id}, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        for lead, packet in sorted(scored.packets.items())
        if lead in set(scored.scores["lead_id"].to_pylist())
    ]
    (folder / "packets" / "part-0000.jsonl").write_text("".join(lines), encoding="utf-8")


def _named(table: pa.Table, run_id: str) -> pa.Table:
    names = pa.repeat(pa.scalar(run_id, pa.string()), table.num_rows)
    return table.set_column(table.schema.get_field_index("run_id"), "run_id", names)


def _manifest(scored: ScoredLeads, checked: CheckedTables, as_of: int) -> dict[str, Any]:
    deciders = scored.deciders
    return {
        "as_of": format_moment(as_of),
        "model_version": deciders.model_version,
        "model_sha256": None if deciders.model is None else deciders.model.bundle.sha256,
        "policy_version": deciders.policy_version or None,
        "draft": deciders.policy is not None and deciders.policy.is_draft,
        "versions": {"model": deciders.model_version, "policy": deciders.policy_version or None},
        "data_fingerprint": checked.fingerprint,
        "fingerprint": checked.fingerprint,
        "base_log_odds": deciders.base_log_odds,
        "scored_leads": hashlib.sha256("\n".join(scored.scores["lead_id"].to_pylist()).encode()).hexdigest(),
        "counts": dict(sorted(Counter(scored.scores["decision"].to_pylist()).items())),
        "warnings": [deciders.by_points] if deciders.by_points else [],
        "rejected": {},
    }
