"""Column maps: whatever the source calls its columns, and whatever it does not have."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from tests.unit.intake.conftest import at, parquet

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.domain.tables import TABLES, Kind

ACTS = '[tables.leads]\npath = "leads.csv"\n[tables.engagements]\npath = "acts.csv"\n'


def test_own_names_need_no_map(check):
    found = check(files={"leads.csv": "lead_id,created_at,role,size\nA,2024-01-01,nurse,3\n"})
    assert (
        found.rows()[0] | {"lead_id": "A", "created_at": at("2024-01-01"), "role": "nurse", "size": 3.0}
        == found.rows()[0]
    )
    assert not found.tables.schema["leads"]["role"].carried
    assert found.tables.schema["leads"]["size"].carried


def test_every_column_of_the_vocabulary_is_there(check):
    found = check()
    own = [column.name for column in TABLES["leads"].columns]
    assert list(found.rows()[0]) == own
    assert list(found.tables.schema["leads"]) == own
    assert [name for name, facts in found.tables.schema["leads"].items() if facts.present] == ["lead_id", "created_at"]
    assert found.column("role") == [None, None]


def test_types_of_the_kept_file(check):
    import pyarrow.parquet as pq

    text = "account_id,name,beds,created_at,open,opened\nS,Clinic,12,2024-01-01,yes,2020-01-01\n"
    found = check('[tables.leads]\npath = "leads.csv"\n[tables.accounts]\npath = "a.csv"', {"a.csv": text})
    schema = pq.read_schema(found.tables.paths["accounts"])
    assert {name: str(schema.field(name).type) for name in schema.names} == {
        "account_id": "string", "parent_account_id": "string", "name": "string", "facility_type": "string",
        "specialties": "string", "region": "string", "country": "string", "beds": "double", "created_at": "int64",
        "open": "bool", "opened": "int64",
    }  # fmt: skip


def test_names_with_dots_and_blanks(check):
    settings = """
[tables.leads]
path = "leads.csv"
[tables.leads.columns]
lead_id = "Lead Id"
created_at = "emp.var.rate"
"""
    found = check(settings, {"leads.csv": "Lead Id,emp.var.rate,cons.price idx\nA,2024-01-01,1.5\n"})
    assert found.rows()[0] | {"lead_id": "A", "cons.price idx": 1.5} == found.rows()[0]
    assert "emp.var.rate" not in found.rows()[0]


def test_one_source_column_feeds_several(check):
    settings = '[tables.leads]\npath = "l.csv"\ncolumns = {lead_id = "x", account_id = "x", created_at = "t"}'
    row = check(settings, {"l.csv": "x,t\n7,2024-01-01\n"}).rows()[0]
    assert (row["lead_id"], row["account_id"]) == ("7", "7")


def test_constants_of_a_source(check):
    settings = """
[tables.leads]
path = "leads.csv"
source = "web"                # beside a path it is a column
columns.product = { constant = 7 }
[[tables.engagements]]
path = "a.csv"
kind = "webinar"
[[tables.engagements]]
path = "b.csv"
kind = "click"
value = 2.5
"""
    acts = "lead_id,occurred_at\nA,2024-01-01\n"
    found = check(settings, {"a.csv": acts, "b.csv": acts})
    assert found.column("source") == ["web", "web"]
    assert found.column("product") == ["7", "7"]
    assert found.column("kind", "engagements") == ["webinar", "click"]
    assert found.column("value", "engagements") == [None, 2.5]


@pytest.mark.parametrize(
    ("order", "days"),
    [
        ("serial", ["2000-01-01", "2000-01-02", "2000-01-03", "2000-01-04"]),
        ("wave", ["2000-01-02", "2000-01-03", "2000-01-01", "2000-01-02"]),
        ("word", ["2000-01-02", "2000-01-01", "2000-01-02", "2000-01-03"]),
        ("day", ["2000-01-01", "2000-01-03", "2000-01-02", "2000-01-01"]),
    ],
)
def test_an_order_stands_for_dates(check, order, days):
    settings = f'[tables.leads]\npath = "leads.csv"\ncolumns.created_at = {{ order = "{order}" }}'
    text = "lead_id,wave,word,day\nA,9,b,2024-01-01\nB,10,a,2024-03-01\nC,1,b,2024-02-01\nD,9.0,c,2024-01-01\n"
    text = text.replace("9.0", "9")
    found = check(settings, {"leads.csv": text})
    assert found.column("created_at") == [at(day) for day in days]
    assert found.finding("ORDER_NOT_DATES").count == 4
    assert (order in found.tables.schema["leads"]) == (order == "serial" and "serial" in text)


def test_a_column_called_serial_orders_by_its_values(check):
    settings = '[tables.leads]\npath = "leads.csv"\ncolumns.created_at = { order = "serial" }'
    found = check(settings, {"leads.csv": "lead_id,serial\nA,30\nB,\nC,20\n"})
    assert found.column("created_at") == [at("2000-01-02"), at("2000-01-01")]
    assert found.rejected() == [("MISSING_MOMENT", "created_at", "leads.csv", 3)]


def test_the_order_of_rows_goes_on_over_files(check):
    settings = '[tables.leads]\npath = "l-*.csv"\ncolumns.created_at = { order = "serial" }'
    found = check(settings, {"l-1.csv": "lead_id\nA\n", "l-2.csv": "lead_id\nB\n"})
    assert found.column("created_at") == [at("2000-01-01"), at("2000-01-02")]


def test_missing_spellings_in_text_and_parquet(check):
    settings = '[tables.leads]\npath = "l.parquet"\nmissing = ["Select", "-1"]'
    content = parquet(
        lead_id=["A", "B"], created_at=["2024-01-01"] * 2, role=[" Select", " nurse "], size=[-1, 5], rate=[-1.0, 0.5]
    )
    found = check(settings, {"l.parquet": content})
    assert found.column("role") == [None, "nurse"]
    assert found.column("size") == [None, 5.0]
    assert found.column("rate") == [None, 0.5]


def test_parquet_types(check):
    content = parquet(
        lead_id=[17850.0, 17851.0, None],
        created_at=[date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)],
        account_id=[7, 8, 9],
        big=[2**60, 2**60 + 1, 3],
        flag=[True, False, None],
        seen=[datetime(2024, 1, 1), None, None],
        tags=[["a", "b"], [], ["c"]],
        nothing=[None, None, None],
        kind=pl.Series(["x", "y", "x"], dtype=pl.Categorical),
    )
    found = check('[tables.leads]\npath = "l.parquet"', {"l.parquet": content})
    assert found.column("lead_id") == ["17850", "17851"]
    assert found.column("account_id") == ["7", "8"]
    assert found.column("big") == [str(2**60), str(2**60 + 1)]
    assert found.column("flag") == [True, False]
    assert found.column("seen") == [at("2024-01-01"), None]
    assert found.column("tags") == ["a;b", None]
    assert found.column("kind") == ["x", "y"]
    assert found.kind("nothing") == Kind.TEXT
    assert found.rejected() == [("MISSING_ID", "lead_id", "l.parquet", 3)]


# values of a carried column -> what it holds, and its values
CARRIED = {
    ("1", "2.5", "-3e2"): (Kind.NUMBER, [1.0, 2.5, -300.0]),
    ("1", "x"): (Kind.TEXT, ["1", "x"]),
    ("01", "2"): (Kind.TEXT, ["01", "2"]),
    ("0", "0.5"): (Kind.NUMBER, [0.0, 0.5]),
    ("1234567890123456", "1"): (Kind.TEXT, ["1234567890123456", "1"]),
    ("yes", "No", ""): (Kind.YES_NO, [True, False, None]),
    ("true", "f"): (Kind.YES_NO, [True, False]),
    ("0", "1"): (Kind.NUMBER, [0.0, 1.0]),
    ("inf", "1"): (Kind.TEXT, ["inf", "1"]),
    ("nan", "1"): (Kind.TEXT, ["nan", "1"]),
    ("2024-01-01", "2024-01-02 10:00"): (Kind.MOMENT, [at("2024-01-01"), at("2024-01-02T10:00")]),
    ("2024-01-01", "soon"): (Kind.TEXT, ["2024-01-01", "soon"]),
    ("", ""): (Kind.TEXT, [None, None]),
    ("1,5", "2"): (Kind.TEXT, ["1,5", "2"]),
}


@pytest.mark.parametrize(("values", "expected"), CARRIED.items(), ids=str)
def test_carried_columns_are_typed_from_their_values(check, values, expected):
    rows = "".join(f'L{number};2024-01-01;"{value}"\n' for number, value in enumerate(values))
    found = check(files={"leads.csv": f"lead_id;created_at;x\n{rows}"})
    assert (found.kind("x"), found.column("x")) == expected


def test_files_that_differ_in_types_and_columns(check):
    settings = '[tables.leads]\npath = "l*.*"'
    files = {
        "l1.csv": "lead_id,created_at,size,seen,old\nA,2024-01-01,3,2024-01-05,x\n",
        "l2.parquet": parquet(lead_id=[2], created_at=[datetime(2024, 1, 2)], size=["n/a"], seen=[date(2024, 1, 6)]),
    }
    found = check(settings, files | {"leads.csv": "lead_id,created_at\nB,2024-01-03\n"})
    assert found.column("lead_id") == ["A", "2", "B"]
    assert found.column("size") == ["3", "n/a", None]
    assert found.column("seen") == [at("2024-01-05"), at("2024-01-06"), None]
    assert found.column("old") == ["x", None, None]
    assert found.finding("COLUMN_NOT_IN_EVERY_FILE").severity == "info"


def test_a_column_that_has_our_name_but_not_our_place(check):
    settings = '[tables.leads]\npath = "leads.csv"\ncolumns.role = "Job"'
    found = check(settings, {"leads.csv": "lead_id,created_at,role,Job\nA,2024-01-01,x,nurse\n"})
    assert found.rows()[0] | {"role": "nurse", "theirs.role": "x"} == found.rows()[0]
    assert "RENAMED_COLUMN" in found.codes()


def test_columns_whose_names_differ_only_in_case_are_told_apart(check):
    found = check(files={"leads.csv": "lead_id,created_at,LEAD_ID,Score,score,SCORE\nA,2024-01-01,x,1,2,3\n"})
    kept = {name: value for name, value in found.rows()[0].items() if value is not None and name != "created_at"}
    assert kept == {"lead_id": "A", "theirs.LEAD_ID": "x", "Score": 1.0, "score_2": 2.0, "SCORE_3": 3.0}
    assert sorted(each.column for each in found.tables.findings if each.code == "RENAMED_COLUMN") == [
        "SCORE_3",
        "score_2",
        "theirs.LEAD_ID",
    ]


def test_sources_may_spell_a_carried_column_in_different_cases(check):
    settings = '[[tables.leads]]\npath = "leads.csv"\n[[tables.leads]]\npath = "more.csv"\n'
    files = {
        "leads.csv": "lead_id,created_at,Score\nA,2024-01-01,1\n",
        "more.csv": "lead_id,created_at,score\nB,2024-01-01,2\n",
    }
    assert check(settings, files).column("Score") == [1.0, 2.0]


def test_known_at_is_never_before_it_happened(check):
    text = "lead_id,occurred_at,kind,known_at\nA,2024-01-02,x,2024-01-01\nA,2024-01-02,x,\nA,2024-01-02,x,2024-01-03\n"
    found = check(ACTS, {"acts.csv": text})
    assert found.column("known_at", "engagements") == [at("2024-01-02"), at("2024-01-02"), at("2024-01-03")]
    assert found.finding("KNOWN_TOO_EARLY").count == 1


def test_known_at_is_there_without_a_column(check):
    found = check(ACTS, {"acts.csv": "lead_id,occurred_at,kind\nA,2024-01-02,x\n"})
    assert found.column("known_at", "engagements") == [at("2024-01-02")]
    assert found.tables.schema["engagements"]["known_at"].present


def test_all_mistakes_are_told_at_once(check):
    settings = """
[tables.leads]
path = "leads.csv"
[tables.leads.columns]
lead_id = "Id"
created_at = "createdat"
role = "Rolle"
[tables.leads.values.Size]
x = "y"
[tables.engagements]
path = "none.csv"
[tables.outcomes]
path = "leads.csv"
columns.disposition = { constant = "acepted" }
[tables.accounts]
path = "leads.csv"
"""
    with pytest.raises(ConfigurationMistakes) as error:
        check(settings, {"present.csv": "x\n"})
    assert "none.csv" in str(error.value)
    with pytest.raises(ConfigurationMistakes) as error:
        check(settings, {"none.csv": "lead_id,occurred_at\n"})
    told = [(each.where.partition(" ")[0], each.what, each.todo) for each in error.value.mistakes]
    lines = [where for where, _, _ in told]
    assert lines == [f"salesworthy.toml:{line}" for line in (5, 6, 7, 8, 10, 14, 15)]
    assert "did you mean 'created_at'?" in told[1][2]
    assert "did you mean 'accepted'?" in told[5][2]
    assert "needs kind" in told[4][1]
    assert "needs account_id" in told[6][1]


def test_without_leads_there_is_nothing_to_check(check):
    from salesworthy.domain.errors import UserError

    with pytest.raises(UserError, match="there is no lead table"):
        check("[workspace]\n")
