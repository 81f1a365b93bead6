"""What ``check`` remembers: since when findings stand, columns that went or came, exports that shrank."""

from __future__ import annotations

import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.runs.check import check
from salesworthy.runs.check_memory import read_memory
from salesworthy.runs.workspace import open_workspace

NOW = parse_moment("2026-03-01")
DAY = MICROSECONDS_PER_DAY
SETTINGS = '[tables.leads]\npath = "leads.csv"\n[features]\ncatalogue = []\n'


@pytest.fixture
def found(tmp_path):
    """Findings by code, of a table with these columns and so many rows, on a day."""

    def run(day=0, *, columns=("role",), rows=10, role="nurse"):
        lines = [
            ",".join([f"L{n}", "2026-01-01", *(role if name == "role" else str(n) for name in columns)])
            for n in range(rows)
        ]
        (tmp_path / "leads.csv").write_text("\n".join([",".join(["lead_id", "created_at", *columns]), *lines]) + "\n")
        (tmp_path / "salesworthy.toml").write_text(SETTINGS)
        report = check(open_workspace(tmp_path, environ={}), now=NOW + day * DAY).as_dict()
        return {each["code"]: each for each in report["findings"]}

    return run


def test_a_finding_keeps_its_first_day_until_it_is_gone(found):
    assert found(0, role="")["EMPTY_COLUMN"]["first_seen"] == "2026-03-01"
    assert found(3, role="")["EMPTY_COLUMN"]["first_seen"] == "2026-03-01"
    assert "EMPTY_COLUMN" not in found(4)
    assert found(5, role="")["EMPTY_COLUMN"]["first_seen"] == "2026-03-06"


def test_columns_that_went_and_came_are_told_for_a_while(found):
    assert not {"COLUMNS_GONE", "COLUMNS_NEW"} & found(0, columns=("role", "beds")).keys()
    told = found(1, columns=("role", "bed_count"))
    assert told["COLUMNS_GONE"]["says"] == "leads: column 'beds' came in earlier checks, and came no more"
    assert told["COLUMNS_NEW"]["says"] == "leads: column 'bed_count' came for the first time"
    assert (told["COLUMNS_GONE"]["severity"], told["COLUMNS_GONE"]["first_seen"][:10]) == ("warn", "2026-03-02")
    later = found(20, columns=("role", "bed_count"))
    assert (later["COLUMNS_GONE"]["first_seen"][:10], "COLUMNS_NEW" in later) == ("2026-03-02", False)
    assert "COLUMNS_GONE" not in found(40, columns=("role", "bed_count"))
    assert "COLUMNS_GONE" not in found(41, columns=("role", "beds", "bed_count"))


def test_an_export_that_shrank_is_told(found):
    assert "ROWS_FEWER" not in found(0, rows=100)
    assert "ROWS_FEWER" not in found(1, rows=85)
    told = found(2, rows=79)["ROWS_FEWER"]
    assert told["says"] == "leads: 79 rows came in; 100 did on 2026-03-01"
    assert "ROWS_FEWER" in found(20, rows=79)
    assert "ROWS_FEWER" not in found(60, rows=79)


def test_a_damaged_memory_is_begun_anew(found, tmp_path):
    found(0)
    path = tmp_path / "checks" / "memory.json"
    assert read_memory(tmp_path).tables["leads"].rows == [[NOW, 10]]
    for damage in ("", "[]", '{"tables": {"leads": 3}}'):
        path.write_text(damage)
        assert "COLUMNS_NEW" not in found(1, columns=("role", "beds"))
