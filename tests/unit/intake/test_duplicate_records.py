"""Records of people and sites: one plain form, whatever the spelling."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from salesworthy.intake.duplicates_nicknames import canonical_names
from salesworthy.intake.duplicates_records import PEOPLE, SITES, make_people, make_sites

NAMES = {
    "Anna Adler": ("anna", "adler"),
    "ADLER, Anna": ("anna", "adler"),
    "Prof. Dr. med. Anna-Lena Müller": ("anna", "muller"),
    "B. Adler": ("b", "adler"),
    "Bob O'Neill": ("robert", "oneill"),
    "Bill de la Cruz": ("william", "cruz"),
    "Анна Иванова": ("анна", "иванова"),
    "Cher": (None, "cher"),
    "  ": (None, None),
    None: (None, None),
}
PART = {"name": "name", "email": "mail", "phone": "tel"}
LEAD = {"lead_id": pl.String, "created_at": pl.Int64, "account_id": pl.String, "role": pl.String} | dict.fromkeys(
    ("department", "specialty", "name", "mail", "tel", "given", "family"), pl.String
)
SITE = dict.fromkeys(
    ("account_id", "name", "facility_type", "country", "region", "parent_account_id", "web", "tel", "zip"), pl.String
) | {"created_at": pl.Int64, "beds": pl.Float64}


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def people(connection, folder, rows, columns=PART, nicknames=None):
    path = folder / "leads.parquet"
    rows = [{"lead_id": f"L{number}", "created_at": 0} | row for number, row in enumerate(rows)]
    pl.DataFrame(rows, schema=LEAD).write_parquet(path)
    assert make_people(connection, path, columns, nicknames or {}) == len(rows)
    return connection.table(PEOPLE).pl().to_dicts()


def sites(connection, folder, rows):
    path = folder / "accounts.parquet"
    pl.DataFrame([{"account_id": f"A{n}"} | row for n, row in enumerate(rows)], schema=SITE).write_parquet(path)
    make_sites(connection, path, {"domain": "web", "phone": "tel", "postcode": "zip"})
    return connection.table(SITES).pl().to_dicts()


def test_names(connection, tmp_path):
    found = people(connection, tmp_path, [{"name": name} for name in NAMES])
    assert [(row["first"], row["last"]) for row in found] == list(NAMES.values())


def test_first_and_last_names_of_their_own(connection, tmp_path):
    columns = {"first_name": "given", "last_name": "family"}
    (found,) = people(connection, tmp_path, [{"given": "Liz Mary", "family": "van Dyck"}], columns)
    assert (found["first"], found["last"]) == ("elizabeth", "van dyck")


def test_nicknames_of_the_workspace(connection, tmp_path):
    (found,) = people(connection, tmp_path, [{"name": "Wolle Adler"}], nicknames={"Wolle": "Wolf"})
    assert found["first"] == canonical_names()["wolf"] == "wolfgang"


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (" Anna.Adler+news@Hospital.org ", ("anna.adler@hospital.org", "anna.adler")),
        ("info@hospital.org", (None, None)),
        ("3fa9c0", ("3fa9c0", None)),
        ("", (None, None)),
    ],
)
def test_mail_addresses(connection, tmp_path, mail, expected):
    (found,) = people(connection, tmp_path, [{"mail": mail}])
    assert (found["email"], found["mailbox"]) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [("+49 (0)30 123-4567", "301234567"), ("030 1234567", "301234567"), ("12 34", None)]
)
def test_telephone_numbers(connection, tmp_path, number, expected):
    (found,) = people(connection, tmp_path, [{"tel": number}])
    assert found["phone"] == expected


def test_a_column_that_is_not_there_is_empty(connection, tmp_path):
    (found,) = people(connection, tmp_path, [{"name": "Anna Adler", "mail": "a@b.c"}], {"name": "name"})
    assert (found["email"], found["phone"], found["title"]) == (None, None, None)


def test_sites(connection, tmp_path):
    rows = [
        {"name": "St. Mary's Univ. Hosp. 12", "web": "https://www.St-Mary.org/contact", "zip": "SW1A 1AA"},
        {"name": "12 University Hospital, Saint Marys", "web": "st-mary.org", "zip": "sw1a1aa"},
        {"name": None, "web": None},
    ]
    first, second, nothing = sites(connection, tmp_path, rows)
    assert first["name"] == "saint marys university hospital 12"
    assert first["words"] == second["words"] == "12 hospital marys saint university"
    assert first["numbers"] == second["numbers"] == "12"
    assert first["domain"] == second["domain"] == "st-mary.org"
    assert first["postcode"] == second["postcode"] == "sw1a1aa"
    assert nothing["name"] is None
