"""What published runs said: their decisions week by week, and the score that each lead had when it was handed over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.drift.deviations import LEAST
from salesworthy.drift.watched import Family, Floats, Watched, Weekly, shares
from salesworthy.drift.weeks import WEEK, Weeks

HOLDS = 92 * MICROSECONDS_PER_DAY
"""A score that was given longer before the handoff is not what stood behind it."""


@dataclass(frozen=True)
class PublishedRun:
    """A published run: where it is, its moment in microseconds, leads per decision, and the versions behind it."""

    folder: Path
    as_of: int
    counts: dict[str, int]
    model_version: str | None
    policy_version: str | None


def published_runs(out: Path, *, until: int) -> list[PublishedRun]:
    """The runs of a place up to a moment, oldest first.

    Raises:
        UserError: When a manifest cannot be read.
    """
    found = [
        _read(path) for path in sorted((out / "runs").glob("*/manifest.json")) if not path.parent.name.startswith(".")
    ]
    return sorted((run for run in found if run.as_of <= until), key=lambda run: (run.as_of, run.folder.name))


def _read(path: Path) -> PublishedRun:
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        moment = parse_moment(manifest["as_of"])
        counts = {str(name): int(n) for name, n in manifest["counts"].items()}
        return PublishedRun(path.parent, moment, counts, manifest.get("model_version"), manifest.get("policy_version"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        todo = "remove the folder, or score again"
        raise UserError(f"this is not the manifest of a run: {error}", where=str(path), todo=todo) from error


def decisions_weekly(runs: Sequence[PublishedRun], weeks: Weeks) -> Weekly | None:
    """Leads per decision in the last run of each week; None where too few weeks have one."""
    latest = {(run.as_of - weeks.start) // WEEK: run for run in runs if weeks.start <= run.as_of < weeks.end}
    if len(latest) <= LEAST:
        return None
    names = sorted({name for run in latest.values() for name in run.counts})
    hits = np.zeros((weeks.count, len(names)))
    for week, run in latest.items():
        hits[week] = [run.counts.get(name, 0) for name in names]
    return shares(weeks, [Watched(Family.DECISION, "decisions", name) for name in names], hits, hits.sum(axis=1))


def issued_scores(runs: Sequence[PublishedRun], lead_id: Sequence[str], handed_at: Sequence[int]) -> Floats:
    """The latest propensity that a run gave each lead before its handoff; NaN where none did within a quarter.

    Args:
        runs: Published runs.
        lead_id: One lead per handoff.
        handed_at: Its moment, in microseconds.
    """
    files = [str(path) for run in runs for path in sorted((run.folder / "scores").glob("*.parquet"))]
    if not files or not len(lead_id):
        return np.full(len(lead_id), np.nan)
    asked = pl.DataFrame({"lead_id": list(lead_id), "at": list(handed_at), "row": range(len(lead_id))})
    given = (
        pl.scan_parquet(files)
        .select("lead_id", "propensity", pl.col("as_of").dt.epoch("us").alias("said_at"))
        .filter(pl.col("propensity").is_not_null())
        .join(asked.lazy().select("lead_id").unique(), on="lead_id", how="semi")
        .collect()
    )
    met = asked.join(given, on="lead_id").filter(
        (pl.col("said_at") <= pl.col("at")) & (pl.col("at") - pl.col("said_at") <= HOLDS)
    )
    latest = met.sort("row", "said_at", "propensity").group_by("row", maintain_order=True).last()
    found = np.full(len(lead_id), np.nan)
    found[latest["row"].to_numpy()] = latest["propensity"].to_numpy()
    return found
