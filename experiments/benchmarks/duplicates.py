"""What it costs to find and join the entries of one person and of one site."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
from experiments.benchmarks.results import Timed, write

from salesworthy.intake.duplicates_finding import find_people, find_sites
from salesworthy.intake.duplicates_settings import DuplicateSettings
from salesworthy.market.generate import write_market

PEOPLE = {"name": "full_name", "email": "email_key", "job_title": "job_title"}


def run(leads: int) -> None:
    print(f"duplicates, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_market(folder, leads=leads, seed=7, drift="second_entries")
        for name in ("leads", "accounts"):
            frame = pl.read_parquet(folder / f"{name}.parquet")
            moments = [pl.col(column).dt.epoch("us") for column, kind in frame.schema.items() if kind.is_temporal()]
            frame.with_columns(moments).write_parquet(folder / f"{name}.parquet")
        settings = DuplicateSettings()
        with duckdb.connect(config={"threads": 2}) as connection:
            with timed.step("sites"):
                sites = find_sites(connection, folder / "accounts.parquet", {}, settings)
            with timed.step("people"):
                people = find_people(connection, folder / "leads.parquet", PEOPLE, settings)
        truth = pl.read_parquet(folder / "true_people.parquet")
        told = people.merges.join(truth, left_on="id", right_on="lead_id")
        told = told.join(truth, left_on="survivor", right_on="lead_id", suffix="_of_survivor")
        right = (told["person_id"] == told["person_id_of_survivor"]).sum()
    write(
        "duplicates",
        timed,
        leads=leads,
        joined=len(people.merges),
        joined_rightly=right,
        further_entries=int((truth["lead_id"] != truth["person_id"]).sum()),
        sites_joined=len(sites.merges),
        uncertain=len(people.uncertain) + len(sites.uncertain),
        load=[round(each, 1) for each in os.getloadavg()],
    )
