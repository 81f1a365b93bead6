"""Checking a workspace: undated outcomes, and the report that scripts read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import parse_moment
from salesworthy.runs.check import check, checked_tables
from salesworthy.runs.workspace import open_workspace

SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[label]
undated = "{undated}"
[features]
catalogue = []
auto = true
"""


@pytest.fixture
def workspace(tmp_path):
    def write(undated, outcomes):
        (tmp_path / "leads.csv").write_text(
            "lead_id,created_at,visits\nA,2024-01-01,3\n,2024-01-01,4\nB,2024-01-01,1\n"
        )
        (tmp_path / "outcomes.csv").write_text(outcomes)
        (tmp_path / "salesworthy.toml").write_text(SETTINGS.format(undated=undated))
        return open_workspace(tmp_path, environ={})

    return write


def test_outcomes_without_dates_are_refused_and_both_ways_out_are_named(workspace):
    with pytest.raises(UserError) as error:
        checked_tables(workspace("refuse", "lead_id,disposition\nA,accepted\n"))
    assert error.value.exit_code == 3
    assert "columns.at" in error.value.todo
    assert 'undated = "final"' in error.value.todo


def test_undated_outcomes_can_be_final(workspace):
    assert checked_tables(workspace("final", "lead_id,disposition\nA,accepted\n")).paths.keys() == {"leads", "outcomes"}


def test_the_report(workspace):
    report = check(workspace("refuse", "lead_id,at,disposition\nA,,accepted\nB,2024-01-02,rejected\n")).as_dict()
    leads, outcomes = report["tables"]["leads"], report["tables"]["outcomes"]
    assert (leads["rows_in"], leads["kept"], leads["rejected"], leads["codes"]) == (3, 2, 1, {"MISSING_ID": 1})
    assert outcomes["codes"] == {"UNDATED_OUTCOME": 1}
    assert leads["rejected_file"].endswith("leads.parquet")
    known = {"code", "severity", "says", "table", "column", "count", "todo", "about", "first_seen"}
    assert set(report["findings"][0]) == known
    assert "NO_HANDOFFS" in {finding["code"] for finding in report["findings"]}
    assert report["features"]["usable"] == ["visits"]


DATED = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[features]
catalogue = []
"""
NOW = parse_moment("2024-12-01")


@pytest.fixture
def found(tmp_path):
    def run(outcomes, *, leads="A,2024-01-01\nB,2024-05-01\n", settings=DATED, now=NOW):
        (tmp_path / "leads.csv").write_text(f"lead_id,created_at\n{leads}")
        (tmp_path / "outcomes.csv").write_text(f"lead_id,at,disposition\n{outcomes}")
        (tmp_path / "salesworthy.toml").write_text(settings)
        report = check(open_workspace(tmp_path, environ={}), now=now).as_dict()
        return {finding["code"]: finding for finding in report["findings"]}

    return run


def test_an_export_that_ends_before_windows_closed_is_told(found):
    told = found("A,2024-06-01,accepted\n")["OUTCOMES_END_EARLY"]
    assert told["count"] == 1  # the window of B closed on 30 July
    assert told["todo"].endswith("--as-of 2024-06-01")
    assert "OUTCOMES_END_EARLY" not in found("A,2024-06-01,accepted\n", now=parse_moment("2024-06-10"))
    assert "OUTCOMES_END_EARLY" not in found("A,2024-06-01,accepted\nB,2024-05-02,open\n")
    assert "OUTCOMES_END_EARLY" not in found(
        "A,2024-06-01,accepted\n", settings=DATED + '[label]\nabsent = "exclude"\n'
    )


def test_outcomes_that_are_recorded_only_since_some_day_are_told(found):
    days = [f"{date(2023, 1, 1) + timedelta(days=number)}" for number in range(300)]
    leads = "".join(f"L{number},{day}\n" for number, day in enumerate(days))
    outcomes = [f"L{number},{day},rejected\n" for number, day in enumerate(days)]
    told = found("".join(outcomes[150:]), leads=leads)["OUTCOMES_START_LATE"]
    assert told["count"] == 150
    assert told["todo"].endswith('label.recorded_since = "2023-05-31"')
    said = DATED + '[label]\nrecorded_since = "2023-05-31"\n'
    assert "OUTCOMES_START_LATE" not in found("".join(outcomes[150:]), leads=leads, settings=said)
    assert "OUTCOMES_START_LATE" not in found("".join(outcomes), leads=leads)


def test_moments_in_the_future_are_told(found):
    told = found("A,2025-06-01,accepted\n", leads="A,2024-01-01\nB,2031-01-01\n")
    assert told["IN_THE_FUTURE"]["says"].startswith("outcomes: 1 value(s) of at lie in the future")
    assert "IN_THE_FUTURE" not in found("A,2024-06-01,accepted\n")


def test_an_order_says_nothing_about_today(found):
    order = DATED.replace('path = "leads.csv"', 'path = "leads.csv"\ncolumns.created_at = { order = "serial" }')
    assert not {"IN_THE_FUTURE", "OUTCOMES_END_EARLY"} & set(found("", settings=order, now=0))


def test_outcomes_before_the_handoff_are_told(found):
    told = found("A,2023-06-01,accepted\nB,2024-04-30,open\nB,2024-05-02,rejected\n")["OUTCOMES_BEFORE_HANDOFF"]
    assert told["says"] == "outcomes: 1 row(s) are dated before their lead's first created_at; they settle no handoff"
