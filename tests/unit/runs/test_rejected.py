"""Rows that are set aside: remembered with their first day, mended in a file, and taken in as if never bad."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from tests.unit.runs.product_files import names

from salesworthy.cli.main import run
from salesworthy.domain.errors import ConfigurationMistakes, DataLimitExceeded, UserError
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.intake.rejected_rows import RejectedRows
from salesworthy.intake.suppression import read_suppression
from salesworthy.runs.check import check, checked_tables
from salesworthy.runs.erase import erase
from salesworthy.runs.erase_rejected import purge_rejected, take_suppressed_away
from salesworthy.runs.erase_removal import write_suppression
from salesworthy.runs.rejected import Replay, export_rejected, record_rejected, rejected_now, replay
from salesworthy.runs.workspace import Workspace, open_workspace

NOW = parse_moment("2026-03-01")
DAY = MICROSECONDS_PER_DAY
SETTINGS = """
[tables.leads]
path = "leads*.csv"
[tables.outcomes]
path = "outcomes.csv"
[tables.outcomes.values.disposition]
won = "accepted"
[features]
catalogue = []
"""
RIGHT = (
    "lead_id,created_at,note\nLEAD-01,2024-01-01,=1+1\nLEAD-02,2024-01-02,x\n"
    "LEAD-03,2024-01-03,Käthe\nLEAD-04,2024-01-04,y\nLEAD-05,2024-01-05,z\n"
)
WRONG = (
    RIGHT.replace("LEAD-02,", ",")
    .replace("LEAD-03,2024-01-03", "LEAD-03,soon")
    .replace("LEAD-04,", "LEAD-01,")
    .replace("LEAD-05,2024-01-05,z", "LEAD-05")
)
RIGHT_OUTCOMES = "lead_id,at,disposition\nLEAD-01,2024-02-01,won\nLEAD-02,2024-02-01,won\n"
WRONG_OUTCOMES = RIGHT_OUTCOMES.replace("LEAD-02,2024-02-01,won", "LEAD-02,2024-02-01,WON")
CODES = {"MISSING_ID", "UNREADABLE_MOMENT", "CONFLICTING_DUPLICATE", "RAGGED_ROW", "UNKNOWN_DISPOSITION"}


def workspace(folder: Path, leads: str = WRONG, outcomes: str = WRONG_OUTCOMES, name: str = "leads.csv") -> Workspace:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("leads*.csv"):
        old.unlink()
    (folder / name).write_text(leads, encoding="utf-8")
    (folder / "outcomes.csv").write_text(outcomes)
    (folder / "salesworthy.toml").write_text(SETTINGS + "[limits]\nmax_rejected_share = 1.0\n")
    return open_workspace(folder, environ={})


@pytest.fixture
def wrong(tmp_path) -> Workspace:
    return workspace(tmp_path / "wrong")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


MENDED = {
    "MISSING_ID": {"lead_id": "LEAD-02"},
    "UNREADABLE_MOMENT": {"created_at": "2024-01-03"},
    "CONFLICTING_DUPLICATE": {"lead_id": "LEAD-04"},
    "RAGGED_ROW": {"lead_id": "LEAD-05", "created_at": "2024-01-05", "note": "z"},
    "UNKNOWN_DISPOSITION": {"disposition": "won"},
}


def mended(given: Workspace, path: Path, cells=MENDED, **how) -> Path:
    """The file of rows that are set aside, with what a person puts right in it."""
    export_rejected(given, path, now=NOW)
    return write(path, [row | cells.get(row["salesworthy.code"], {}) for row in read(path)], **how)


def kept(given: Workspace) -> dict[str, bytes]:
    return {table: path.read_bytes() for table, path in checked_tables(given).paths.items()}


def test_a_row_keeps_its_first_day_whatever_file_it_comes_in(wrong):
    report = check(wrong, now=NOW).as_dict()["rejected_rows"]
    assert (report["ever"], report["now"], report["mended"], report["oldest_since"]) == (5, 5, 0, "2026-03-01")
    first = RejectedRows(wrong.folder).rows()
    later = workspace(wrong.folder, WRONG.replace("LEAD-05\n", "LEAD-06,x,\n"), name="leads-march.csv")
    assert record_rejected(later, checked_tables(later), now=NOW + DAY) == 1
    rows = {row["id"]: row["first_seen"] for row in rejected_now(later, checked_tables(later))}
    assert sorted(rows.values()) == [NOW] * 4 + [NOW + DAY]
    assert len(RejectedRows(wrong.folder).rows()) == 6
    assert RejectedRows(wrong.folder).rows().head(5).equals(first)
    assert record_rejected(later, checked_tables(later), now=NOW + 2 * DAY) == 0


def test_the_record_says_run_code_sentence_and_the_row_as_it_came(wrong):
    checked = check(wrong, now=NOW).checked
    rows = RejectedRows(wrong.folder).rows()
    assert set(rows["code"]) == CODES
    assert set(rows["run"]) == {checked.fingerprint[:16]}
    row = rows.row(by_predicate=pl.col("code") == "UNREADABLE_MOMENT", named=True)
    assert row["raw"] == '{"lead_id":"LEAD-03","created_at":"soon","note":"Käthe"}'
    assert row["sentence"].startswith("A moment that every row needs cannot be read")


def test_mended_rows_make_the_tables_those_of_a_source_that_was_never_bad(wrong, tmp_path):
    right = workspace(tmp_path / "right", RIGHT, RIGHT_OUTCOMES)
    assert kept(wrong) != kept(right)
    file = mended(wrong, tmp_path / "rows.csv")
    assert replay(wrong, file, by="M. Weber", now=NOW + DAY) == Replay(5, 0, {})
    assert kept(wrong) == kept(right)
    report = check(wrong, now=NOW + DAY).as_dict()
    assert (report["rejected_rows"]["now"], report["rejected_rows"]["mended"]) == (0, 5)
    assert report["tables"]["leads"]["mended"] == 4
    said = RejectedRows(wrong.folder).mended()
    assert set(said["by"]) == {"M. Weber"}
    assert len(RejectedRows(wrong.folder).rows()) == 5
    assert replay(wrong, file, by="M. Weber", now=NOW + DAY) == Replay(0, 5, {})


def test_a_spreadsheet_may_have_written_the_file_anew(wrong, tmp_path):
    right = workspace(tmp_path / "right", RIGHT, RIGHT_OUTCOMES)
    file = mended(wrong, tmp_path / "rows.csv", delimiter=";", encoding="cp1252")
    assert replay(wrong, file, by="", now=NOW).taken == 5
    assert kept(wrong) == kept(right)


def test_cells_that_begin_like_formulas_are_guarded_in_the_file_and_come_back_as_they_were(wrong, tmp_path):
    given = workspace(wrong.folder, "lead_id,created_at,note\n,2024-01-01,=1+1\nB,2024-01-02,x\n")
    path = tmp_path / "rows.csv"
    file = mended(given, path, {"MISSING_ID": {"lead_id": "+49"}})
    row = next(row for row in read(file) if row["salesworthy.code"] == "MISSING_ID")
    assert row["note"] == "'=1+1"
    replay(given, file, by="", now=NOW)
    rows = pl.read_parquet(checked_tables(given).paths["leads"])
    assert rows.select("lead_id", "note").rows() == [("+49", "=1+1"), ("B", "x")]


def test_a_mended_row_that_is_still_bad_is_told_and_shown_as_mended(wrong, tmp_path):
    file = mended(wrong, tmp_path / "rows.csv", {"MISSING_ID": {"lead_id": "LEAD-01"}})
    assert replay(wrong, file, by="", now=NOW) == Replay(1, 4, {"CONFLICTING_DUPLICATE": 1})
    export_rejected(wrong, file, now=NOW)
    again = [row for row in read(file) if row["note"] == "x"]
    assert [(row["lead_id"], row["salesworthy.code"]) for row in again] == [("LEAD-01", "CONFLICTING_DUPLICATE")]
    write(file, [again[0] | {"lead_id": "LEAD-02"}])
    assert replay(wrong, file, by="", now=NOW + 1) == Replay(1, 0, {})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"salesworthy.id": "unknown"}, "no row 'unknown' was ever set aside"),
        ({"disposition": "won"}, "a row of leads in leads.csv has no column 'disposition'"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_taken_in(wrong, tmp_path, change, says):
    file = mended(wrong, tmp_path / "rows.csv")
    rows = read(file)
    at = next(number for number, row in enumerate(rows) if row["salesworthy.code"] == "MISSING_ID")
    rows[at] |= change
    before = kept(wrong)
    with pytest.raises(ConfigurationMistakes, match=says):
        replay(wrong, write(file, rows), by="", now=NOW)
    assert kept(wrong) == before
    with pytest.raises(UserError, match=r"no column salesworthy\.id"):
        replay(wrong, write(file, [{"lead_id": "X"}]), by="", now=NOW)
    with pytest.raises(UserError, match="no such file"):
        replay(wrong, tmp_path / "nowhere.csv", by="", now=NOW)


def test_rows_can_be_mended_where_too_many_are_bad_to_go_on(wrong, tmp_path):
    path = wrong.folder / "salesworthy.toml"
    path.write_text(path.read_text().replace("max_rejected_share = 1.0", "max_rejected_share = 0.1"))
    given = open_workspace(wrong.folder, environ={})
    with pytest.raises(DataLimitExceeded):
        check(given, now=NOW)
    assert replay(given, mended(given, tmp_path / "rows.csv"), by="", now=NOW).still == {}
    assert check(given, now=NOW).as_dict()["tables"]["leads"]["kept"] == 5


def test_an_erasure_reaches_the_record(wrong, tmp_path):
    replay(wrong, mended(wrong, tmp_path / "rows.csv"), by="", now=NOW)
    assert any(name.startswith("checks/rejected") for name in names(wrong.folder, "LEAD-03"))
    assert any(name.startswith("checks/mended") for name in names(wrong.folder, "LEAD-02"))
    for lead in ("LEAD-02", "LEAD-03"):
        receipt = erase(wrong, lead, by="C. Brandt", now=NOW)
        assert receipt.complete
        found = receipt.document["found"]["documents"]
        assert any(name.startswith("checks/") for name in found)
        raw = ("leads.csv", "outcomes.csv")
        assert names(wrong.folder, lead, besides=raw) == []
        check(wrong, now=NOW + DAY)
        assert names(wrong.folder, lead, besides=raw) == []
    report = check(wrong, now=NOW).as_dict()["tables"]["leads"]
    assert (report["kept"], report["suppressed"], report["rejected"], report["unaccounted"]) == (3, 2, 0, 0)


def test_a_row_of_which_only_its_mended_cell_named_the_person_stays_out(wrong, tmp_path):
    text = "lead_id,created_at,mail\n,2024-01-01,canary@example.test\nLEAD-07,2024-01-02,b\n"
    given = workspace(wrong.folder, text)
    replay(given, mended(given, tmp_path / "rows.csv", {"MISSING_ID": {"lead_id": "LEAD-09"}}), by="", now=NOW)
    erase(given, "LEAD-09", by="C. Brandt", now=NOW)
    check(given, now=NOW + DAY)
    assert names(given.folder, "canary@example.test", besides=("leads.csv",)) == []


def test_a_person_who_was_erased_meanwhile_is_not_recorded(wrong, tmp_path):
    shutil.copytree(wrong.folder, tmp_path / "copy")
    checked = checked_tables(open_workspace(tmp_path / "copy", environ={}))
    erase(wrong, "LEAD-03", by="C. Brandt", now=NOW)
    assert record_rejected(wrong, checked, now=NOW) == 4
    assert not any(name.startswith("checks") for name in names(wrong.folder, "LEAD-03"))


def test_rows_that_were_met_too_long_ago_go_and_stay_out(wrong, tmp_path):
    """A record that was mended is as old as its lead; the others are as old as the check that met them first."""
    file = mended(wrong, tmp_path / "rows.csv", {"MISSING_ID": {"lead_id": "LEAD-02"}})
    replay(wrong, file, by="", now=NOW)
    record, limits = RejectedRows(wrong.folder), {"leads": NOW + DAY, "outcomes": NOW - DAY}
    past = record.past(limits)
    assert sorted(past["table"]) == ["leads"] * 3
    found = purge_rejected(read_suppression(wrong.folder), wrong, limits, at=NOW + 2 * DAY)
    write_suppression(wrong, found)
    take_suppressed_away(wrong, found)
    assert sorted(record.rows()["table"]) == ["leads", "outcomes"]
    report = check(wrong, now=NOW + 2 * DAY).as_dict()
    assert (report["tables"]["leads"]["suppressed"], report["tables"]["leads"]["rejected"]) == (3, 0)
    assert report["tables"]["leads"]["unaccounted"] == 0
    assert len(record.rows()) == 2
    assert pl.read_parquet(checked_tables(wrong).paths["leads"])["lead_id"].to_list() == ["LEAD-01", "LEAD-02"]


def test_the_commands(wrong, tmp_path, capsys):
    path, folder = tmp_path / "rows.csv", str(wrong.folder)
    assert run(["-w", folder, "check", "--rejected", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"]["rows"] == 5
    write(path, [row | MENDED[row["salesworthy.code"]] for row in read(path)])
    page = tmp_path / "check.html"
    command = ["-w", folder, "check", "--replay", str(path), "--by", "M. Weber", "--report", str(page), "--json"]
    assert run(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["replayed"] == {"taken_in": 5, "unchanged": 0, "still_set_aside": {}}
    assert found["tables"]["leads"]["kept"] == 5
    assert page.read_text().startswith("<!doctype html>")
    assert run(["-w", folder, "check", "--rejected", str(path), "--replay", str(path)]) == 2
