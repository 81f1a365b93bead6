"""Checking a workspace: undated outcomes, and the report that scripts read."""

from __future__ import annotations

import pytest

from salesworthy.domain.errors import UserError
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
    assert {"code", "severity", "says", "table", "column", "count", "todo"} == set(report["findings"][0])
    assert "NO_HANDOFFS" in {finding["code"] for finding in report["findings"]}
    assert report["features"]["usable"] == ["visits"]
