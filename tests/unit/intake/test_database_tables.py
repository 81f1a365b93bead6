"""Tables of databases, through Ibis: SQLite and DuckDB here."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from salesworthy.domain.errors import UserError
from salesworthy.intake.settings import Origin

SETTINGS = '[tables.leads]\nsource = "{url}"\ntable = "{table}"\ncolumns.lead_id = "Id"\n'
ROWS = [("00899", "2024-01-02", 3), ("7", "2024-01-01", None)]


@pytest.fixture
def databases(tmp_path):
    with sqlite3.connect(tmp_path / "crm.db") as lite:
        lite.execute('CREATE TABLE leads ("Id" TEXT, created_at TEXT, visits INTEGER)')
        lite.executemany("INSERT INTO leads VALUES (?, ?, ?)", ROWS)
    with duckdb.connect(str(tmp_path / "sales.duckdb")) as duck:
        duck.execute("CREATE SCHEMA crm")
        duck.execute('CREATE TABLE crm.leads ("Id" VARCHAR, created_at TIMESTAMP, visits INTEGER)')
        duck.executemany("INSERT INTO crm.leads VALUES (?, ?, ?)", ROWS)
    return tmp_path


@pytest.mark.parametrize(("url", "table"), [("sqlite://crm.db", "leads"), ("duckdb://sales.duckdb", "crm.leads")])
def test_rows_of_a_database(check, databases, url, table):
    found = check(SETTINGS.format(url=url, table=table))
    assert found.column("lead_id") == ["00899", "7"]
    assert found.column("visits") == [3.0, None]
    assert check(SETTINGS.format(url=url, table=table)) == found


def test_a_changed_table_is_read_again(check, databases):
    settings = SETTINGS.format(url="sqlite://crm.db", table="leads")
    first = check(settings)
    with sqlite3.connect(databases / "crm.db") as lite:
        lite.execute("INSERT INTO leads VALUES ('X', '2024-01-03', 1)")
    again = check(settings)
    assert again.report().rows_in == 3
    assert again.tables.fingerprint != first.tables.fingerprint


def test_the_order_of_rows_in_a_database_does_not_matter(check, databases):
    settings = SETTINGS.format(url="sqlite://crm.db", table="leads")
    first = check(settings)
    with sqlite3.connect(databases / "crm.db") as lite:
        lite.execute("DELETE FROM leads")
        lite.executemany("INSERT INTO leads VALUES (?, ?, ?)", ROWS[::-1])
    assert check(settings) == first


@pytest.mark.parametrize(
    ("url", "table", "says"),
    [
        ("sqlite://crm.db", "laeds", "did you mean 'leads'"),
        ("sqlite://nothing.db", "leads", "there is no file 'nothing.db'"),
        ("duckdb://leads.csv", "leads", "cannot be opened"),
        ("postgres://me:hush@localhost:1/x", "crm.leads", r"ibis-framework\[postgres\]|cannot be opened"),
        ("nonsense://x", "leads", "driver for nonsense"),
    ],
)
def test_mistakes_name_the_next_step_and_never_a_password(check, databases, url, table, says):
    with pytest.raises(UserError, match=says) as error:
        check(SETTINGS.format(url=url, table=table))
    assert "hush" not in str(error.value)


def test_places_are_shown_without_a_password():
    origin = Origin(source="postgresql://me:hu@sh@host/db", table="crm.leads")
    assert origin.shown == "postgresql://host/db crm.leads"


def test_join_with_a_database(check, databases):
    settings = """
[tables.leads]
path = "leads.csv"
[[tables.leads.join]]
source = "sqlite://crm.db"
table = "leads"
on = { lead_id = "Id" }
"""
    found = check(settings, {"leads.csv": "lead_id,created_at\n7,2024-01-01\n00899,2024-01-01\n"})
    assert found.column("visits") == [None, 3.0]
