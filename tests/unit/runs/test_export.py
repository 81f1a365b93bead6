"""Export: what the newest run says, in the form of each CRM; only what changed; nothing that runs as a formula."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import ConfigurationMistakes, GateRefused, UserError, WrongUsage
from salesworthy.qualification.tables import REASONS, SCORES
from salesworthy.runs.export import export
from salesworthy.runs.publish import RunStage
from salesworthy.runs.workspace import open_workspace

DAY = datetime(2026, 7, 1, tzinfo=UTC)
MQL = {
    "decision": "MQL", "propensity": 0.4251, "fit_grade": "A", "interest_grade": "1", "owner": "na_general",
    "respond_by": datetime(2026, 7, 1, 4, tzinfo=UTC), "next_step": "Call to plan the evaluation",
}  # fmt: skip
NURTURE = {"decision": "NURTURE", "propensity": 0.005, "fit_grade": "B", "interest_grade": "3"}
FIELDS = ["Decision", "Score", "Fit", "Interest", "Reasons", "Next_Step", "Respond_By", "Owner", "Scored_As_Of", "Run"]


@pytest.fixture
def workspace(tmp_path):
    def write(settings=""):
        (tmp_path / "salesworthy.toml").write_text('[tables.leads]\npath = "leads.csv"\n' + settings)
        return open_workspace(tmp_path, environ={})

    return write


def publish(out, run_id, leads, reasons=(), *, draft=False):
    """Publishes a run with these leads; the last one is the newest."""
    filled = [
        dict.fromkeys(SCORES.names) | {"lead_id": lead, "as_of": DAY, "run_id": run_id} | facts
        for lead, facts in leads.items()
    ]
    told = [
        dict(zip(REASONS.names, (lead, rank, "FIT", "ROLE_FIT", share, degree, sentence, run_id), strict=True))
        for lead, rank, share, degree, sentence in reasons
    ]
    with RunStage(out, run_id) as stage:
        for name, rows, schema in (("scores", filled, SCORES), ("reasons", told, REASONS)):
            (stage.folder / name).mkdir()
            pq.write_table(pa.Table.from_pylist(rows, schema), stage.folder / name / "part-0000.parquet")
        stage.publish({"as_of": "2026-07-01T00:00:00Z", "draft": draft})


def read(found):
    with found.files[0].path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_lead_as_salesforce_imports_it(workspace, tmp_path):
    reasons = [
        ("L1", 3, 0.2, "slight", "Works as physician"),
        ("L1", 1, 0.0, "decided", "Asked for an evaluation 2 days ago"),
        ("L1", 2, -0.9, "strong", "Has no beds"),
        ("L1", 4, 0.1, "slight", "Came from the web"),
        ("L1", 5, 0.05, "slight", "Told fourth, and left out"),
    ]
    publish(tmp_path / "out", "r1", {"L2": NURTURE, "L1": MQL}, reasons)
    found = export(workspace(), "salesforce")
    assert read(found) == [
        ["Id", *(f"Salesworthy_{each}__c" for each in FIELDS)],
        [
            "L1", "MQL", "43", "A", "1",
            "For: Asked for an evaluation 2 days ago; Works as physician; Came from the web. Against: Has no beds.",
            "Call to plan the evaluation", "2026-07-01T04:00:00.000Z", "na_general", "2026-07-01T00:00:00.000Z", "r1",
        ],
        ["L2", "NURTURE", "0", "B", "3", "#N/A", "#N/A", "#N/A", "#N/A", "2026-07-01T00:00:00.000Z", "r1"],
    ]  # fmt: skip
    assert found.files[0].path == tmp_path / "out" / "exports" / "salesforce-lead-r1.csv"
    assert (found.rows, found.decisions, found.new, found.unchanged) == (2, {"MQL": 1, "NURTURE": 1}, 2, 0)


@pytest.mark.parametrize(
    ("name", "key", "decision", "moment"),
    [
        ("hubspot", "Record ID", "salesworthy_decision", "2026-07-01T04:00:00Z"),
        ("dynamics", "leadid", "new_salesworthydecision", "2026-07-01T04:00:00Z"),
        ("salesforce/contact", "Id", "Salesworthy_Decision__c", "2026-07-01T04:00:00.000Z"),
    ],
)
def test_each_crm_has_its_own_key_fields_and_dates(workspace, tmp_path, *, name, key, decision, moment):
    publish(tmp_path / "out", "r1", {"L1": MQL})
    header, row = read(export(workspace(), name))
    assert (header[0], header[1], row[7]) == (key, decision, moment)


def test_the_score_is_a_whole_percent_as_pages_show_it(workspace, tmp_path):
    shares = [0.0, 0.004999, 0.005, 0.015, 0.0151, 0.285, 0.995, 1.0]
    publish(
        tmp_path / "out", "r1", {f"L{number}": {"propensity": each} for number, each in enumerate(shares)} | {"M": {}}
    )
    rows = read(export(workspace(), "hubspot"))[1:]
    assert [f"{row[2]}%" for row in rows[:-1]] == [f"{share:.0%}" for share in shares]
    assert rows[-1][2] == ""


def test_nothing_runs_as_a_formula_and_numbers_stay_numbers(workspace, tmp_path):
    leads = {"=cmd": {**MQL, "next_step": "@SUM(A1)", "owner": "+49"}, "L1": {**NURTURE, "next_step": "a\tb\r\nc"}}
    publish(tmp_path / "out", "r1", leads, [("L1", 1, -0.1, "slight", "=1+1")])
    rows = read(export(workspace(), "hubspot"))[1:]
    assert (rows[0][0], rows[0][2], rows[0][6], rows[0][8]) == ("'=cmd", "43", "'@SUM(A1)", "'+49")
    assert (rows[1][5], rows[1][6]) == ("Against: =1+1.", "a b c")


def test_fields_of_the_workspace_win(workspace, tmp_path):
    settings = (
        '[export.salesforce]\nkey = "Ext_Id__c"\nowners = { na_general = "005xx" }\n'
        'columns = { score = "Lead_Score__c", run_id = "", scored_as_of = "", reasons = "" }\n'
    )
    publish(tmp_path / "out", "r1", {"L1": MQL})
    header, row = read(export(workspace(settings), "salesforce"))
    assert header[:3] == ["Ext_Id__c", "Salesworthy_Decision__c", "Lead_Score__c"]
    assert (len(header), header[-1], row[-1]) == (8, "Salesworthy_Owner__c", "005xx")


def test_a_long_text_is_cut_to_what_the_field_holds(workspace, tmp_path):
    publish(tmp_path / "out", "r1", {"L1": {**MQL, "next_step": "word " * 100}})
    step = read(export(workspace(), "salesforce"))[1][6]
    assert len(step) <= 255
    assert step.endswith("word\u2026")


CHANGES = {
    "decision": {"decision": "NURTURE"},
    "score": {"propensity": 0.43 + 0.0051},
    "fit_grade": {"fit_grade": "B"},
    "interest_grade": {"interest_grade": None},
    "next_step": {"next_step": "Send evidence"},
    "respond_by": {"respond_by": None},
    "owner": {"owner": "na_west"},
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_lead_of_which_something_else_is_said_is_exported_again(workspace, tmp_path, column):
    told = [("L1", 1, 0.1, "slight", "Works as physician"), ("L2", 1, 0.1, "slight", "Works as physician")]
    publish(tmp_path / "out", "r1", {"L1": MQL, "L2": MQL}, told)
    publish(tmp_path / "out", "r2", {"L1": MQL, "L2": MQL | CHANGES[column]}, told)
    found = export(workspace(), "salesforce", changed_since="r1")
    assert [row[0] for row in read(found)[1:]] == ["L2"]
    assert (found.rows, found.new, found.unchanged, found.changed) == (1, 0, 1, {column: 1})


def test_other_reasons_are_a_change_and_a_propensity_that_shows_the_same_is_none(workspace, tmp_path):
    publish(tmp_path / "out", "r1", {"L1": MQL, "L2": MQL}, [("L1", 1, 0.1, "slight", "a")])
    publish(tmp_path / "out", "r2", {"L1": MQL, "L2": {**MQL, "propensity": 0.4299}}, [("L1", 1, 0.2, "clear", "b")])
    found = export(workspace(), "salesforce", changed_since="r1")
    assert [row[0] for row in read(found)[1:]] == ["L1"]
    assert found.changed == {"reasons": 1}


def test_new_leads_and_those_that_are_no_longer_scored(workspace, tmp_path):
    publish(tmp_path / "out", "r1", {"L1": MQL, "L2": MQL, "L0": MQL})
    publish(tmp_path / "out", "r2", {"L1": MQL, "L3": NURTURE})
    found = export(workspace(), "hubspot", changed_since="r1")
    assert [row[0] for row in read(found)[1:]] == ["L3"]
    assert (found.new, found.unchanged, found.no_longer_scored) == (1, 1, 2)
    assert [each.path.name for each in found.files] == [
        "hubspot-contacts-r2-since-r1.csv", "hubspot-contacts-r2-since-r1-no-longer-scored.csv"
    ]  # fmt: skip
    assert found.files[1].path.read_text() == "Record ID\nL0\nL2\n"


def test_a_dry_run_says_the_same_and_writes_nothing(workspace, tmp_path):
    publish(tmp_path / "out", "r1", {"L1": MQL})
    publish(tmp_path / "out", "r2", {"L1": NURTURE, "L2": NURTURE})
    dry = export(workspace(), "salesforce", changed_since="r1", dry_run=True)
    assert not (tmp_path / "out" / "exports").exists()
    done = export(workspace(), "salesforce", changed_since="r1")
    assert dry.as_dict() | {"dry_run": False, "files": None} == done.as_dict() | {"files": None}


def test_the_same_bytes_again_and_elsewhere(workspace, tmp_path):
    for place in ("out", "other"):
        publish(tmp_path / place, "r1", {"L2": MQL, "L1": NURTURE}, [("L1", 1, 0.1, "slight", "a")])
    first = export(workspace(), "salesforce").files[0]
    again = export(workspace(), "salesforce").files[0]
    other = export(workspace(), "salesforce", out=tmp_path / "other").files[0]
    assert first.sha256 == again.sha256 == other.sha256 == hashlib.sha256(other.path.read_bytes()).hexdigest()
    assert [path.name for path in (tmp_path / "out" / "exports").iterdir()] == ["salesforce-lead-r1.csv"]


def test_what_cannot_be_exported(workspace, tmp_path):
    with pytest.raises(UserError, match="nothing was published"):
        export(workspace(), "salesforce")
    publish(tmp_path / "out", "r1", {"L1": MQL})
    with pytest.raises(WrongUsage, match=r"no run 'r2'.*\n.*'r1'"):
        export(workspace(), "salesforce", changed_since="r2")
    with pytest.raises(WrongUsage, match="no run"):
        export(workspace(), "salesforce", changed_since="../runs/r1")
    with pytest.raises(ConfigurationMistakes, match="no field map 'pipedrive'"):
        export(workspace(), "pipedrive")
    publish(tmp_path / "out", "r3", {"L1": MQL}, draft=True)
    with pytest.raises(GateRefused, match="r3 was decided by a policy that is not approved"):
        export(workspace(), "salesforce")
    publish(tmp_path / "out", "r4", {"L1": MQL})
    (tmp_path / "out" / "runs" / "r4" / "scores" / "part-0000.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match="has been changed since"):
        export(workspace(), "salesforce")
