"""Retention: shown first, purged when asked to, kept out of later exports, and everybody else left alone."""

from __future__ import annotations

import polars as pl
import pytest
from tests.cases.pipeline import AS_OF, World, ago
from tests.unit.runs.product_files import names

from salesworthy.domain.errors import GateRefused
from salesworthy.runs.check import check
from salesworthy.runs.retain import Retention, retain
from salesworthy.runs.score import score
from salesworthy.runs.workspace import Workspace, open_workspace

pytestmark = pytest.mark.slow

NOW = AS_OF.value // 1_000
OLD, ACTIVE, YOUNG = "LEAD-LONG-AGO", "LEAD-STILL-HERE", "LEAD-OF-TODAY"
RAW = ("data", "policy", "salesworthy.toml")


@pytest.fixture
def world(tmp_path) -> World:
    """Leads of four years ago, of whom one acted since; the policy keeps leads 1,095 days and acts 730."""
    found = World(tmp_path)
    for number, (lead, days) in enumerate(((OLD, 1_500), (ACTIVE, 1_500), (YOUNG, 30))):
        found.lead(lead, account=f"A{number}", days=days)
        found.consent(lead, days, "opt_in")
        found.act(lead, days - 1, "form", "evaluation")
    found.act(ACTIVE, 3, "form", "evaluation")
    found.rows["consents"].append({"lead_id": ACTIVE, "at": ago(4_000), "state": "opt_in", "channel": "phone"})
    return found


def ages(report: Retention) -> dict[str, tuple[int, int]]:
    return {each.table: (each.rows, each.past) for each in report.tables if each.table != "content"}


EXPECTED = {
    "leads": (3, 1), "engagements": (4, 2), "consents": (4, 0), "accounts": (3, 0), "handoffs": (0, 0),
    "outcomes": (0, 0), "campaigns": (0, 0),
}  # fmt: skip


def test_without_apply_nothing_changes(world):
    world.scored()
    workspace = open_workspace(world.folder, environ={})
    report = retain(workspace, now=NOW)
    assert (ages(report), report.leads_purged, report.applied) == (EXPECTED, 1, False)
    assert "source system" in report.as_dict()["notes"][0]
    assert names(workspace.folder, OLD, besides=RAW)
    assert not (workspace.folder / "retention" / "suppressed.json").exists()


def test_apply_purges_what_is_past_its_limit_and_nothing_else(world):
    before, _, _ = world.scored()
    workspace = open_workspace(world.folder, environ={})
    assert ages(retain(workspace, now=NOW, apply=True)) == EXPECTED
    assert names(workspace.folder, OLD, besides=RAW) == []
    kept = pl.read_parquet(workspace.folder / "out" / "latest" / "scores" / "*.parquet").to_dicts()
    assert {row["lead_id"]: row["propensity"] for row in kept} == {
        lead: row["propensity"] for lead, row in before.items() if lead != OLD
    }
    workspace.ledger.verify_audit()
    reports = {each.table: each for each in check(workspace).checked.reports}
    assert all(each.rows_in == each.kept + sum(each.rejected.values()) + each.suppressed for each in reports.values())
    assert {table: each.suppressed for table, each in reports.items() if each.suppressed} == {
        "leads": 1,
        "engagements": 2,
    }
    run = score(workspace, as_of=NOW, now=NOW)
    rows = {row["lead_id"]: row for row in pl.read_parquet(run.folder / "scores" / "*.parquet").to_dicts()}
    assert sorted(rows) == sorted([ACTIVE, YOUNG])
    assert {**rows[YOUNG], "run_id": ""} == {**before[YOUNG], "run_id": ""}
    again = retain(workspace, now=NOW, apply=True)
    assert (sum(past for _, past in ages(again).values()), again.leads_purged) == (0, 0)


def test_a_purge_that_died_is_finished_by_the_next(world, monkeypatch):
    from salesworthy.runs import retain as retaining

    world.scored()
    workspace = open_workspace(world.folder, environ={})

    def dies(*given, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(retaining, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            retain(workspace, now=NOW, apply=True)
    assert names(workspace.folder, OLD, besides=RAW)
    assert retain(workspace, now=NOW, apply=True).leads_purged == 0
    assert names(workspace.folder, OLD, besides=RAW) == []


def test_nothing_is_purged_under_a_draft_or_without_a_policy(world):
    workspace: Workspace = world._written()
    approvals = workspace.folder / "policy" / "approvals.yaml"
    approvals.write_text("approvals: []\n")
    assert retain(workspace, now=NOW).leads_purged == 1
    with pytest.raises(GateRefused, match="draft"):
        retain(workspace, now=NOW, apply=True)
    for path in (workspace.folder / "policy").iterdir():
        path.unlink()
    report = retain(workspace, now=NOW)
    assert (report.policy_version, report.leads_purged) == (None, 0)
    with pytest.raises(GateRefused, match="no policy"):
        retain(workspace, now=NOW, apply=True)
