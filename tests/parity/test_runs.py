"""Whole runs on DuckDB and on Spark: the same bytes, so equal scores, decisions, reasons, packets and manifests.

The two run in batches of different sizes and under different time zones. A run has one name whatever engine made it,
and the ledger refuses two contents under one name, so this is what users rely on when they change the engine.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import time

import polars as pl
import pyarrow.dataset as ds
import pytest
from tests.examples.test_examples import DATA, HERE
from tests.functional.conftest import salesworthy
from tests.parity.conftest import ON_SPARK

import salesworthy as sw
from salesworthy.domain.moments import parse_moment
from salesworthy.runs.score import score
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

DAY = "2026-07-01"
LEADS = 1_500
ENVIRONMENTS = {
    "duckdb": {"SALESWORTHY__SCORING__BATCH_ROWS": "10000"},
    "spark": {**ON_SPARK, "SALESWORTHY__SCORING__BATCH_ROWS": "37"},
}


def run(*commands):
    for command in commands:
        done = salesworthy(*command)
        assert done.code == 0, done.err


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """A trained workspace whose acts were partly written down twice, and partly became known only later."""
    folder = tmp_path_factory.mktemp("parity") / "market"
    run(("init", folder, "--example", "--leads", LEADS, "--seed", 5))
    path = folder / "data" / "market" / "engagements.parquet"
    acts = pl.read_parquet(path)
    late = pl.when(pl.int_range(pl.len()) % 11 == 0).then(pl.duration(days=40)).otherwise(pl.duration(days=0))
    acts = acts.with_columns(pl.coalesce("known_at", "occurred_at") + late)
    pl.concat([acts, acts.gather_every(13)]).write_parquet(path)
    sw.train(open_workspace(folder, environ={}), as_of=DAY, splits=1)
    return folder


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    """A trained workspace on a tenth of the customers of online_retail."""
    if not DATA.is_dir():
        pytest.skip("the public data sets are not beside the repository (../shared/data)")
    folder, example = tmp_path_factory.mktemp("parity") / "retail", HERE / "online_retail"
    folder.mkdir()
    for file in ("salesworthy.toml", "features.yaml"):
        shutil.copy(example / file, folder)
    spec = importlib.util.spec_from_file_location("prepare_retail_parity", example / "prepare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.prepare(DATA, folder)
    for file in ("customers.csv", "snapshots.csv", "orders.csv"):
        few = pl.read_csv(folder / file, infer_schema=False).filter(pl.col("customer").str.ends_with("7"))
        few.write_csv(folder / file)
    lines = pl.read_parquet(folder / "lines.parquet")
    lines.filter(pl.col("CustomerID").cast(pl.Int64) % 10 == 7).write_parquet(folder / "lines.parquet")
    sw.train(open_workspace(folder, environ={}), as_of="2011-12-09", splits=1)
    return folder


@pytest.fixture
def far_away(monkeypatch):
    """Sets this process's time zone."""

    def to(zone):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    before = os.environ.get("TZ")
    yield to
    monkeypatch.undo()
    assert os.environ.get("TZ") == before
    time.tzset()


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def scored_on_both(folder, day, out, far_away):
    """The folders of one run, made by either engine; what stands beside them is no part of it."""
    found = {}
    for (engine, environ), zone in zip(ENVIRONMENTS.items(), ("America/Los_Angeles", "Asia/Tokyo"), strict=True):
        far_away(zone)
        workspace = open_workspace(folder, environ=environ)
        done = score(workspace, as_of=parse_moment(day), model="v1", out=out / engine, now=0)
        assert not done.already_published
        found[engine] = done.folder
    return found


def test_a_run_under_a_policy_has_the_same_bytes(spark, market, tmp_path, far_away):
    found = scored_on_both(market, DAY, tmp_path, far_away)
    assert digests(found["spark"]) == digests(found["duckdb"])
    scores = ds.dataset(found["spark"] / "scores").to_table().to_pandas()
    assert len(scores) > 1000 and scores["propensity"].notna().all()
    assert {"MQL", "HELD", "NURTURE"} <= set(scores["decision"])
    assert not list((market / ".salesworthy" / "spill").glob("salesworthy-spark-*"))


def test_training_data_are_the_same(spark, market):
    sets = {
        engine: training_set(open_workspace(market, environ=environ), as_of=parse_moment(DAY)).data
        for engine, environ in ENVIRONMENTS.items()
    }
    assert sets["spark"].features.schema == sets["duckdb"].features.schema
    assert sets["spark"].features.equals(sets["duckdb"].features)
    assert sets["spark"].lead_id.tolist() == sets["duckdb"].lead_id.tolist()
    assert sets["spark"].features.num_rows > 300


def test_a_run_on_online_retail_has_the_same_bytes(spark, retail, tmp_path, far_away):
    found = scored_on_both(retail, "2011-12-09", tmp_path, far_away)
    assert digests(found["spark"]) == digests(found["duckdb"])
    assert ds.dataset(found["spark"] / "scores").count_rows() > 300
