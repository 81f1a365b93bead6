"""Whole workspaces: the synthetic market, and the examples on public data."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from salesworthy.domain.moments import zone
from salesworthy.domain.tables import Kind
from salesworthy.intake.check import check_tables
from salesworthy.market.generate import write_market
from salesworthy.runs.settings import load_settings

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "tests" / "examples"
DATA = ROOT.parent / "shared" / "data"


def checked(folder: Path):
    settings = load_settings(folder, {})
    return check_tables(
        settings.tables,
        root=folder,
        timezone=zone(settings.workspace.timezone),
        folder=folder / "store",
        max_rejected_share=settings.limits.max_rejected_share,
        refuse_undated=settings.label.undated == "refuse",
    )


def counts(found) -> dict[str, tuple[int, int, Mapping[str, int]]]:
    return {each.table: (each.rows_in, each.kept, dict(each.rejected)) for each in found.reports}


def test_the_synthetic_market_is_kept_as_it_is(tmp_path):
    write_market(tmp_path / "data" / "market", leads=1500, seed=7)
    shutil.copy(ROOT / "salesworthy.toml", tmp_path)
    found = checked(tmp_path)
    assert all(rows_in == kept for rows_in, kept, _ in counts(found).values())
    assert not {"UNMATCHED_LEADS", "TIMES_WITHOUT_ZONE"} & {finding.code for finding in found.findings}
    for table, path in found.paths.items():
        raw = pl.read_parquet(tmp_path / "data" / "market" / f"{table}.parquet")
        kept = pl.read_parquet(path)
        moments = [name for name, facts in found.schema[table].items() if facts.kind == Kind.MOMENT and facts.present]
        raw = raw.with_columns(pl.col(name).dt.epoch("us") for name in moments if name in raw.columns)
        assert kept.select(raw.columns).equals(raw), table


def prepared(name: str, folder: Path) -> Path:
    if not DATA.exists():
        pytest.skip("the public data sets are not here")
    runpy.run_path(str(EXAMPLES / name / "prepare.py"))["prepare"](DATA, folder)
    shutil.copy(EXAMPLES / name / "salesworthy.toml", folder)
    return folder


@pytest.mark.slow
def test_bank_marketing(tmp_path):
    found = checked(prepared("bank_marketing", tmp_path))
    assert counts(found) == {"leads": (41_188, 41_188, {}), "outcomes": (41_188, 41_188, {})}
    kinds = {name: facts.kind for name, facts in found.schema["leads"].items() if facts.carried}
    assert (kinds["age"], kinds["emp.var.rate"], kinds["job"]) == (Kind.NUMBER, Kind.NUMBER, Kind.TEXT)
    accepted = pl.read_parquet(found.paths["outcomes"])["disposition"].eq("accepted").sum()
    assert accepted == 4_640


@pytest.mark.slow
def test_hotel_bookings(tmp_path):
    found = checked(prepared("hotel_bookings", tmp_path))
    assert counts(found) == {"leads": (40_060, 40_060, {}), "outcomes": (40_060, 40_060, {})}
    assert pl.read_parquet(found.paths["outcomes"])["disposition"].eq("accepted").sum() == 11_122


@pytest.mark.slow
def test_online_retail(tmp_path):
    found = checked(prepared("online_retail", tmp_path))
    assert counts(found)["engagements"] == (541_909, 406_829, {"MISSING_ID": 135_080})
    ids = pl.read_parquet(found.paths["engagements"], columns=["lead_id"])["lead_id"]
    assert ids[0] == "17850"
    assert set(ids.head(1000)) <= set(pl.read_parquet(found.paths["leads"])["lead_id"])
    first = pl.read_parquet(found.paths["engagements"], columns=["occurred_at"])["occurred_at"][0]
    assert pl.Series([first]).cast(pl.Datetime("us"))[0].isoformat() == "2010-12-01T08:26:00"
