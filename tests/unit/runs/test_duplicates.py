"""Duplicates of a workspace: found, joined, told, and parted again when a person says so."""

from __future__ import annotations

import csv

import polars as pl
import pytest
from tests.cases.pipeline import AS_OF, World

from salesworthy.domain.errors import ConfigurationMistakes, UserError, WrongUsage
from salesworthy.intake.duplicates_decisions import FILE
from salesworthy.runs.check import check, checked_tables
from salesworthy.runs.duplicates import decide_pair, list_duplicates, read_review, survivors, write_review
from salesworthy.runs.explain import explain
from salesworthy.runs.workspace import open_workspace

SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.accounts]
path = "accounts.csv"
[tables.engagements]
path = "acts.csv"
[tables.consents]
path = "consents.csv"
[tables.outcomes]
path = "outcomes.csv"
"""
NAMED = '[duplicates.people]\nname = "full_name"\nemail = "mail"\n'
LEADS = """lead_id,created_at,account_id,full_name,mail,role,department
L1,2026-01-01,A1,Robert Huber,r.huber@riverside.org,physician,surgery
L2,2026-02-01,A2,Bob Huber,r.huber@riverside.org,physician,surgery
L3,2026-03-01,A1,Anna Keller,a.keller@riverside.org,nurse,surgery
L4,2026-03-02,A1,Jonas Weber,office@riverside.org,nurse,cardiology
L5,2026-04-01,A3,Anna Keller,,nurse,cardiology
L6,2026-04-02,A1,A. Keler,=1+1@elsewhere.net,engineer,imaging
"""
ACCOUNTS = """account_id,parent_account_id,name,country,beds,domain,facility_type
A1,P1,Riverside 4 General Hospital,DE,200,riverside.org,acute
A2,,"General Hosp. Riverside 4",DE,205,www.riverside.org,acute
A3,A1,Riverside 4 Surgery Centre,DE,20,riverside.org,surgery
P1,,Riverside Health,DE,,riverside.org,system
"""
ACTS = "lead_id,occurred_at,kind\nL2,2026-02-02,form\nL2,2026-01-20,view\nL1,2026-01-05,view\nL3,2026-03-05,view\n"
CONSENTS = "lead_id,at,state,channel\nL1,2026-02-10,objected,mail\nL2,2026-02-20,opt_in,mail\n"
OUTCOMES = "lead_id,at,disposition\nL2,2026-03-01,accepted\n"


@pytest.fixture
def workspace(tmp_path):
    files = {
        "leads.csv": LEADS, "accounts.csv": ACCOUNTS, "acts.csv": ACTS, "consents.csv": CONSENTS,
        "outcomes.csv": OUTCOMES, "salesworthy.toml": SETTINGS + NAMED,
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return open_workspace(tmp_path, environ={})


def column(checked, table, name):
    return pl.read_parquet(checked.paths[table])[name].to_list()


def test_entries_of_one_person_at_one_site_are_joined(workspace):
    checked = checked_tables(workspace)
    assert column(checked, "accounts", "account_id") == ["A1", "A3", "P1"]
    assert column(checked, "leads", "lead_id") == ["L1", "L3", "L4", "L5", "L6"]
    assert column(checked, "leads", "account_id") == ["A1", "A1", "A1", "A3", "A1"]
    for table in ("engagements", "outcomes"):
        assert "L2" not in column(checked, table, "lead_id")
    assert column(checked, "consents", "state") == ["objected"]  # the twin's later yes does not lift it


def test_no_row_is_lost(workspace):
    checked = checked_tables(workspace)
    for report in checked.reports:
        assert report.rows_in == report.kept + sum(report.rejected.values()) + report.suppressed + report.merged
        kept = pl.read_parquet(checked.paths[report.table])
        merged = checked.merged.get(report.table)
        assert (len(kept), 0 if merged is None else len(pl.read_parquet(merged))) == (report.kept, report.merged)
    assert {each.table: each.merged for each in checked.reports if each.merged} == {
        "accounts": 1, "leads": 1, "consents": 1,
    }  # fmt: skip


def test_what_was_done_is_told(workspace):
    report = check(workspace).as_dict()
    codes = {finding["code"] for finding in report["findings"]}
    assert {"DUPLICATES_MERGED", "DUPLICATES_UNCERTAIN", "OBJECTIONS_HOLD"} <= codes
    assert report["tables"]["leads"]["merged"] == 1
    (site, person) = list_duplicates(workspace).merged[::-1]
    assert (person["id"], person["survivor"], person["because"]) == ("L2", "L1", "probability")
    assert (site["id"], site["survivor"]) == ("A2", "A1")
    assert person["joined_at"] == "2026-02-01"


def test_an_act_of_the_second_entry_is_known_once_that_entry_was(workspace):
    checked = checked_tables(workspace)
    acts = pl.read_parquet(checked.paths["engagements"]).select("occurred_at", "known_at").rows()
    day = 86_400_000_000
    assert [(known - occurred) // day for occurred, known in acts] == [0, 12, 0, 0]


def test_the_same_rows_give_the_same_tables(workspace, tmp_path):
    first = checked_tables(workspace)
    before = {path.name: path.read_bytes() for path in first.paths.values()}
    for file in (tmp_path / ".salesworthy" / "checked" / first.fingerprint).rglob("*.parquet"):
        file.unlink()
    again = checked_tables(workspace)
    assert {path.name: path.read_bytes() for path in again.paths.values()} == before


def test_a_rejected_pair_is_parted_and_a_confirmed_one_joined(workspace):
    decide_pair(workspace, "L2", "L1", decision="reject", by="J. Doe", now=0)
    decide_pair(workspace, "L5", "L3", decision="confirm", by="J. Doe", now=0)
    checked = checked_tables(workspace)
    assert column(checked, "leads", "lead_id") == ["L1", "L2", "L3", "L4", "L6"]
    assert list_duplicates(workspace).merged[0]["because"] == "confirmed by J. Doe"
    decide_pair(workspace, "L5", "L3", decision="reject", by="J. Doe", now=1)
    assert column(checked_tables(workspace), "leads", "lead_id") == ["L1", "L2", "L3", "L4", "L5", "L6"]


def test_a_list_is_filled_in_and_read_back(workspace, tmp_path):
    path = tmp_path / "review.csv"
    assert write_review(workspace, path).rows == len(list_duplicates(workspace).uncertain) == 1
    (row,) = csv.DictReader(path.open(encoding="utf-8"))
    assert (row["table"], row["left"], row["right"], row["decision"]) == ("leads", "L3", "L6", "")
    assert "full_name: A. Keler; mail: =1+1@elsewhere.net" in row["right entry"]
    assert read_review(workspace, path, by="J. Doe", now=0) == []
    path.write_text(path.read_text().replace(f"{row['probability']},,", f"{row['probability']},confirm,"))
    (found,) = read_review(workspace, path, by="J. Doe", now=0)
    assert (found.left, found.right, found.decision) == ("L3", "L6", "confirm")
    after = list_duplicates(workspace)
    assert (after.uncertain, len(after.decided)) == ([], 1)


def test_a_list_with_mistakes_changes_nothing(workspace, tmp_path):
    path = tmp_path / "review.csv"
    path.write_text("table,left,right,decision\nleads,L1,L9,confirm\nleads,L1,L3,perhaps\nleads,L1,L3,reject\n")
    with pytest.raises(ConfigurationMistakes) as error:
        read_review(workspace, path, by="J. Doe", now=0)
    assert [each.where for each in error.value.mistakes] == ["review.csv:2", "review.csv:3"]
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("one", "other", "by"), [("L1", "L1", "D"), ("L1", "A1", "D"), ("L1", "L9", "D"), ("L1", "L2", " ")]
)
def test_decisions_about_nothing_or_by_nobody(workspace, one, other, by):
    with pytest.raises(WrongUsage):
        decide_pair(workspace, one, other, decision="confirm", by=by, now=0)


def with_settings(folder, text):
    (folder / "salesworthy.toml").write_text(SETTINGS + text, encoding="utf-8")
    return open_workspace(folder, environ={})


def test_without_columns_that_identify_nothing_is_joined_and_check_says_so(workspace, tmp_path):
    report = check(with_settings(tmp_path, ""))
    assert {each.merged for each in report.checked.reports} == {0}
    (finding,) = [each for each in report.dates if each.code == "DUPLICATES_OFF"]
    assert "full_name" in finding.says


def test_whoever_switches_them_off_is_not_told(workspace, tmp_path):
    report = check(with_settings(tmp_path, "[duplicates]\non = false\n" + NAMED))
    assert {each.merged for each in report.checked.reports} == {0}
    assert "DUPLICATES_OFF" not in {each.code for each in report.dates}


def test_a_column_that_is_not_there_is_a_mistake(workspace, tmp_path):
    with pytest.raises(UserError, match="leads has no column 'fullname'"):
        checked_tables(with_settings(tmp_path, '[duplicates.people]\nname = "fullname"\n'))


@pytest.mark.slow
def test_whoever_asks_for_an_entry_that_was_joined_is_told_the_key_that_survives(tmp_path):
    """Asked for by its own key, an entry is neither unknown nor scored apart from its person."""
    world = World(tmp_path)
    for lead, days, name in (("L1", 100, "Robert Huber"), ("L2", 50, "Bob Huber"), ("L3", 50, "Anna Keller")):
        world.lead(lead, days=days, full_name=name, mail=f"{name[-5:].strip().lower()}@riverside.org")
    settings = world._written().folder / "salesworthy.toml"
    settings.write_text(settings.read_text() + NAMED)
    asked = open_workspace(tmp_path, environ={})
    assert survivors(checked_tables(asked), "leads", ["L3", "L2", "L1"]) == {"L2": "L1"}
    moment = AS_OF.value // 1_000
    with pytest.raises(WrongUsage, match="L2 is a further entry of L1: one person, one key") as error:
        explain(asked, "L2", now=moment, as_of=moment)
    assert error.value.todo.startswith("ask for L1; salesworthy duplicates list --merged")
    with pytest.raises(WrongUsage, match="no lead L9 is known"):
        explain(asked, "L9", now=moment, as_of=moment)
