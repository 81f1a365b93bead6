"""What a night costs from ten thousand leads up: seconds and peak memory of check, features and score.

Each step of each size runs in a process of its own, so that its peak memory is its own. Every lead is scored, by one
model that was trained on the smallest market. What lies beyond the largest size is drawn out from the measured times,
and named so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments.benchmarks.results import Timed, write

from salesworthy.market.generate import write_market
from salesworthy.runs.init import write_workspace
from salesworthy.runs.train import train
from salesworthy.runs.workspace import Workspace, open_workspace

DAY = "2026-07-01"
STEPS = ("check", "features", "score")
TRAINED_ON = 10_000


def run(leads: int) -> None:
    """Measure every power of ten from ten thousand up to ``leads``; below that, ``leads`` alone."""
    sizes = [10**power for power in range(4, 9) if 10**power <= leads] or [leads]
    print(f"scale, {', '.join(f'{size:,}' for size in sizes)} leads")
    timed = Timed()
    points = []
    with TemporaryDirectory() as place:
        with timed.step("training"):
            model = trained(Path(place) / "trained", min(TRAINED_ON, leads))
            engine = open_workspace(model, environ={}).settings.engine
        for size in sizes:
            with timed.step(f"{size:,} leads"):
                points.append(point(Path(place), size, model))
    write(
        "scale",
        timed,
        leads=sizes[-1],
        engine={"memory_limit": engine.memory_limit, "threads": engine.threads},
        load=[round(each, 1) for each in os.getloadavg()],
        points=points,
    )


def trained(folder: Path, leads: int) -> Path:
    """A workspace with one trained version."""
    write_workspace(folder, example=True, leads=leads, seed=7)
    workspace = open_workspace(folder, environ={})
    moment = workspace.moment(DAY)
    train(workspace, as_of=moment, now=moment)
    return folder


def point(place: Path, leads: int, model: Path) -> dict[str, Any]:
    """One size: its rows, and what each step took; its files are removed at the end."""
    with TemporaryDirectory(dir=place) as scratch:
        folder = Path(scratch) / "demo"
        write_workspace(folder, example=True, leads=TRAINED_ON // 10, seed=7)
        made = write_market(folder / "data" / "market", leads=leads, seed=7)
        with_champion(open_workspace(folder, environ={}), model)
        steps = {step: in_its_own_process(step, folder) for step in STEPS}
    print(f"  {leads:,}: " + ", ".join(f"{name} {each['seconds']:.1f} s" for name, each in steps.items()))
    return {"leads": leads, "acts": dict(made.rows)["engagements"], "steps": steps}


def with_champion(workspace: Workspace, model: Path) -> None:
    """The same bundle in force in another workspace; the gate is no part of what is measured."""
    theirs = open_workspace(model, environ={}).registry
    entry = theirs.get("v1")
    workspace.registry.register(
        theirs.bundle_folder("v1"), bundle_sha256=entry.bundle_sha256, trained_as_of=entry.trained_as_of,
        data_fingerprint=entry.data_fingerprint, figures={}, now=1,
    )  # fmt: skip
    workspace.ledger.promote("v1", "benchmark", 2)


def in_its_own_process(step: str, folder: Path) -> dict[str, Any]:
    """What a step took; see ``scale_job``."""
    command = [sys.executable, "-m", "experiments.benchmarks.scale_job", step, str(folder)]
    environ = {**os.environ, "SALESWORTHY__SCORING__LEADS": "all", "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
