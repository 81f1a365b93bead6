"""Writing a market: same bytes, any size, progress, and what cannot be written."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from salesworthy.domain import tables as domain_tables
from salesworthy.domain.errors import WrongUsage
from salesworthy.market import writing
from salesworthy.market.generate import write_market
from salesworthy.market.scenarios import Scenario

TABLES = {*domain_tables.TABLES, "truth", "true_people", "true_sites", "true_acts"}


def hashes(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def test_same_arguments_same_bytes_in_another_process_too(tmp_path):
    write_market(tmp_path / "here", leads=500, seed=3, drift="region_on")
    script = (
        "from pathlib import Path; from salesworthy.market.generate import write_market; "
        f"write_market(Path({str(tmp_path / 'there')!r}), leads=500, seed=3, drift='region_on')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "17", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    assert hashes(tmp_path / "here") == hashes(tmp_path / "there")


def test_another_seed_is_another_market(tmp_path):
    write_market(tmp_path / "one", leads=300, seed=3)
    write_market(tmp_path / "two", leads=300, seed=4)
    one, two = hashes(tmp_path / "one"), hashes(tmp_path / "two")
    assert {name for name in one if one[name] == two[name]} == {"campaigns.parquet", "true_sites.parquet"}


def test_only_the_tables_are_left_and_older_ones_are_replaced(tmp_path):
    (tmp_path / "leads.parquet").write_text("older")
    write_market(tmp_path, leads=100, seed=1)
    assert {file.name for file in tmp_path.iterdir()} == {f"{name}.parquet" for name in TABLES}
    assert pa.parquet.read_metadata(tmp_path / "leads.parquet").num_rows == 100


@pytest.mark.parametrize("scenario", Scenario)
@pytest.mark.parametrize(("leads", "seed"), [(100, 0), (300, 12_345)])
def test_small_markets(tmp_path, scenario, leads, seed):
    summary = write_market(tmp_path, leads=leads, seed=seed, drift=scenario)
    assert summary.rows["leads"] == leads
    assert summary.handoffs == round(0.3 * leads)
    assert summary.scenario == scenario


@pytest.mark.parametrize("seed", range(4))
def test_a_single_lead_is_a_market_too(tmp_path, seed):
    summary = write_market(tmp_path, leads=1, seed=seed)
    assert summary.rows["leads"] == summary.rows["true_people"] == 1
    assert summary.rows["truth"] == 1 + summary.handoffs


@pytest.mark.parametrize(("leads", "seed"), [(0, 1), (-5, 1), (10**7, 1), (100, -1)])
def test_impossible_sizes_and_seeds_are_wrong_usage(tmp_path, leads, seed):
    with pytest.raises(WrongUsage):
        write_market(tmp_path / "market", leads=leads, seed=seed)
    assert not (tmp_path / "market").exists()


def test_an_unknown_scenario_writes_nothing(tmp_path):
    with pytest.raises(WrongUsage):
        write_market(tmp_path / "market", leads=100, seed=1, drift="earthquake")
    assert not (tmp_path / "market").exists()


def test_progress_is_told_from_nothing_to_done(tmp_path):
    told: list[tuple[str, float]] = []
    write_market(tmp_path, leads=100, seed=1, progress=lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], told[-1]) == (0.0, ("done", 1.0))
    assert {f"writing {name}" for name in TABLES} <= {step for step, _ in told}


def test_row_groups_join_up(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ROWS_PER_GROUP", 4)
    writing.write_table(tmp_path, "tens", 10, lambda part: {"n": pa.array(range(part.start, part.stop))})
    writing.publish(tmp_path, ["tens"])
    read = pa.parquet.ParquetFile(tmp_path / "tens.parquet")
    assert read.num_row_groups == 3
    assert read.read()["n"].to_pylist() == list(range(10))


def test_identifiers_are_counted_from_one():
    assert writing.ids("L", np.array([0, 41, -1])).to_pylist() == ["L0000001", "L0000042", None]
    assert writing.ids("C", np.array([7], np.int16), digits=3).to_pylist() == ["C008"]
