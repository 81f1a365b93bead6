"""Are clicks of machines told from those of people? Against the market's truth, which the rules never read.

Three sets of rules: as shipped; without hints, so that only speed tells; hints alone, which was all there was before.
In the harder markets no machine says what it is, and a share of the bursts is cut down to two clicks.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import polars as pl

from salesworthy.domain.moments import zone
from salesworthy.intake.machine_clicks import mark_machine_clicks
from salesworthy.intake.machine_clicks_settings import MachineClickSettings
from salesworthy.market.generate import write_market

LEADS = 10_000
SEEDS = range(300, 303)
SCENARIOS = (None, "scanner_wave")
RULES = {
    "shipped": MachineClickSettings(),
    "speed alone": MachineClickSettings(hints=()),
    "hints alone": MachineClickSettings(
        burst_clicks=10_000, doubtful_clicks=10_000, site_people=10_000, hourly_clicks=10_000, delivery_seconds=0
    ),
}
SHORT = 0.2
"""Share of the bursts that are cut down, in the harder markets."""


def main() -> None:
    rows = [row for scenario in SCENARIOS for seed in SEEDS for row in measure(scenario, seed)]
    pooled = {}
    for row in rows:
        key = f"{row['scenario']}, {row['market']}, {row['rules']}"
        pooled.setdefault(key, np.zeros(3, np.int64))
        pooled[key] += [row["right"], row["found"], row["true"]]
    document = {
        "python": platform.python_version(), "leads": LEADS, "load": [round(each, 1) for each in os.getloadavg()],
        "markets": rows,
        "pooled": {key: judged(*counts.tolist()) for key, counts in pooled.items()},
    }  # fmt: skip
    (Path(__file__).parent / "result.json").write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document["pooled"], indent=2))


def judged(right: int, found: int, true: int) -> dict:
    return {"precision": right / found if found else None, "recall": right / true}


def measure(scenario: str | None, seed: int) -> list[dict]:
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_market(folder, leads=LEADS, seed=seed, drift=scenario)
        acts, leads = epochs(folder / "engagements.parquet"), epochs(folder / "leads.parquet")
        leads.write_parquet(folder / "leads.parquet")
        acts = acts.with_columns(machine=pl.lit(None, pl.Boolean), no_score=pl.lit(None, pl.String))
        by_person = pl.read_parquet(folder / "true_acts.parquet")["by_person"]
        rows = []
        for market, (told, truth) in {
            "as written": (acts, by_person), "harder": harder(acts, by_person, seed)
        }.items():  # fmt: skip
            for rules, settings in RULES.items():
                paths = {"engagements": folder / "told.parquet", "leads": folder / "leads.parquet"}
                told.write_parquet(paths["engagements"])
                with duckdb.connect(config={"threads": 1}) as connection:
                    mark_machine_clicks(connection, paths, settings, zone("UTC"))
                found = pl.read_parquet(paths["engagements"])["machine"]
                row = {
                    "scenario": str(scenario), "seed": seed, "market": market, "rules": rules,
                    "right": int((found & ~truth).sum()), "found": int(found.sum()), "true": int((~truth).sum()),
                }  # fmt: skip
                print(row)
                rows.append(row)
        return rows


def epochs(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path)
    return frame.with_columns(pl.col(name).dt.epoch("us") for name, kind in frame.schema.items() if kind.is_temporal())


def harder(acts: pl.DataFrame, by_person: pl.Series, seed: int) -> tuple[pl.DataFrame, pl.Series]:
    """No machine says what it is, and some of its bursts have two clicks."""
    rng = np.random.default_rng(seed)
    told = acts.with_columns(by_person=by_person).with_columns(
        agent=pl.when("by_person").then("agent").otherwise(pl.lit("Mozilla/5.0 (Windows)"))
    )
    bursts = (pl.col("occurred_at").diff().over("lead_id", "by_person") > 60_000_000).fill_null(value=True)
    told = told.with_columns(begins=bursts).with_columns(burst=pl.col("begins").cum_sum().over("lead_id", "by_person"))
    told = told.with_columns(place=pl.int_range(pl.len()).over("lead_id", "by_person", "burst"))
    draw = pl.Series("draw", rng.random(len(told)))
    drawn = told.with_columns(draw).with_columns(pl.col("draw").first().over("lead_id", "by_person", "burst"))
    kept = drawn.filter(pl.col("by_person") | (pl.col("draw") >= SHORT) | (pl.col("place") < 2))
    return kept.select(acts.columns), kept["by_person"]


if __name__ == "__main__":
    main()
