"""Look-ups from further files."""

from __future__ import annotations

import pytest
from tests.unit.intake.conftest import at, parquet

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.tables import Kind

SETTINGS = """
[tables.leads]
path = "leads.csv"
[tables.leads.columns]
lead_id = "id"
[[tables.leads.join]]
path = "contacts.csv"
on = { contact = "Contact Id" }
columns = { role = "Job Function", created_at = { column = "Made", format = "%d.%m.%Y" } }
"""
LEADS = "id,contact,town\nA,1,x\nB,2,y\nC,,z\nD,9,w\n"
CONTACTS = "Contact Id,Job Function,Made,town,age\n1,nurse,01.02.2024,Bonn,30\n2,buyer,02.02.2024,Kiel,40\n2,x,x,x,1\n"


@pytest.fixture
def joined(check):
    return check(SETTINGS, {"leads.csv": LEADS, "contacts.csv": CONTACTS})


def test_what_is_brought(joined):
    assert joined.column("role") == ["nurse", "buyer"]
    assert joined.column("created_at") == [at("2024-02-01"), at("2024-02-02")]
    assert joined.column("town") == ["x", "y"]
    assert joined.column("contacts.town") == ["Bonn", "Kiel"]
    assert (joined.column("age"), joined.kind("age")) == ([30.0, 40.0], Kind.NUMBER)
    assert "Contact Id" not in joined.rows()[0]


def test_no_row_is_multiplied_and_none_is_lost(joined):
    assert (joined.report().rows_in, joined.report().kept) == (4, 2)
    assert joined.rejected() == [
        ("MISSING_MOMENT", "created_at", "leads.csv", 4),
        ("MISSING_MOMENT", "created_at", "leads.csv", 5),
    ]


def test_what_is_noticed(joined):
    assert joined.finding("JOIN_REPEATED_KEY").count == 1
    assert joined.finding("JOIN_UNMATCHED").count == 1


@pytest.mark.parametrize("on", ['{ lead_id = "k" }', '{ id = "k" }'])
def test_keys_match_by_our_name_and_theirs_whatever_their_types(check, on):
    settings = f"""
[tables.leads]
path = "leads.csv"
columns.lead_id = "id"
join = {{ path = "more.parquet", on = {on} }}
"""
    files = {
        "leads.csv": "id,created_at\n7,2024-01-01\n8.0,2024-01-01\n",
        "more.parquet": parquet(k=[7.0, 8.0], x=[1, 2]),
    }
    found = check(settings, files)
    assert found.column("lead_id") == ["7", "8"]
    assert found.column("x") == [1.0, 2.0]


def test_joins_follow_each_other_and_may_have_two_keys(check):
    settings = """
[tables.leads]
path = "leads.csv"
[[tables.leads.join]]
path = "a.csv"
on = { town = "town" }
[[tables.leads.join]]
path = "b-*.csv"
on = { region = "region", product = "for" }
columns = { use_case = "case" }
"""
    files = {
        "leads.csv": "lead_id,created_at,town,product\nA,2024-01-01,Bonn,p\nB,2024-01-01,Kiel,q\n",
        "a.csv": "town,region\nBonn,W\nKiel,N\n",
        "b-1.csv": "region,for,case\nW,p,one\nW,q,two\n",
        "b-2.csv": "region,for,case\nN,q,three\n",
    }
    assert check(settings, files).column("use_case") == ["one", "three"]


def test_a_joined_file_without_rows(check):
    settings = '[tables.leads]\npath = "leads.csv"\njoin = { path = "a.csv", on = { lead_id = "k" } }\n'
    assert check(settings, {"a.csv": "k,note\n"}).column("note") == [None, None]


def test_mistakes(check):
    settings = """
[tables.leads]
path = "leads.csv"
columns.role = "town"
[[tables.leads.join]]
path = "a.csv"
on = { twn = "town", lead_id = "lead" }
[tables.leads.join.columns]
role = "Job"
use_case = "Cse"
"""
    with pytest.raises(ConfigurationMistakes) as error:
        check(settings, {"leads.csv": "lead_id,created_at,town\nA,2024-01-01,x\n", "a.csv": "town,Job,Case\n"})
    lines = [each.where.partition(" ")[0] for each in error.value.mistakes]
    assert lines == [f"salesworthy.toml:{line}" for line in (7, 7, 9, 10)]
    assert "did you mean 'Case'?" in error.value.mistakes[-1].todo
