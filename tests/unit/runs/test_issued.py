"""What a published run hands to people: recorded once, from the run's own files, also by the run that comes after."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.moments import parse_moment
from salesworthy.qualification.tables import REASONS
from salesworthy.runs.issued import record_missing, record_published
from salesworthy.runs.publish import RunStage
from salesworthy.runs.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "salesworthy.toml").write_text('[tables.leads]\npath = "leads.csv"\n')
    return open_workspace(tmp_path, environ={})


def packet(lead: str, **why: Any) -> dict[str, Any]:
    told = {
        "decided_by": "propensity", "criteria": "ALL", "propensity": 0.25, "sent_probability": 1.0,
        "fit_grade": "A", "interest_grade": "2",
    }  # fmt: skip
    return {
        "lead_id": lead, "as_of": "2026-03-01", "decision": "MQL", "why": {**told, **why}, "trigger": None,
        "path": "sales", "site": {"region": "dach"}, "owner": "dach_team", "respond_by": "2026-03-02T08:00:00Z",
        "model_version": "v1", "policy_version": "1", "name": "Müller",
    }  # fmt: skip


def publish(place: Path, run_id: str, *leads: str, draft: bool = False, overrides: tuple[Any, ...] = ()) -> Path:
    """A run as far as recording reads it."""
    reasons = [
        {"lead_id": lead, "rank": rank, "family": "FIT", "code": code, "log_odds": share, "degree": degree}
        for lead in leads
        for rank, code, share, degree in [
            (2, "WEBINAR", 0.4, "clear"), (1, "EVALUATION_REQUEST", 0.0, "decided"), (3, "LEAD_AGE", -0.3, "slight"),
        ]
    ]  # fmt: skip
    with RunStage(place, run_id) as stage:
        (stage.folder / "packets").mkdir()
        lines = [json.dumps(packet(lead), ensure_ascii=False) + "\n" for lead in leads]
        (stage.folder / "packets" / "part-0000.jsonl").write_text("".join(lines), encoding="utf-8")
        (stage.folder / "reasons").mkdir()
        pq.write_table(pa.Table.from_pylist(reasons, schema=REASONS), stage.folder / "reasons" / "part-0000.parquet")
        (stage.folder / "policy.json").write_text(json.dumps({"overrides": overrides}))
        stage.publish(
            {
                "as_of": "2026-03-01", "model_version": "v1", "policy_version": "1", "data_fingerprint": "f",
                "counts": {"MQL": len(leads)}, "draft": draft,
            }
        )  # fmt: skip
    return place / "runs" / run_id


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def test_a_packet_becomes_a_decision_with_what_spoke_for_it(workspace: Workspace) -> None:
    folder = publish(workspace.default_out, "run", "L1", "L2")
    record_published(workspace, folder, manifest(folder), now=5)
    first, second = workspace.ledger.decisions.of_run("run")
    assert (first.lead_id, second.lead_id, second.packet_line) == ("L1", "L2", 2)
    assert first.reasons == ("EVALUATION_REQUEST", "WEBINAR")
    assert (first.propensity, first.region, first.owner, first.trigger) == (0.25, "dach", "dach_team", None)
    assert first.respond_by == parse_moment("2026-03-02T08:00:00Z")
    line = (folder / "packets" / "part-0000.jsonl").read_bytes().splitlines()[0]
    assert first.packet_sha256 == hashlib.sha256(line).hexdigest()


def test_a_run_that_died_before_it_was_recorded_is_recorded_by_the_next(workspace: Workspace) -> None:
    known = publish(workspace.default_out, "known", "L1")
    record_published(workspace, known, manifest(known), now=5)
    publish(workspace.default_out, "lost", "L1", "L2")
    for moment in (6, 7):
        record_missing(workspace, workspace.default_out, now=moment)
    assert [(run.run_id, run.recorded_at) for run in workspace.ledger.runs()] == [("known", 5), ("lost", 6)]
    assert len(workspace.ledger.decisions.of_run("lost")) == 2
    assert workspace.ledger.verify_audit().events == 6


def test_a_draft_hands_nothing_to_anybody(workspace: Workspace) -> None:
    folder = publish(workspace.default_out, "run", "L1", draft=True, overrides=({"code": "X"},))
    record_published(workspace, folder, manifest(folder), now=5)
    assert workspace.ledger.run("run") is not None
    assert workspace.ledger.decisions.of_run("run") == ()
    assert workspace.ledger.decisions.overrides() == ()


def test_a_run_that_was_changed_since_is_left_alone(workspace: Workspace) -> None:
    folder = publish(workspace.default_out, "run", "L1")
    with (folder / "packets" / "part-0000.jsonl").open("a") as file:
        file.write("{}\n")
    record_missing(workspace, workspace.default_out, now=5)
    assert workspace.ledger.runs() == ()


def test_overrides_of_the_policy_are_recorded(workspace: Workspace) -> None:
    told = {"code": "KEY", "decision": "MQL", "owner": "H. L.", "starts": "2026-01-01", "expires": "2026-05-01"}
    folder = publish(workspace.default_out, "run", overrides=({**told, "lead": "L1", "reason": "asked"},))
    record_published(workspace, folder, manifest(folder), now=5)
    assert [each.code for each in workspace.ledger.decisions.overrides()] == ["KEY"]


def test_a_place_without_runs_needs_no_ledger(workspace: Workspace) -> None:
    record_missing(workspace, workspace.default_out, now=5)
    assert not (workspace.folder / "ledger.db").exists()
