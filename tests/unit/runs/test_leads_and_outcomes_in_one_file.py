"""One file with leads in order and what became of them: no dates, and the answer stands beside the question."""

from __future__ import annotations

import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.runs.check import check, default_moment
from salesworthy.runs.workspace import open_workspace

SETTINGS = """
[tables.leads]
path = "calls.csv"
[tables.leads.columns]
lead_id = "id"
created_at = {created}

[tables.outcomes]
path = "calls.csv"
[tables.outcomes.columns]
lead_id = "id"
disposition = "result"
[tables.outcomes.values.disposition]
yes = "accepted"
no = "rejected"

[label]
undated = "final"

[features]
auto = true
"""


@pytest.fixture
def workspace(tmp_path):
    def write(created):
        rows = [f"C{number},2024-01-{number + 1:02},{number},{'yes' if number % 3 else 'no'}" for number in range(20)]
        (tmp_path / "calls.csv").write_text("id,day,age,result\n" + "\n".join(rows) + "\n")
        (tmp_path / "salesworthy.toml").write_text(SETTINGS.format(created=created))
        return open_workspace(tmp_path, environ={})

    return write


def test_what_the_outcome_is_read_from_is_never_a_feature(workspace):
    loaded = check(workspace('"day"')).loaded
    assert "age" in loaded.catalogue.names
    assert "result" not in loaded.catalogue.names
    assert dict(loaded.left_out)["result"] == "leads.result is what the outcome is read from"


def test_without_a_moment_named_it_is_now(workspace):
    now = parse_moment("2024-06-01")
    assert default_moment(workspace('"day"'), now) == now


def test_where_leads_have_only_an_order_every_step_has_happened(workspace):
    found = workspace('{ order = "serial" }')
    assert default_moment(found, 0) == parse_moment("2000-01-20") + MICROSECONDS_PER_DAY
    assert default_moment(found, parse_moment("2024-06-01")) == parse_moment("2024-06-01")


def test_nor_is_what_the_outcome_table_takes_under_our_own_name(tmp_path):
    rows = [f"C{number},2024-01-{number + 1:02},{number},accepted,2024-03-01" for number in range(20)]
    (tmp_path / "calls.csv").write_text("lead_id,created_at,age,disposition,at\n" + "\n".join(rows) + "\n")
    settings = '[tables.leads]\npath = "calls.csv"\n[tables.outcomes]\npath = "./calls.csv"\n[features]\nauto = true\n'
    (tmp_path / "salesworthy.toml").write_text(settings)
    assert check(open_workspace(tmp_path, environ={})).loaded.catalogue.names == ("lead_age_days", "age")
