"""A few acts, judged: rows as dicts, times in seconds after a Monday noon."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from salesworthy.domain.moments import to_micros, zone
from salesworthy.intake.machine_clicks import MachineClicks, mark_machine_clicks
from salesworthy.intake.machine_clicks_settings import MachineClickSettings

NOON = to_micros(datetime(2026, 3, 2, 12, tzinfo=zone("UTC")))
SECOND = 1_000_000
ACTS = {
    "lead_id": pl.String, "occurred_at": pl.Int64, "kind": pl.String, "known_at": pl.Int64, "content_id": pl.String,
    "campaign_id": pl.String, "agent": pl.String, "value": pl.Float64, "machine": pl.Boolean, "no_score": pl.String,
}  # fmt: skip
LEADS = {"lead_id": pl.String, "created_at": pl.Int64, "account_id": pl.String, "source": pl.String}


def click(at, link="T1", lead="L1", *, kind="click", late=0, **more):
    """An act so many seconds after noon; ``late``: known so many seconds later."""
    occurred = NOON + round(at * SECOND)
    row = {"lead_id": lead, "occurred_at": occurred, "kind": kind, "known_at": occurred + round(late * SECOND)}
    return dict.fromkeys(ACTS) | row | {"content_id": link} | more


def lead(name="L1", account="A1", source="event"):
    return {"lead_id": name, "created_at": 0, "account_id": account, "source": source}


def written(folder: Path, acts, leads) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"engagements": folder / "engagements.parquet", "leads": folder / "leads.parquet"}
    pl.DataFrame(acts, schema=ACTS, orient="row").write_parquet(paths["engagements"])
    pl.DataFrame(leads, schema=LEADS, orient="row").write_parquet(paths["leads"])
    return paths


def judge(
    folder: Path, acts, leads=(), settings: MachineClickSettings | None = None, *, timezone="UTC"
) -> tuple[pl.DataFrame, MachineClicks]:
    """The acts with what was found, in their order."""
    paths = written(folder, acts, list(leads) or [lead()])
    with duckdb.connect(config={"threads": 1}) as connection:
        found = mark_machine_clicks(connection, paths, settings or MachineClickSettings(), zone(timezone))
    return pl.read_parquet(paths["engagements"]), found
