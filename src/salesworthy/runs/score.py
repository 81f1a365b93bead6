"""Score: the batch job. Checked tables in, one published run out; the same question again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.names import nearest
from salesworthy.intake.checked import CheckedTables
from salesworthy.outcomes.open_leads import known_leads, open_leads
from salesworthy.qualification.tables import REASONS, SCORES
from salesworthy.runs.champion import LoadedModel, load_model
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.lock import run_lock
from salesworthy.runs.parquet_parts import PartWriter
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import RunStage, clean_stages, published
from salesworthy.runs.score_batch import ScoredBatch, score_batch
from salesworthy.runs.workspace import Workspace

STALE_AFTER = 60 * MICROSECONDS_PER_DAY
"""Beyond this age of the newest lead, the moment asked for is probably not the one meant."""
NO_POLICY = ""
"""The policy version of a workspace that has none."""


@dataclass(frozen=True)
class ScoreRun:
    """A published run: where it is, its manifest, and whether it stood there already."""

    folder: Path
    manifest: dict[str, Any]
    already_published: bool

    def as_dict(self) -> dict[str, Any]:
        """The outcome as ``score --json`` prints it."""
        return {"folder": str(self.folder), "already_published": self.already_published, **self.manifest}


def run_id_of(*, as_of: int, fingerprint: str, model: LoadedModel, policy_version: str, leads: str) -> str:
    """The name of a run: the day asked for, and a hash of everything that decides its content."""
    parts = [str(as_of), fingerprint, model.version, model.bundle.sha256, policy_version, leads]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    day = format_moment(as_of)[:10].replace("-", "")
    return f"{day}-{digest[:16]}"


def score(
    workspace: Workspace,
    *,
    as_of: int,
    out: Path | None = None,
    model: str | None = None,
    now: int,
    progress: Progress = silent,
) -> ScoreRun:
    """Score every open lead as of a moment and publish the run.

    The run is complete or absent: it is staged, synced and renamed. The same moment, data, model and policy give the
    same run id and the same bytes; a run that stands already is left as it is.

    Args:
        workspace: Whose leads.
        as_of: Facts known by then count (microseconds).
        out: Where runs are published; ``out`` in the workspace by default.
        model: A version; the champion by default.
        now: When this happens; for the ledger only.
        progress: Told about the steps.

    Raises:
        UserError: When there is no model in force, or data cannot be read.
        RunLocked: When another run writes to the same place.
    """
    place = (out or workspace.default_out).resolve()
    with run_lock(place):
        clean_stages(place)
        loaded = load_model(workspace, model)
        with opened(workspace, progress=progress) as data:
            run_id = run_id_of(
                as_of=as_of,
                fingerprint=data.checked.fingerprint,
                model=loaded,
                policy_version=NO_POLICY,
                leads=workspace.settings.scoring.leads,
            )
            manifest = published(place, run_id)
            if manifest is not None:
                return ScoreRun(place / "runs" / run_id, manifest, already_published=True)
            run = _publish(data, loaded, place, run_id, as_of=as_of, progress=progress)
    _note_in_ledger(workspace, run, as_of=as_of, now=now)
    return run


def score_leads(
    workspace: Workspace, leads: Sequence[str], *, as_of: int, model: LoadedModel, progress: Progress = silent
) -> ScoredBatch:
    """Score a few leads, open or not; nothing is published. The figures equal the batch's.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
    """
    with opened(workspace, progress=progress) as data:
        known = known_leads(data.tables, as_of=as_of)
        rows = data.engine.to_arrow(_feature_rows(data, known.filter(known.lead_id.isin(list(leads))), model, as_of))
        _refuse_unknown(leads, rows["lead_id"].to_pylist(), known, data)
    return score_batch(rows, model, as_of=as_of, run_id="")


def _publish(
    data: OpenTables, model: LoadedModel, place: Path, run_id: str, *, as_of: int, progress: Progress
) -> ScoreRun:
    with RunStage(place, run_id) as stage:
        asked = _leads_to_score(data, as_of)
        progress("features", 0.0)
        rows = data.engine.materialise("feature_rows", _feature_rows(data, asked, model, as_of))
        progress("features", 1.0)
        counts = _write_batches(data, rows, model, stage.folder, run_id, as_of=as_of, progress=progress)
        _copy_rejected(data.checked, stage.folder)
        manifest = stage.publish(_manifest(data, model, counts, as_of=as_of))
    return ScoreRun(place / "runs" / run_id, manifest, already_published=False)


def _leads_to_score(data: OpenTables, as_of: int) -> ir.Table:
    everyone = data.workspace.settings.scoring.leads == "all"
    return (known_leads if everyone else open_leads)(data.tables, as_of=as_of)


def _feature_rows(data: OpenTables, leads: ir.Table, model: LoadedModel, as_of: int) -> ir.Table:
    spine = leads.mutate(as_of=ibis.literal(as_of, "int64"))
    return data.features(spine, model.catalogue, until=as_of).order_by("lead_id")


def _batches(data: OpenTables, rows: ir.Table) -> Iterator[pa.Table]:
    size = data.workspace.settings.scoring.batch_rows
    for batch in data.engine.batches(rows.order_by("lead_id"), rows=size):
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


def _write_batches(
    data: OpenTables, rows: ir.Table, model: LoadedModel, folder: Path, run_id: str, *, as_of: int, progress: Progress
) -> dict[str, int]:
    total = max(int(data.engine.to_arrow(rows.count().as_table()).column(0)[0].as_py()), 1)
    decisions: Counter[str] = Counter()
    with ExitStack() as files:
        scores = files.enter_context(_part(folder, "scores", SCORES))
        reasons = files.enter_context(_part(folder, "reasons", REASONS))
        for batch in _batches(data, rows):
            scored = score_batch(batch, model, as_of=as_of, run_id=run_id)
            scores.write(scored.scores)
            reasons.write(scored.reasons)
            decisions.update(scored.scores["decision"].to_pylist())
            progress("scoring", scores.rows / total)
    packets = folder / "packets" / "part-0000.jsonl"
    packets.parent.mkdir()
    packets.touch()
    return dict(sorted(decisions.items()))


def _part(folder: Path, name: str, schema: pa.Schema) -> PartWriter:
    (folder / name).mkdir()
    return PartWriter(folder / name / "part-0000.parquet", schema)


def _copy_rejected(checked: CheckedTables, folder: Path) -> None:
    target = folder / "rejected"
    target.mkdir()
    for table, path in sorted(checked.rejected.items()):
        (target / f"{table}.parquet").write_bytes(path.read_bytes())


def _manifest(data: OpenTables, model: LoadedModel, counts: dict[str, int], *, as_of: int) -> dict[str, Any]:
    return {
        "as_of": format_moment(as_of),
        "model_version": model.version,
        "model_sha256": model.bundle.sha256,
        "policy_version": NO_POLICY or None,
        "data_fingerprint": data.checked.fingerprint,
        "base_log_odds": model.bundle.model.base_log_odds_,
        "scored_leads": data.workspace.settings.scoring.leads,
        "counts": counts,
        "warnings": _warnings(data, counts, as_of),
        "rejected": {report.table: sum(report.rejected.values()) for report in data.checked.reports},
    }


def _warnings(data: OpenTables, counts: dict[str, int], as_of: int) -> list[str]:
    found = []
    if not counts:
        found.append('no lead was open at that moment; `scoring.leads = "all"` scores judged leads too')
    newest = data.engine.to_arrow(data.tables["leads"].created_at.max().as_table()).column(0)[0].as_py()
    if newest is not None and as_of - newest > STALE_AFTER:
        days = (as_of - newest) // MICROSECONDS_PER_DAY
        found.append(f"the newest lead is {days:,} days old; name the day that the data were exported on with --as-of")
    return found


def _refuse_unknown(asked: Sequence[str], found: Sequence[str], known: ir.Table, data: OpenTables) -> None:
    missing = [lead for lead in asked if lead not in set(found)]
    if missing:
        some = data.engine.to_arrow(known.select("lead_id").order_by("lead_id").limit(10_000))["lead_id"].to_pylist()
        raise WrongUsage(
            f"no lead {', '.join(missing)} is known as of that moment", where="lead_id", todo=nearest(missing[0], some)
        )


def _note_in_ledger(workspace: Workspace, run: ScoreRun, *, as_of: int, now: int) -> None:
    manifest = run.manifest
    workspace.ledger.record_run(
        run_id=manifest["run_id"],
        kind="score",
        as_of=as_of,
        model_version=manifest["model_version"],
        policy_version=manifest["policy_version"],
        data_fingerprint=manifest["data_fingerprint"],
        manifest_sha256=hashlib.sha256((run.folder / "manifest.json").read_bytes()).hexdigest(),
        counts=manifest["counts"],
        now=now,
    )
