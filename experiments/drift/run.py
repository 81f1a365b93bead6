"""Runs the experiment: quiet weeks and injected faults, judged week by week as if each were now."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from experiments.drift.expected import EXPECTED

from salesworthy.drift.estimates import expected as expected_performance
from salesworthy.drift.estimates import realised
from salesworthy.drift.thresholds import strays
from salesworthy.drift.watching import EVERY, findings_of
from salesworthy.drift.weeks import WEEK
from salesworthy.market.calendar import DRIFT_START
from salesworthy.market.generate import write_market
from salesworthy.model.bundle import Bundle
from salesworthy.runs.champion import LoadedModel
from salesworthy.runs.drift import Watching, watch_workspace
from salesworthy.runs.features import opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.train import fit
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import Workspace, open_workspace

HERE = Path(__file__).parent
QUIET_SEEDS = tuple(range(1, 11))
FAULT_SEEDS = (11, 12)
LARGE_SEED, LARGE = 21, 60_000
"""Faults that only outcomes show are looked at in a larger market too."""
TRAINED = "2025-07-01"
END = "2026-07-01"
FIRST_QUIET, LAST_QUIET = 54, 95
"""Weeks of the quiet markets that are judged. Before, the market starts from nothing; in its last two months consents
change faster and faster, as the generator spreads each lead's change over the time that is left."""
FAULT_WEEKS = 26


@dataclass(frozen=True)
class Market:
    name: str
    workspace: Workspace
    model: LoadedModel


def market(work: Path, scenario: str, seed: int, leads: int, model: LoadedModel | None = None) -> Market:
    folder = work / f"{scenario}_{seed}"
    if not folder.exists():
        write_workspace(folder, example=True, leads=100, seed=seed)
        write_market(folder / "data" / "market", leads=leads, seed=seed, drift=None if scenario == "none" else scenario)
    workspace = open_workspace(folder, environ={})
    return Market(f"{scenario}_{seed}", workspace, model or trained(workspace))


def trained(workspace: Workspace) -> LoadedModel:
    found = training_set(workspace, as_of=workspace.moment(TRAINED))
    metadata = {"catalogue": found.loaded.catalogue.to_json(), "training": {"as_of": TRAINED}}
    return LoadedModel("v1", Bundle(fit(found), metadata, ""))


@contextmanager
def watched(one: Market, work: Path) -> Iterator[Watching]:
    with opened(one.workspace) as data:
        watching = watch_workspace(data, as_of=one.workspace.moment(END), model=one.model)
        pq.write_table(watching.watch.evidence.sample, work / f"{one.name}.parquet")  # what the peers see
        yield watching


def quiet_weeks(watching: Watching) -> dict[str, Any]:
    """New findings per week; one that stays is told once."""
    told: set[tuple[str, str]] = set()
    alarms, thresholds = [], []
    for week in range(FIRST_QUIET, LAST_QUIET + 1):
        found = strays(watching.watch.weekly, week, every=EVERY)
        if found is None:
            raise ValueError("the past is too short")
        thresholds.append(found.threshold)
        now = findings_of(watching.watch, week, found)
        new = [each for each in now if each.key not in told]
        told = {each.key for each in now}
        if new:
            alarms.append(
                {
                    "week": watching.watch.weekly.weeks.day(week),
                    "findings": [f"{each.thing}: {each.evidence}" for each in new],
                }
            )
    return {
        "weeks": LAST_QUIET - FIRST_QUIET + 1,
        "alarms": alarms,
        "figures": len(watching.watch.weekly),
        "median_threshold": round(float(np.median(thresholds)), 2),
    }


def fault_weeks(watching: Watching, scenario: str) -> dict[str, Any]:
    """When the fault is first told, by what, and whether the cause named is right."""
    weeks, expected = watching.watch.weekly.weeks, EXPECTED[scenario]
    start = (DRIFT_START - weeks.start) // WEEK
    first, right, unrelated = None, None, 0
    told: set[tuple[str, str]] = set()
    for week in range(start, min(start + FAULT_WEEKS, weeks.count)):
        now = findings_of(watching.watch, week)
        about = [each for each in now if expected.is_about(each)]
        unrelated += sum(
            each.key not in told and not expected.is_about(each) and each.cause.follows is None for each in now
        )
        told |= {each.key for each in now}
        days = (weeks.begin(week + 1) - DRIFT_START) / (WEEK / 7)
        if about and first is None:
            first = {
                "days": round(days, 1),
                "rank": 1 + now.index(about[0]),
                "severity": about[0].severity,
                "evidence": about[0].evidence,
                "cause": about[0].cause.says,
                "since": about[0].since,
                "right": any(expected.is_right(each) for each in about),
            }
        if right is None and any(expected.is_right(each) for each in about):
            right = round(days, 1)
        if first is not None and right is not None:
            break
    return {"first": first, "right_after_days": right, "unrelated_causes_until_then": unrelated}


def blindness(watching: Watching) -> dict[str, Any]:
    """Estimated and realised figures of handoffs before and after the shift, once all is known."""
    handed = watching.handed
    graded = handed.rows(handed.judged & handed.fair)
    spans = {"before": graded.handed_at < DRIFT_START, "after": graded.handed_at >= DRIFT_START}
    found = {}
    for name, chosen in spans.items():
        rows = graded.rows(chosen)
        told, came = expected_performance(rows.propensity), realised(rows.propensity, rows.label)
        found[name] = {
            "estimated": None if told is None else told.as_dict(),
            "realised": None if came is None else came.as_dict(),
        }
    return found


def judge_faults(work: Path, scenarios: list[str], seed: int, leads: int, result: dict[str, Any]) -> None:
    quiet = market(work, "none", seed, leads)  # the same as each of them until the faults set in
    for scenario in scenarios:
        one = market(work, scenario, seed, leads, quiet.model)
        with watched(one, work) as watching:
            result["faults"][one.name] = {"leads": leads, **fault_weeks(watching, scenario)}
            if scenario == "concept_shift":
                result["blindness"][one.name] = blindness(watching)
        print(one.name, result["faults"][one.name], flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="where markets and the peers' tables are kept")
    parser.add_argument("--leads", type=int, default=20_000)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    began = time.time()
    result: dict[str, Any] = {"leads": given.leads, "every_weeks": EVERY, "quiet": {}, "faults": {}, "blindness": {}}
    for seed in QUIET_SEEDS:
        with watched(market(given.work, "none", seed, given.leads), given.work) as watching:
            result["quiet"][seed] = quiet_weeks(watching)
        print(seed, result["quiet"][seed], flush=True)
    for seed in FAULT_SEEDS:
        judge_faults(given.work, list(EXPECTED), seed, given.leads, result)
    judge_faults(
        given.work, [name for name, each in EXPECTED.items() if each.needs_outcomes], LARGE_SEED, LARGE, result
    )
    result["seconds"] = round(time.time() - began)
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
