"""Files that were cut off or whose bits were flipped: told by code, or the rows accounted for; and keys that differ."""

from __future__ import annotations

import bz2
import gzip
import lzma

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from tests.unit.intake.conftest import PLAIN, parquet

from salesworthy.domain.errors import UserError
from salesworthy.intake.file_faults import TODO, FileFault

ROWS = "lead_id,created_at,town\n" + "".join(f"L{n},2024-01-01,Köln {n}\n" for n in range(400))
PARQUET = parquet(lead_id=[f"L{n}" for n in range(400)], created_at=["2024-01-01"] * 400)


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


def test_every_fault_has_a_sentence_and_a_next_step():
    assert set(TODO) == set(FileFault)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leads.csv", b"", "EMPTY_FILE"),
        ("leads.csv.gz", gzip.compress(ROWS.encode())[:-20], "TRUNCATED_FILE"),
        ("leads.csv.bz2", bz2.compress(ROWS.encode())[:-20], "TRUNCATED_FILE"),
        ("leads.csv.xz", lzma.compress(ROWS.encode())[:-20], "TRUNCATED_FILE"),
        ("leads.csv.zst", zstd(ROWS.encode())[:-20], "TRUNCATED_FILE"),
        ("leads.parquet", PARQUET[:-20], "TRUNCATED_FILE"),
        ("leads.csv.gz", gzip.compress(ROWS.encode())[:-6] + b"abcdef", "DAMAGED_FILE"),
        ("leads.csv.gz", b"no gzip", "DAMAGED_FILE"),
        ("leads.parquet", b"no parquet", "DAMAGED_FILE"),
        ("leads.csv", b"lead_id,created_at\x0eA,2024-01-01\nB,2024-01-01\n", "DAMAGED_FILE"),
        ("leads.parquet", PARQUET[:4] + b"\xff" * 60 + PARQUET[64:], "DAMAGED_FILE"),
        ("leads.csv", b'lead_id,created_at\nA,"2024-01-01\nB,2024-01-01\n', "UNCLOSED_QUOTE"),
        ("leads.csv", b'lead_id,created_at\nA,2024-01-01,"x\nB,2024-01-01\n', "UNCLOSED_QUOTE"),
        ("leads.csv", b'lead_id,created_at\n"A,2024-01-01\nB,2024-01-01\n', "UNCLOSED_QUOTE"),
        ("leads.csv", b"lead_id,created_at\nA,2024\n" * 30_000 + b'A,"2024\n' + b"B,2024\n" * 200_000, "U"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_to_its_end_is_told_by_code(check, name, content, code):
    codes = ["UNREADABLE_TEXT", "UNCLOSED_QUOTE"] if code == "U" else [code]
    with pytest.raises(UserError, match="|".join(rf"{FileFault[each].value}.*\[{each}\]" for each in codes)) as error:
        delimited = 'delimiter = ","' if content and name.endswith(".csv") else ""
        check(f'[tables.leads]\npath = "{name}"\n{delimited}', {name: content})
    assert name in f"{error.value.where} {error.value.what}"


def test_a_last_value_of_several_lines_is_a_value(check):
    text = 'lead_id,created_at,note\nA,2024-01-01,"one\ntwo"\n'
    assert check(files={"leads.csv": text}).column("note") == ["one\ntwo"]
    assert check(files={"leads.csv": text.rstrip()}).column("note") == ["one\ntwo"]
    assert check(files={"leads.csv": text.encode("utf-16")}).column("note") == ["one\ntwo"]
    assert check(files={"leads.csv": f"{text}B,2024-01-02\n"}).rejected() == [("RAGGED_ROW", "", "leads.csv", 3)]


def test_a_text_file_that_was_cut_off_loses_nothing_but_its_last_row(check):
    found = check(files={"leads.csv": ROWS[: ROWS.index("L7,") + 6]})
    assert found.column("lead_id") == [f"L{n}" for n in range(7)]
    assert found.rejected() == [("RAGGED_ROW", "", "leads.csv", 9)]


def flipped(content: bytes, seed: int) -> bytes:
    place = int(np.random.default_rng(seed).integers(len(content) * 8))
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


@pytest.mark.parametrize("seed", range(25))
def test_one_flipped_bit_of_a_text_file_is_told_or_accounted_for(check, seed):
    try:
        found = check(files={"leads.csv": flipped(ROWS.encode(), seed)})
    except UserError as error:
        assert "lead_id" in error.message or "created_at" in error.message or error.exit_code == 4
        return
    assert found.report().unaccounted == 0
    assert found.report().kept >= 398
    assert "ENCODING" not in found.codes()


@pytest.mark.parametrize("seed", range(25))
def test_one_flipped_bit_of_a_compressed_file_is_always_told(check, seed):
    packed = gzip.compress(ROWS.encode(), mtime=0)
    body = packed[:10] + flipped(packed[10:], seed)
    with pytest.raises(UserError, match=r"TRUNCATED_FILE|DAMAGED_FILE"):
        check('[tables.leads]\npath = "leads.csv.gz"', {"leads.csv.gz": body})


def test_of_a_utf_8_file_with_flipped_bits_the_rows_that_were_hit_are_set_aside(check):
    damaged = ROWS.encode().replace("Köln 5\n".encode(), b"K\xc3oln 5\n")
    found = check(files={"leads.csv": damaged})
    assert found.rejected() == [("DAMAGED_TEXT", "", "leads.csv", 7)]
    assert found.column("town")[:6] == ["Köln 0", "Köln 1", "Köln 2", "Köln 3", "Köln 4", "Köln 6"]
    assert "K\ufffdoln 5" in pl.read_parquet(found.tables.rejected["leads"])["raw"][0]


def test_a_sign_for_a_lost_letter_that_the_export_itself_holds_is_text(check):
    found = check(files={"leads.csv": ROWS.replace("Köln 5\n", "K\ufffdln 5\n")})
    assert (found.rejected(), found.column("town")[5]) == ([], "K\ufffdln 5")


KEYS = """
[tables.leads]
path = "leads.csv"
[tables.engagements]
path = "acts.csv"
"""
SPELLINGS = {
    "another Unicode form": ("Mu\u0308ller-1", "M\u00fcller-1", {"KEY_FORMS"}),
    "a letter without a width": ("M\u00fcller\u200b-1", "M\u00fcller-1", {"KEY_FORMS"}),
    "a byte order mark": ("\ufeffA-1", "A-1", {"KEY_FORMS"}),
    "blanks around it": ("  A-1 ", "A-1", {"PADDED_KEYS"}),
    "a blank that does not break": ("\u00a0A-1\u3000", "A-1", {"PADDED_KEYS"}),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_keys_in_another_form_are_the_same_key(check, case):
    written, meant, codes = SPELLINGS[case]
    files = {
        "leads.csv": f"x,lead_id,created_at\n1,{meant},2024-01-01\n",
        "acts.csv": f"lead_id,occurred_at,kind\n{written},2024-01-02,view\n",
    }
    found = check(KEYS, files)
    assert found.column("lead_id", "engagements") == [meant]
    assert "UNMATCHED_LEADS" not in found.codes()
    assert {"KEY_FORMS", "PADDED_KEYS"} & found.codes() == codes
    both = check(PLAIN, {"leads.csv": f"x,lead_id,created_at\n1,{meant},2024-01-01\n1,{written},2024-01-01\n"})
    assert [row[0] for row in both.rejected()] == ["DUPLICATE"]


def test_keys_that_differ_in_case_or_inner_blanks_are_told_and_stay_apart(check):
    files = {
        "leads.csv": "lead_id,created_at\nA-1,2024-01-01\na-1,2024-01-01\nB 2,2024-01-01\n",
        "acts.csv": "lead_id,occurred_at,kind\nB2,2024-01-02,view\nb 2,2024-01-02,view\nA-1,2024-01-02,view\n"
        "C,2024-01-02,view\n",
    }
    found = check(KEYS, files)
    assert (found.finding("KEYS_ALIKE").count, found.finding("KEYS_DIFFER").count) == (2, 2)
    assert found.finding("UNMATCHED_LEADS").says.endswith("name a lead_id that leads does not have (75.0%)")
    assert found.column("lead_id") == ["A-1", "a-1", "B 2"]


WIDE = "lead_id,created_at,note,town\n"


def test_rows_inside_a_value_are_told_and_the_row_is_set_aside(check):
    """A closing quotation mark was lost, and the next one is two rows below."""
    text = f'{WIDE}A,2024-01-01,"one\ntwo,X\nB,2024-01-02,,Y\nC,2024-01-03,,Z\nD,2024-01-04,three",Q\nE,2024-01-05,,\n'
    found = check(files={"leads.csv": text})
    assert [row[0] for row in found.rejected()] == ["SWALLOWED_ROWS"]
    assert (found.column("lead_id"), found.finding("SWALLOWED_ROWS").count) == (["E"], 2)


def test_notes_of_several_lines_are_no_rows(check):
    notes = ["Hi John, thanks, see you, bye\nregards, Ann, Köln, 2024", "1, 2, 3\n4 5, 6, 7, 8", "a\nb"]
    rows = "".join(f'L{number},2024-01-01,"{note}",Y\n' for number, note in enumerate(notes))
    found = check(files={"leads.csv": WIDE + rows})
    assert (found.rejected(), found.column("note")) == ([], notes)
