"""One step of the nightly job in a process of its own: its seconds, processor seconds and peak memory, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from experiments.benchmarks.results import peak_memory_mb

from salesworthy.runs.workspace import Workspace, open_workspace

DAY = "2026-07-01"


def main() -> None:
    """``scale_job STEP WORKSPACE``."""
    step, folder = sys.argv[1], Path(sys.argv[2])
    workspace = open_workspace(folder)
    started, before = time.perf_counter(), _processor_seconds()
    told = {"check": check, "features": features, "score": score}[step](workspace)
    measured = {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(_processor_seconds() - before, 2),
        "peak_memory_mb": peak_memory_mb(),
    }
    sys.stdout.write(json.dumps(measured | told))


def check(workspace: Workspace) -> dict[str, Any]:
    """Raw tables to checked ones; how large these are."""
    from salesworthy.runs.check import checked_tables

    found = checked_tables(workspace)
    return {"megabytes_checked": round(sum(path.stat().st_size for path in found.paths.values()) / 1e6, 1)}


def features(workspace: Workspace) -> dict[str, Any]:
    """The features of every lead, on disk in the engine; tables are checked already."""
    import ibis

    from salesworthy.outcomes.open_leads import known_leads
    from salesworthy.runs.features import opened

    as_of = workspace.moment(DAY)
    with opened(workspace) as data:
        catalogue = workspace.catalogue(data.checked).catalogue
        spine = known_leads(data.tables, as_of=as_of).mutate(as_of=ibis.literal(as_of, "int64"))
        data.engine.materialise("rows", data.features(spine, catalogue, until=as_of))
    return {"features": len(catalogue)}


def score(workspace: Workspace) -> dict[str, Any]:
    """The whole batch job on checked tables: what it published, and where its time went."""
    from salesworthy.runs.score import score as scored

    moment = workspace.moment(DAY)
    run = scored(workspace, as_of=moment, now=moment)
    published = sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())
    return {
        "scored": sum(run.manifest["counts"].values()),
        "megabytes_published": round(published / 1e6, 1),
        "profile": {name: each["seconds"] for name, each in run.profile.items()},
    }


def _processor_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
