"""One lead at once: a command from a cold start, and a program that keeps the leads open.

Everything that the batch gives for the lead is asked for: score, decision, verdicts, reasons and, for an MQL, its
packet. Leads of every decision are asked about one by one, each a second later than the one before; then some of them
again with an act that is in no file yet. At the moment of the run every answer is held against the published files. A
workspace that was scored before is taken from the environment variable ``SINGLE_LEAD_WORKSPACE``; otherwise one is
made.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from experiments.benchmarks.results import Timed, write

import salesworthy as sw
from salesworthy.runs.publish import latest_run
from salesworthy.runs.workspace import Workspace, open_workspace

DAY = "2026-07-01"
COLD = 5
ASKED = 400
WITH_AN_ACT = 100
SECOND = 1_000_000
FROM_THE_RUN = ["run_id", "owner", "respond_by"]
"""Capacity counts as free for single leads."""


def run(leads: int) -> None:
    print(f"single lead, {leads:,} leads")
    timed = Timed()
    with ExitStack() as opened:
        given = os.environ.get("SINGLE_LEAD_WORKSPACE")
        folder = Path(given) if given else _scored(Path(opened.enter_context(TemporaryDirectory())), leads, timed)
        workspace = open_workspace(folder)
        asked = _some(workspace)
        start = _commands(folder, "--as-of", DAY)  # its run stands already: nothing is left to do but to start
        cold = _commands(folder, "--as-of", DAY, "--leads", asked[0])
        once_open = _once_open(workspace, asked)
    write(
        "single_lead",
        timed,
        leads=pq.read_table(_scores(workspace), columns=["lead_id"]).num_rows,
        cold_start_per_batch_start=round(cold["median"] / start["median"], 2),
        once_open_per_batch_start=round(once_open["answer"]["median_ms"] / 1000 / start["median"], 4),
        batch_start_s=start,
        cold_start_s=cold,
        once_open=once_open,
    )


def _scored(place: Path, leads: int, timed: Timed) -> Path:
    from salesworthy.runs.init import write_workspace
    from salesworthy.runs.promotion import promote
    from salesworthy.runs.score import score
    from salesworthy.runs.train import train

    folder = place / "demo"
    with timed.step("market"):
        write_workspace(folder, example=True, leads=leads, seed=7)
    workspace = open_workspace(folder)
    moment = workspace.moment(DAY)
    with timed.step("train"):
        promote(workspace, train(workspace, as_of=moment, now=moment).version, by="benchmark", now=moment)
    with timed.step("score"):
        score(workspace, as_of=moment, now=moment, keep=True)
    return folder


def _scores(workspace: Workspace) -> Path:
    latest = latest_run(workspace.default_out)
    if latest is None:
        raise SystemExit("no run is published")
    return latest[0] / "scores"


def _some(workspace: Workspace) -> list[str]:
    """Leads of every decision, as many of each, in any order."""
    rows = pq.read_table(_scores(workspace), columns=["lead_id", "decision"]).to_pylist()
    by_decision: dict[str, list[str]] = {}
    for row in rows:
        by_decision.setdefault(row["decision"], []).append(row["lead_id"])
    choose = random.Random(7)  # noqa: S311 -- which leads are asked about
    share = ASKED // len(by_decision)
    found = [lead for _, ids in sorted(by_decision.items()) for lead in choose.sample(ids, min(share, len(ids)))]
    choose.shuffle(found)
    return found


def _commands(folder: Path, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "salesworthy.cli.main", "-w", str(folder), "score", *arguments, "--json"]
    seconds = []
    for _ in range(COLD):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return {"median": round(statistics.median(seconds), 2), "slowest": round(max(seconds), 2)}


def _once_open(workspace: Workspace, asked: Sequence[str]) -> dict[str, Any]:
    at = workspace.moment(DAY)
    start = time.perf_counter()
    with sw.open_leads(workspace) as leads:
        leads.score(asked[:1], as_of=at)
        opening = time.perf_counter() - start
        equal = sum(_is_of_the_run(leads.score([lead], as_of=at), lead, _scores(workspace).parent) for lead in asked)
        moments = {lead: at + number * SECOND for number, lead in enumerate(asked)}
        answer = _timed(partial(leads.score, [lead], as_of=now) for lead, now in moments.items())
        acts = ((lead, now, _request(lead, now)) for lead, now in list(moments.items())[:WITH_AN_ACT])
        act = _timed(partial(leads.score, [lead], as_of=now, engagements=given) for lead, now, given in acts)
    return {"opening_s": round(opening, 2), "answer": answer, "with_an_act": act, "asked": len(asked), "equal": equal}


def _timed(questions: Iterable[Callable[[], object]]) -> dict[str, float]:
    wall, processor = [], []
    for ask in questions:
        before, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(1000 * (time.perf_counter() - before))
        processor.append(1000 * (time.process_time() - used))
    return {
        "median_ms": round(statistics.median(wall), 1),
        "p95_ms": round(statistics.quantiles(wall, n=100)[94], 1),
        "processor_median_ms": round(statistics.median(processor), 1),
    }


def _request(lead: str, at: int) -> pa.Table:
    return pa.Table.from_pylist([{"lead_id": lead, "occurred_at": at, "kind": "form"}])


def _is_of_the_run(found: object, lead: str, run: Path) -> bool:
    """Whether scores, reasons and verdicts of a lead are those that were published, to the last bit."""
    return all(
        _without_run(getattr(found, name)) == _without_run(_published(run / name, lead))
        for name in ("scores", "reasons", "verdicts")
    )


def _published(place: Path, lead: str) -> pa.Table:
    return pq.read_table(place, filters=pc.field("lead_id") == lead)


def _without_run(table: pa.Table) -> list[dict[str, Any]]:
    return table.drop_columns([name for name in FROM_THE_RUN if name in table.column_names]).to_pylist()
