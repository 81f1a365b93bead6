"""Drift from the command line and from a notebook, on a whole workspace."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.functional.conftest import LEADS, salesworthy

import salesworthy as sw
from salesworthy.domain.moments import format_moment
from salesworthy.market.generate import write_market
from salesworthy.runs.publish import RunStage

pytestmark = pytest.mark.slow
LATE = 3
QUIET, CHANGED = "2025-12-15", "2026-01-26"


def publish_runs(out, *, until):
    """A run in each of forty weeks; in the last ones three times as many leads are MQLs."""
    chance = np.random.default_rng(1)
    for week in range(until.count - 40, until.count):
        mqls = int(chance.binomial(3_000, 0.15 if week >= until.count - LATE else 0.05))
        counts = {"MQL": mqls, "NURTURE": 3_000 - mqls}
        with RunStage(out, f"run-{week}") as stage:
            told = {"as_of": format_moment(until.begin(week) + 3_600_000_000), "counts": counts}
            stage.publish({**told, "model_version": "v1", "policy_version": "2026.1"})


def test_a_quiet_source_is_found_named_and_shown_on_a_page(workspace, tmp_path):
    write_market(workspace / "data" / "market", leads=LEADS, seed=3, drift="quiet_feed")
    page = tmp_path / "drift.html"
    done = salesworthy("drift", "--as-of", CHANGED, "--out", page, "--json", workspace=workspace)
    assert done.code == 0, done.err
    found = done.json["findings"][0]
    assert (found["code"], found["severity"], found["cause_code"]) == ("FEED_QUIET", "block", "FEED_QUIET")
    assert "webinar" in found["cause"]
    assert found["first_seen"] <= "2026-01-12"
    assert {each["family"] for each in done.json["watched"]} >= {
        "feature", "campaign", "source", "region", "content tag", "consent", "machine clicks", "data flow", "score",
        "reason", "outcome rate",
    }  # fmt: skip
    assert done.json["not_applicable"][0]["what"] == "calibration"  # this model learned from all that is mature
    assert found["title"] in page.read_text()
    recorded = workspace / "mlflow" / "artifacts" / done.json["mlflow_run_id"] / "artifacts" / "drift"
    assert (recorded / "drift.html").read_text() == page.read_text()
    assert json.loads((recorded / "drift.json").read_text())["headline"] == done.json["headline"]


def test_a_quiet_week_raises_nothing_and_a_first_month_is_too_early(workspace):
    report = sw.drift_report(sw.open_workspace(workspace), as_of=QUIET)
    assert [each.code for each in report.findings] == []
    assert report.document["false_alarms"]["every_weeks"] == 52
    publish_runs(workspace / "out", until=report.weekly.weeks)
    mixed = sw.drift_report(sw.open_workspace(workspace), as_of=QUIET)
    (found,) = mixed.findings
    assert (found.code, found.since) == ("DECISION_MIX", mixed.weekly.weeks.day(mixed.weekly.weeks.count - LATE))
    assert "decisions" not in {each["what"] for each in mixed.document["not_applicable"]}
    early = salesworthy("drift", "--as-of", "2024-08-01", workspace=workspace)
    assert early.code == 0
    assert early.out.startswith("Too early to tell")
    assert (workspace / "reports" / "drift.html").exists()
