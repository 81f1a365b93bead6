"""Explain: one lead, its score, and the reasons for and against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from salesworthy.domain.moments import parse_moment
from salesworthy.runs.champion import load_model
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import latest_run
from salesworthy.runs.score import score_leads
from salesworthy.runs.workspace import Workspace


def explain(
    workspace: Workspace,
    lead_id: str,
    *,
    now: int,
    as_of: int | None = None,
    out: Path | None = None,
    model: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """What stands behind one lead's score.

    The newest published run is read where it holds the lead; otherwise, or when a moment or a model is named, the lead
    is scored on the spot, with the same figures.

    Returns:
        The lead's row of ``scores``, ``base_log_odds``, and its ``reasons`` in order of weight.

    Raises:
        WrongUsage: When no such lead is known.
    """
    latest = latest_run((out or workspace.default_out).resolve())
    if latest is not None and as_of is None and model is None:
        found = _published(lead_id, *latest)
        if found is not None:
            return found
        as_of = parse_moment(latest[1]["as_of"])
    moment = now if as_of is None else as_of
    return explain_now(workspace, [lead_id], as_of=moment, model=model, progress=progress)[0]


def explain_now(
    workspace: Workspace, leads: Sequence[str], *, as_of: int, model: str | None = None, progress: Progress = silent
) -> list[dict[str, Any]]:
    """Score a few leads as of a moment and tell what stands behind each, in order of their ids; nothing is published.

    Raises:
        WrongUsage: When a lead is not known as of that moment.
    """
    loaded = load_model(workspace, model)
    scored = score_leads(workspace, leads, as_of=as_of, model=loaded, progress=progress)
    base = loaded.bundle.model.base_log_odds_
    ids = scored.scores["lead_id"].to_pylist()
    return [_as_dict(_of(scored.scores, lead), _of(scored.reasons, lead), base) for lead in ids]


def _of(table: pa.Table, lead_id: str) -> pa.Table:
    return table.filter(pc.field("lead_id") == lead_id)


def _published(lead_id: str, folder: Path, manifest: dict[str, Any]) -> dict[str, Any] | None:
    scores = _rows_of(folder / "scores", lead_id)
    if not scores.num_rows:
        return None
    return _as_dict(scores, _rows_of(folder / "reasons", lead_id), manifest["base_log_odds"])


def _rows_of(folder: Path, lead_id: str) -> pa.Table:
    return ds.dataset(folder, format="parquet").to_table(filter=pc.field("lead_id") == lead_id)


def _as_dict(scores: pa.Table, reasons: pa.Table, base: float) -> dict[str, Any]:
    row = {name: _plain(value) for name, value in scores.to_pylist()[0].items()}
    told = [
        {name: value for name, value in reason.items() if name not in ("lead_id", "run_id")}
        for reason in reasons.sort_by("rank").to_pylist()
    ]
    return {**row, "base_log_odds": base, "reasons": told}


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
