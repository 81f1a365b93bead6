"""Rows that are set aside: their codes, and that none is ever lost."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.intake.conftest import at

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.intake.rejection import NEXT_STEPS, Rejection

OUTCOMES = """
[tables.leads]
path = "leads.csv"
[tables.outcomes]
path = "outcomes.csv"
[tables.outcomes.values.disposition]
won = "accepted"
lost = "rejected"
"""


def test_every_code_has_a_sentence_and_a_next_step():
    assert set(NEXT_STEPS) == set(Rejection)
    assert all(code.value.endswith(".") for code in Rejection)


# (lead_id, at, disposition) -> code, or None where the row is kept
ROWS = {
    ("A", "2024-01-01", "won"): None,
    ("A", "2024-01-01", "accepted"): None,
    ("", "2024-01-01", "won"): "MISSING_ID",
    ("A", "2024-01-01", ""): "MISSING_VALUE",
    ("A", "2024-01-01", "Won"): "UNKNOWN_DISPOSITION",
    ("", "soon", "Won"): "MISSING_ID",
    ("A", "soon", "won"): "UNDATED_OUTCOME",
    ("A", "", "lost"): "UNDATED_OUTCOME",
    ("A", "", "open"): None,
}


@pytest.mark.parametrize(("row", "code"), ROWS.items(), ids=str)
def test_one_outcome(check, row, code):
    found = check(OUTCOMES, {"outcomes.csv": f"lead_id,at,disposition\n{','.join(row)}\n"}, refuse_undated=True)
    assert found.tables.rejected.keys() == ({"outcomes"} if code else set())
    assert [each[0] for each in found.rejected("outcomes")] == ([code] if code else [])
    assert found.report("outcomes").rejected == ({code: 1} if code else {})


def test_spellings_that_are_not_listed_are_named_with_their_rows(check):
    rows = "".join(f"A,2024-01-01,{word}\n" for word in ["WON", "won", "gone", "WON", "", "Lost "])
    found = check(OUTCOMES, {"outcomes.csv": f"lead_id,at,disposition\n{rows}"})
    told = found.finding("UNKNOWN_DISPOSITION")
    assert told.says.endswith(
        "4 row(s) were set aside for a disposition that is not listed: 'WON' 2, 'Lost' 1, 'gone' 1"
    )
    assert (told.count, told.todo) == (4, "list the spelling under values.disposition")
    with pytest.raises(DataLimitExceeded, match="For example: 'WON' 3, 'Lost' 1, 'gone' 1"):
        check(OUTCOMES, {"outcomes.csv": f"lead_id,at,disposition\n{rows}A,2024-01-01,WON\n"}, share=0.1)


def test_of_many_unlisted_spellings_the_most_frequent_are_named(check):
    rows = "".join(f"A,2024-01-01,word {number}\n" for number in range(2000)) + "A,2024-01-01,last\n" * 3
    says = check(OUTCOMES, {"outcomes.csv": f"lead_id,at,disposition\n{rows}"}).finding("UNKNOWN_DISPOSITION").says
    assert "2,003 row(s)" in says
    assert says.count("'") == 20
    assert says.endswith(f"others {1993:,}")


def test_undated_outcomes_are_kept_where_they_are_final(check):
    found = check(OUTCOMES, {"outcomes.csv": "lead_id,at,disposition\nA,soon,won\nA,,lost\n"})
    assert found.column("at", "outcomes") == [None, None]
    assert (found.finding("UNREADABLE_MOMENTS").count, found.report("outcomes").kept) == (1, 2)


def test_outcomes_without_any_dates_are_for_the_settings_to_refuse(check):
    found = check(OUTCOMES, {"outcomes.csv": "lead_id,disposition\nA,won\n"}, refuse_undated=True)
    assert found.report("outcomes").kept == 1
    assert not found.tables.schema["outcomes"]["at"].present


def test_the_row_is_kept_as_it_came(check):
    text = "lead_id,created_at,note\n,2024-01-01, ä \nB,?,\nC,2024-01-01,\n"
    found = check(files={"leads.csv": text})
    rows = pl.read_parquet(found.tables.rejected["leads"]).to_dicts()
    assert json.loads(rows[0]["raw"]) == {"lead_id": "", "created_at": "2024-01-01", "note": " ä "}
    assert rows[0]["sentence"] == Rejection.MISSING_ID.value
    assert rows[0]["file"] == "leads.csv"


def test_values_spelled_otherwise(check):
    settings = """
[tables.leads]
path = "leads.csv"
[tables.leads.values]
role = { "Dept Head" = "department_head", "x" = "" }
flag = { "1" = "yes", "0" = "no" }
[tables.content]
path = "content.csv"
[tables.content.values.buying_step]
1 = "awareness"
"""
    found = check(
        settings,
        {
            "leads.csv": "lead_id,created_at,role,flag\n"
            "A,2024-01-01,Dept Head,1\nB,2024-01-01,nurse,0\nC,2024-01-01,x,1\n",
            "content.csv": "content_id,buying_step\nT1,1\nT2,2\nT3,\nT4,contract_setup\n",
        },
    )
    assert found.column("role") == ["department_head", "nurse", None]
    assert found.column("flag") == [True, False, True]
    assert found.column("content_id", "content") == ["T1", "T3", "T4"]
    assert found.rejected("content") == [("UNKNOWN_BUYING_STEP", "buying_step", "content.csv", 3)]


def test_unreadable_optional_values_are_empty_and_counted(check):
    settings = OUTCOMES + '[tables.accounts]\npath = "accounts.csv"\n'
    files = {
        "outcomes.csv": "lead_id,at,disposition,reason_matched,first_contact_at\nA,2024-01-01,won,perhaps,soon\n",
        "accounts.csv": "account_id,beds\nS,many\nT,5\n",
    }
    found = check(settings, files)
    assert found.column("reason_matched", "outcomes") == [None]
    assert found.column("beds", "accounts") == [None, 5.0]
    assert {"UNREADABLE_YES_NO", "UNREADABLE_MOMENTS", "UNREADABLE_NUMBERS"} <= found.codes()
    assert "'many'" in found.finding("UNREADABLE_NUMBERS").says


def test_repeats_of_a_key(check):
    text = "lead_id,created_at,x\nA,2024-01-01,1\nB,2024-01-02,1\nA,2024-01-01,1\nA,2024-01-05,2\nB,2024-01-02,1\n"
    found = check(files={"leads.csv": text})
    assert found.column("lead_id") == ["A", "B"]
    assert found.column("created_at") == [at("2024-01-01"), at("2024-01-02")]
    assert found.rejected() == [
        ("DUPLICATE", "lead_id", "leads.csv", 4),
        ("CONFLICTING_DUPLICATE", "lead_id", "leads.csv", 5),
        ("DUPLICATE", "lead_id", "leads.csv", 6),
    ]
    assert found.finding("CONFLICTING_DUPLICATES").count == 1


def test_repeats_over_sources_are_named_by_their_file(check):
    settings = '[[tables.leads]]\npath = "a.csv"\n[[tables.leads]]\npath = "b.csv"\n'
    row = "lead_id,created_at\nA,2024-01-01\n"
    found = check(settings, {"a.csv": row, "b.csv": f"{row}B,2024-01-01\n"})
    assert found.rejected() == [("DUPLICATE", "lead_id", "b.csv", 2)]
    assert found.column("lead_id") == ["A", "B"]


def test_acts_may_repeat(check):
    settings = '[tables.leads]\npath = "leads.csv"\n[tables.engagements]\npath = "acts.csv"\n'
    found = check(settings, {"acts.csv": "lead_id,occurred_at,kind\nA,2024-01-01,x\nA,2024-01-01,x\n"})
    assert found.report("engagements").kept == 2


def test_ids_written_as_floats(check):
    found = check(files={"leads.csv": "lead_id,created_at\n17850.0,2024-01-01\n00899,2024-01-01\n1.5,2024-01-01\n"})
    assert found.column("lead_id") == ["17850", "00899", "1.5"]
    assert found.finding("WHOLE_FLOAT_IDS").count == 1


def test_too_many_rejected_rows(check, tmp_path):
    text = "lead_id,created_at\nA,2024-01-01\nB,05.03.2024\n,2024-01-01\nD,06.03.2024\n"
    with pytest.raises(DataLimitExceeded) as error:
        check(files={"leads.csv": text}, share=0.7)
    assert error.value.exit_code == 4
    assert "leads: 3 of 4 rows were set aside (UNREADABLE_MOMENT 2, MISSING_ID 1)" in error.value.what
    assert "05.03.2024" in error.value.what
    assert "format" in error.value.todo
    assert pl.read_parquet(tmp_path / "store" / "refused" / "leads.parquet").height == 3
    assert check(files={"leads.csv": text}, share=0.75).report().kept == 1
    with pytest.raises(DataLimitExceeded):
        check(files={"leads.csv": text}, share=0.7)


def test_a_lead_table_without_rows(check):
    with pytest.raises(DataLimitExceeded, match="has no rows"):
        check(files={"leads.csv": "lead_id,created_at\n"})


def test_rows_that_lead_nowhere(check):
    settings = "".join(
        f'[tables.{name}]\npath = "{name}.csv"\n'
        for name in ("leads", "accounts", "engagements", "content", "outcomes")
    )
    files = {
        "leads.csv": "lead_id,created_at,account_id\nA,2024-01-01,S\nB,2024-01-01,X\nC,2024-01-01,\n",
        "accounts.csv": "account_id\nS\n",
        "engagements.csv": "lead_id,occurred_at,kind,content_id\nA,2024-01-02,x,T\nZ,2024-01-02,x,U\nZ,2024-01-03,x,\n",
        "content.csv": "content_id\nT\n",
        "outcomes.csv": "lead_id,at,disposition\nA,2024-01-02,accepted\n",
    }
    found = check(settings, files)
    assert found.finding("UNMATCHED_ACCOUNTS").count == 1
    assert (found.finding("UNMATCHED_LEADS").table, found.finding("UNMATCHED_LEADS").count) == ("engagements", 2)
    assert found.finding("UNMATCHED_CONTENT").count == 1
    assert "NO_HANDOFFS" in found.codes()


MESSY = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", "", " ", "1.0", "01"]),
        st.sampled_from(["2024-01-01", "2024-01-02 10:00", "soon", "", "unknown", "1709640000"]),
        st.sampled_from(["1", "x", "yes", "", "unknown", 'a "quote"', "two\nlines", "a;b,c"]),
        st.sampled_from([0, 0, 0, 0, -1, 1]),
    ),
    max_size=25,
)


def write(rows) -> str:
    """CSV of the rows; some are one value short or long."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["lead_id", "created_at", "x"])
    for *values, length in rows:
        writer.writerow(values[:2] if length < 0 else [*values, *["more"] * length])
    return stream.getvalue()


def plainly(rows):
    """What a person would do with a pencil: kept (id, moment, x), and counts of codes."""
    kept, codes = [], Counter()
    seen = {}
    for lead_id, created_at, x, length in rows:
        lead, moment, note = (None if v.strip() in ("", "unknown") else v.strip() for v in (lead_id, created_at, x))
        lead = "1" if lead == "1.0" else lead
        read = {"1709640000": at("2024-03-05T12:00"), "soon": None}.get(moment) if moment else None
        if moment and moment.startswith("2024"):
            read = at(str(datetime.fromisoformat(moment)))
        row = (lead, read, note)
        if length:
            codes["RAGGED_ROW"] += 1
        elif lead is None:
            codes["MISSING_ID"] += 1
        elif moment is None:
            codes["MISSING_MOMENT"] += 1
        elif read is None:
            codes["UNREADABLE_MOMENT"] += 1
        elif lead in seen:
            codes["DUPLICATE" if seen[lead] == row else "CONFLICTING_DUPLICATE"] += 1
        else:
            seen[lead] = row
            kept.append(row)
    return kept, codes


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=MESSY)
def test_rows_are_conserved_and_equal_the_plain_reference(check, rows):
    kept, codes = plainly(rows)
    settings_text = '[tables.leads]\npath = "leads.csv"\nmissing = ["unknown"]\ndelimiter = ","\n'
    if not kept:
        with pytest.raises(DataLimitExceeded):
            check(settings_text, {"leads.csv": write(rows)})
        return
    found = check(settings_text, {"leads.csv": write(rows)})
    report = found.report()
    assert report.rows_in == len(rows) == report.kept + sum(report.rejected.values())
    assert report.rejected == codes
    assert Counter(row[0] for row in found.rejected()) == codes
    assert list(zip(found.column("lead_id"), found.column("created_at"), strict=True)) == [row[:2] for row in kept]
    if found.kind("x") == "text":
        assert found.column("x") == [row[2] for row in kept]
    numbers = {row[3] for row in found.rejected()}
    assert len(numbers) == len(found.rejected())
    assert numbers <= set(range(2, len(rows) + 2))
