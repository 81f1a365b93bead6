"""Feedback from files: what is recorded, what is set aside and why, and that nothing is lost or told twice."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import parse_moment
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.check import checked_tables
from salesworthy.runs.feedback import FeedbackReport, give_feedback, load_feedback
from salesworthy.runs.feedback_codes import FeedbackRejection
from salesworthy.runs.publish import RunStage
from salesworthy.runs.workspace import Workspace, open_workspace

NOW = parse_moment("2026-04-01")
DAY = parse_moment("2026-03-01")
HEADER = "lead_id,at,by,kind,disposition,reason,reason_matched,note\n"
SETTINGS = """
[workspace]
timezone = "Europe/Berlin"
[tables.leads]
path = "leads.csv"
[tables.outcomes]
source = "ledger"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """L1 and L2 were handed over, L3 is kept from sales, L4 is only known."""
    (tmp_path / "salesworthy.toml").write_text(SETTINGS)
    rows = [f"L{number},2026-01-01" for number in range(1, 5)]
    (tmp_path / "leads.csv").write_text("lead_id,created_at\n" + "\n".join(rows) + "\n")
    found = open_workspace(tmp_path, environ={})
    decisions = [
        HandedDecision("run", lead, DAY, "MQL", "propensity", "sales", reasons=("WEBINAR", "OWN_CODE"))
        for lead in ("L1", "L2")
    ]
    found.ledger.record_run(
        "run", kind="score", as_of=DAY, model_version="v1", policy_version="1", data_fingerprint="",
        manifest_sha256="", counts={}, now=DAY, decisions=decisions,
    )  # fmt: skip
    with RunStage(found.default_out, "run") as stage:
        (stage.folder / "scores").mkdir()
        scores = pa.table({"lead_id": ["L1", "L3"], "decision": ["MQL", "DISQUALIFIED"]})
        pq.write_table(scores, stage.folder / "scores" / "part-0000.parquet")
        stage.publish({})
    return found


def load(workspace: Workspace, *lines: str, header: str = HEADER) -> FeedbackReport:
    path = workspace.folder / "said.csv"
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    return load_feedback(workspace, path, now=NOW)


def test_dispositions_skips_and_appeals_are_recorded(workspace: Workspace) -> None:
    report = load(
        workspace,
        "L1,2026-03-02,K. Berg,,Accepted,,yes,spoke to her",
        "L2,2026-03-02T10:00:00Z,K. Berg,,rejected,No budget,WEBINAR=no;OWN_CODE=yes,",
        "L2,2026-03-03,K. Berg,skip,,no_capacity,,",
        "L3,2026-03-03,K. Berg,appeal,,project_known,,",
        "L4,2026-03-03,K. Berg,disposition,unreachable,,,",
        "L1,2026-03-04,K. Berg,answer,,,OWN_CODE=no,",
    )
    assert report.recorded == {"answer": 1, "appeal": 1, "disposition": 3, "skip": 1}
    assert (report.rows_in, report.rejected, report.rejected_file, report.not_handed) == (6, {}, None, 1)
    first, second, _, appeal, unhanded, answer = workspace.ledger.feedback.all()
    assert first == Feedback(
        "L1", parse_moment("2026-03-01T23:00:00Z"), "K. Berg", "disposition", "accepted", None, {"WEBINAR": True},
        "run", None, "spoke to her", "said.csv", NOW,
    )  # fmt: skip
    assert (second.reason, second.reasons_matched) == ("no_budget", {"WEBINAR": False, "OWN_CODE": True})
    assert (appeal.run_id, unhanded.run_id) == ("run", None)
    assert (answer.run_id, answer.disposition, answer.reasons_matched) == ("run", None, {"OWN_CODE": False})
    workspace.ledger.verify_audit()


BROKEN = [
    ("L1,2026-03-02", "RAGGED_ROW"),
    (",2026-03-02,K,,accepted,,,", "MISSING_LEAD"),
    ("L1,2026-03-02,,,accepted,,,", "MISSING_PERSON"),
    ("L1,,K,,accepted,,,", "UNREADABLE_MOMENT"),
    ("L1,yesterday,K,,accepted,,,", "UNREADABLE_MOMENT"),
    ("L1,2026-04-05,K,,accepted,,,", "IN_THE_FUTURE"),
    ("L1,2026-03-02,K,praise,accepted,,,", "UNKNOWN_KIND"),
    ("L1,2026-03-02,K,,won,,,", "UNKNOWN_DISPOSITION"),
    ("L1,2026-03-02,K,,open,,,", "UNKNOWN_DISPOSITION"),
    ("L1,2026-03-02,K,,,,,", "UNKNOWN_DISPOSITION"),
    ("L1,2026-03-02,K,skip,accepted,no_capacity,,", "UNKNOWN_DISPOSITION"),
    ("L1,2026-03-02,K,,rejected,,,", "REASON_IS_MISSING"),
    ("L1,2026-03-02,K,skip,,,,", "REASON_IS_MISSING"),
    ("L1,2026-03-02,K,,rejected,bad_mood,,", "UNKNOWN_REASON"),
    ("L1,2026-03-02,K,skip,,no_budget,,", "UNKNOWN_REASON"),
    ("L1,2026-03-02,K,,accepted,,MOON=yes,", "UNKNOWN_REASON_CODE"),
    ("L4,2026-03-02,K,,accepted,,OWN_CODE=yes,", "UNKNOWN_REASON_CODE"),
    ("L1,2026-03-02,K,,accepted,,maybe,", "UNREADABLE_ANSWER"),
    (f"L1,2026-03-02,K,,accepted,,,{'x' * 501}", "NOTE_TOO_LONG"),
    ("L9,2026-03-02,K,,accepted,,,", "UNKNOWN_LEAD"),
    ("L4,2026-03-02,K,skip,,no_capacity,,", "NEVER_HANDED"),
    ("L4,2026-03-02,K,answer,,,ROLE_FIT=no,", "NEVER_HANDED"),
    ("L1,2026-03-02,K,answer,,,,", "ANSWER_IS_MISSING"),
    ("L1,2026-03-02,K,answer,,other,WEBINAR=no,", "UNKNOWN_REASON"),
    ("L1,2026-03-02,K,answer,accepted,,WEBINAR=no,", "UNKNOWN_DISPOSITION"),
    ("L1,2026-02-02,K,skip,,no_capacity,,", "NEVER_HANDED"),
    ("L1,2026-03-02,K,appeal,,wrong_fact,,", "NOT_SUPPRESSED"),
]


def test_a_row_that_breaks_a_rule_is_set_aside_with_its_code(workspace: Workspace) -> None:
    report = load(workspace, "L2,2026-03-02,K,,accepted,,,", *(line for line, _ in BROKEN))
    assert report.recorded == {"disposition": 1}
    assert report.rejected == Counter(code for _, code in BROKEN)
    assert set(report.rejected) == {code.name for code in FeedbackRejection}
    assert all(told["todo"] for told in report.as_dict()["rejected"].values())
    assert report.rejected_file is not None
    kept = pl.read_parquet(report.rejected_file).to_dicts()
    assert [(row["row"], row["code"]) for row in kept] == [(at, code) for at, (_, code) in enumerate(BROKEN, start=3)]
    for row, (line, _) in zip(kept, BROKEN, strict=True):
        values = [value for value in json.loads(row["values"]).values() if value]
        assert values in ([line], [value for value in line.split(",") if value])


def test_the_same_file_again_records_nothing(workspace: Workspace) -> None:
    lines = (
        "L1,2026-03-02,K,,accepted,,yes,note",
        "L1,2026-03-02,K,,accepted,,yes,note",
        "L9,2026-03-02,K,,accepted,,,",
    )
    first = load(workspace, *lines)
    events = workspace.ledger.audit_events()
    again = load(workspace, *lines)
    assert (first.recorded, first.known_already) == ({"disposition": 1}, 1)
    assert (again.recorded, again.known_already, again.rejected) == ({}, 2, first.rejected)
    assert again.rejected_file == first.rejected_file
    assert workspace.ledger.audit_events() == events


def test_parquet_and_columns_per_reason_are_read_alike(workspace: Workspace) -> None:
    rows = {"lead_id": ["L1"], "at": [parse_moment("2026-03-02")], "by": ["K"], "disposition": ["accepted"]}
    table = pa.table({**rows, "reason_matched.WEBINAR": [False], "reason_matched.EVENT": pa.array([None], pa.bool_())})
    at = table.schema.get_field_index("at")
    table = table.set_column(at, "at", table["at"].cast(pa.timestamp("us", tz="UTC")))
    pq.write_table(table, workspace.folder / "said.parquet")
    assert load_feedback(workspace, workspace.folder / "said.parquet", now=NOW).recorded == {"disposition": 1}
    assert workspace.ledger.feedback.all()[0].reasons_matched == {"WEBINAR": False}


def test_an_answer_without_a_decision_is_counted(workspace: Workspace) -> None:
    assert load(workspace, "L4,2026-03-02,K,,accepted,,yes,").unanswered == 1


@pytest.mark.parametrize(
    ("header", "says"),
    [("lead_id,by\n", "no column 'at'"), ("lead_id,at,by,dispositon\n", "nothing is known of a column 'dispositon'")],
)
def test_a_file_without_its_columns_is_refused(workspace: Workspace, header: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        load(workspace, header=header)


def test_what_people_wrote_is_never_logged(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        load(workspace, "L1,2026-03-02,K,,accepted,,,her secret", f"L1,2026-03-02,K,,accepted,,,{'secret' * 99}")
    assert "secret" not in caplog.text


def test_one_piece_from_a_page_is_held_to_the_same_rules(workspace: Workspace) -> None:
    said = Feedback("L1", DAY + 5, "K. Berg", "disposition", "accepted")
    given = give_feedback(workspace, said, now=NOW)
    assert given == replace(said, run_id="run", came_by="page", received_at=NOW)
    assert give_feedback(workspace, said, now=NOW) is None
    with pytest.raises(WrongUsage, match="Neither the ledger") as refused:
        give_feedback(workspace, replace(said, lead_id="L9"), now=NOW)
    assert refused.value.where == "UNKNOWN_LEAD"


def test_feedback_becomes_outcomes_where_the_ledger_is_their_source(workspace: Workspace) -> None:
    assert pl.read_parquet(checked_tables(workspace).paths["outcomes"]).is_empty()
    load(
        workspace,
        "L2,2026-03-05,K,,rejected,timing,WEBINAR=no;OWN_CODE=yes,",
        "L1,2026-03-02T00:00:00Z,K,,accepted,,yes,note",
        "L1,2026-03-03,K,skip,,no_capacity,,",
    )
    found = pl.read_parquet(checked_tables(workspace).paths["outcomes"]).to_dicts()
    told = [(row["lead_id"], row["disposition"], row["reason"], row["reason_matched"]) for row in found]
    assert told == [("L1", "accepted", None, True), ("L2", "rejected", "timing", False)]
    assert found[0]["at"] == parse_moment("2026-03-02")
    workspace.ledger.people.erase("L1", by="x", now=NOW)
    assert pl.read_parquet(checked_tables(workspace).paths["outcomes"])["lead_id"].to_list() == ["L2"]


def test_the_ledger_gives_no_other_table(tmp_path: Path) -> None:
    (tmp_path / "salesworthy.toml").write_text('[tables.leads]\nsource = "ledger"\n')
    with pytest.raises(UserError, match="gives outcomes, and not leads"):
        open_workspace(tmp_path, environ={})
