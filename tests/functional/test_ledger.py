"""From a scoring run to its record: what is handed to sales, once, and who signed."""

from __future__ import annotations

import json

import pytest
from tests.functional.conftest import DAY, salesworthy

from salesworthy.domain.decisions import EXPLORATION
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow


def test_a_run_records_what_it_hands_over_once_and_heals(published):
    workspace, run = published.workspace, published.run
    packets = [json.loads(line) for line in (published.folder / "packets" / "part-0000.jsonl").read_text().splitlines()]
    ledger = open_workspace(workspace).ledger
    decisions = ledger.decisions.of_run(run["run_id"])
    assert [each.lead_id for each in decisions] == [packet["lead_id"] for packet in packets]
    assert all(each.owner and each.respond_by for each in decisions)
    # Who is sent at random to learn from may have nothing that speaks for it.
    assert all(each.reasons for each in decisions if each.decided_by != EXPLORATION)
    before = ledger.audit_events()
    assert salesworthy("score", "--as-of", DAY, "--json", workspace=workspace).json["already_published"]
    assert ledger.audit_events() == before
    (workspace / "ledger.db").rename(workspace / "lost.db")  # as if the job died before it recorded anything
    open_workspace(workspace).ledger.register_model(
        "v1", bundle_sha256=run["model_sha256"], trained_as_of=0, data_fingerprint="", figures={}, now=0
    )
    healed = salesworthy("score", "--as-of", DAY, "--json", "--model", "v1", workspace=workspace)
    assert healed.json["run_id"] == run["run_id"], healed.err
    assert open_workspace(workspace).ledger.decisions.of_run(run["run_id"]) == decisions
    assert salesworthy("audit", "verify", "--json", workspace=workspace).json["holds"]


def test_a_signature_stands_in_the_ledger_too(workspace):
    signed = ("policy", "approve", "--role", "compliance", "--by", "C. Smith", "--json")
    first = salesworthy(*signed, workspace=workspace)
    assert first.code == 0, first.err
    assert salesworthy(*signed, workspace=workspace).json["stood_already"]
    (approval,) = open_workspace(workspace).ledger.approvals.all()
    assert (approval.role, approval.by, approval.day) == ("compliance", "C. Smith", first.json["on"])
    assert approval.content_sha256 == first.json["content_sha256"]
