"""Are entries of one person, and of one site, found? Pairs against the market's truth, which linking never reads."""

from __future__ import annotations

import json
import os
import platform
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from salesworthy.intake.duplicates_finding import find_people, find_sites
from salesworthy.intake.duplicates_settings import DuplicateSettings
from salesworthy.market.generate import write_market

LEADS = 20_000
SEEDS = range(200, 206)
SCENARIOS = (None, "second_entries")
OF = ("people", "sites")
PEOPLE = {"name": "full_name", "email": "email_key", "job_title": "job_title"}
Pairs = set[tuple[str, str]]


def main() -> None:
    rows = [measure(scenario, seed) for scenario in SCENARIOS for seed in SEEDS]
    document = {
        "python": platform.python_version(), "leads": LEADS, "load": [round(each, 1) for each in os.getloadavg()],
        "markets": rows,
        "pooled": {
            str(scenario): {of: pooled([row[of] for row in rows if row["scenario"] == scenario]) for of in OF}
            for scenario in SCENARIOS
        },
    }  # fmt: skip
    (Path(__file__).parent / "result.json").write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document["pooled"], indent=2))


def measure(scenario: str | None, seed: int) -> dict:
    """Precision and recall of pairs on one market: sites first, then people at the sites as joined."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_market(folder, leads=LEADS, seed=seed, drift=scenario)
        for name in ("leads", "accounts"):
            frame = pl.read_parquet(folder / f"{name}.parquet")
            moments = [pl.col(column).dt.epoch("us") for column, kind in frame.schema.items() if kind.is_temporal()]
            frame.with_columns(moments).write_parquet(folder / f"{name}.parquet")
        settings, began = DuplicateSettings(), time.process_time()
        with duckdb.connect(config={"threads": 1}) as connection:
            sites = find_sites(connection, folder / "accounts.parquet", {}, settings)
            survivors = dict(sites.merges.select("id", "survivor").iter_rows())
            leads = pl.read_parquet(folder / "leads.parquet")
            leads.with_columns(pl.col("account_id").replace(survivors)).write_parquet(folder / "leads.parquet")
            people = find_people(connection, folder / "leads.parquet", PEOPLE, settings)
        found = {"scenario": scenario, "seed": seed, "processor_seconds": round(time.process_time() - began, 1)}
        for name, groups, key in (("people", people, "person_id"), ("sites", sites, "site_id")):
            truth = pl.read_parquet(folder / f"true_{name}.parquet")
            found[name] = judged(pairs_of(groups.merges.select("survivor", "id").rows()), pairs_of_truth(truth, key))
            found[name]["uncertain"] = len(groups.uncertain)
        print(found)
        return found


def pairs_of(merges: list[tuple[str, str]]) -> Pairs:
    """All pairs of a group, its survivor's among them."""
    groups = defaultdict(list)
    for survivor, vanished in merges:
        groups[survivor].append(vanished)
    return {tuple(sorted(pair)) for head, rest in groups.items() for pair in combinations([head, *rest], 2)}


def pairs_of_truth(truth: pl.DataFrame, key: str) -> Pairs:
    members = truth.group_by(key).all()[truth.columns[0]].to_list()
    return {tuple(sorted(pair)) for group in members for pair in combinations(group, 2)}


def judged(found: Pairs, truth: Pairs) -> dict:
    return counted(len(found & truth), len(found), len(truth))


def counted(right: int, found: int, true: int) -> dict:
    precision, recall = (right / found if found else None), (right / true if true else None)
    return {"right": right, "found": found, "true": true, "precision": precision, "recall": recall}


def pooled(rows: list[dict]) -> dict:
    return counted(*(sum(row[name] for row in rows) for name in ("right", "found", "true")))


if __name__ == "__main__":
    main()
