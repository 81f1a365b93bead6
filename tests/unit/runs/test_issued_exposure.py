"""Handoffs of a CRM that says nothing of the draw, beside a ledger that does."""

from __future__ import annotations

import pytest

from salesworthy.domain.decisions import EXPLORATION
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.outcomes.exposure import COLUMN, with_exposure
from salesworthy.runs.features import opened
from salesworthy.runs.issued_exposure import issued_exposure
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

SETTINGS = """
[workspace]
name = "acme"
[tables.leads]
path = "leads.csv"
[tables.handoffs]
path = "handoffs.csv"
"""
NOW = parse_moment("2026-03-01")


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "salesworthy.toml").write_text(SETTINGS)
    (tmp_path / "leads.csv").write_text("lead_id,created_at\nA,2026-01-01\nB,2026-01-01\n")
    (tmp_path / "handoffs.csv").write_text("lead_id,handed_at\nA,2026-02-02\nB,2026-02-02\n")
    return open_workspace(tmp_path, environ={})


def chances(workspace, *, until=NOW):
    with opened(workspace) as data:
        handed = data.tables["handoffs"].select("lead_id", "handed_at")
        found = with_exposure(handed, data.tables, issued=issued_exposure(data, until=until))
        return {row["lead_id"]: row[COLUMN] for row in data.engine.to_arrow(found).to_pylist()}


def test_the_draw_is_known_from_the_ledger(workspace):
    assert chances(workspace) == {"A": 1.0, "B": 1.0}
    said = parse_moment("2026-02-02T06:00:00Z")  # the CRM writes the day down, without a time
    told = {"run_id": "R", "as_of": said, "decision": "MQL"}
    drawn = HandedDecision(lead_id="A", decided_by=EXPLORATION, path=EXPLORATION, probability=0.05, **told)
    by_rule = HandedDecision(lead_id="B", decided_by="EVALUATION_REQUEST", path="rule", probability=1.0, **told)
    workspace.ledger.record_run(
        run_id="R", kind="score", as_of=said, model_version="", policy_version="1", data_fingerprint="f",
        manifest_sha256="m", counts={"MQL": 2}, now=said, decisions=(drawn, by_rule),
    )  # fmt: skip
    assert chances(workspace) == {"A": 0.05, "B": 1.0}
    assert chances(workspace, until=said - MICROSECONDS_PER_DAY) == {"A": 1.0, "B": 1.0}
