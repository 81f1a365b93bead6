"""Delimited text as people export it: compressions, encodings, delimiters, quotes, ragged rows, repeated headers."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pyarrow as pa
import pytest

from salesworthy.domain.errors import ConfigurationMistakes, UserError
from salesworthy.intake.csv_dialect import detect_delimiter, read_dialect, unique_names

ROWS = "lead_id,created_at,town\nA,2024-01-01,Köln\nB,2024-01-02,Lyon\n"


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leads.csv", ROWS.encode()),
        ("leads.csv.gz", gzip.compress(ROWS.encode())),
        ("leads.csv.gz", gzip.compress(ROWS[:30].encode()) + gzip.compress(ROWS[30:].encode())),
        ("leads.csv.bz2", bz2.compress(ROWS.encode())),
        ("leads.csv.xz", lzma.compress(ROWS.encode())),
        ("leads.csv.zst", zstd(ROWS.encode())),
        ("leads.CSV", ROWS.encode()),
        ("leads.txt", ROWS.encode()),
        ("leads.tsv", ROWS.replace(",", "\t").encode()),
        ("leads.csv", ROWS.replace(",", ";").encode()),
        ("leads.csv", ROWS.replace(",", "|").encode()),
        ("leads.csv", ROWS.replace("\n", "\r\n").encode()),
        ("leads.csv", ROWS.rstrip("\n").encode()),
        ("leads.csv", ROWS.encode("utf-8-sig")),
        ("leads.csv", ROWS.encode("utf-16")),
        ("leads.csv", b"\xfe\xff" + ROWS.encode("utf-16-be")),
        ("leads.csv", ROWS.encode("cp1252")),
        ("leads.csv", ROWS.replace(",", " , ").encode()),
        ("leads.csv", ROWS.replace("Köln", '"Köln"').encode()),
        ("leads.csv", ROWS.replace("\nB", "\n\n\nB").encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_rows_however_they_are_written(check, name, content):
    found = check(f'[tables.leads]\npath = "{name}"', {name: content})
    assert found.column("lead_id") == ["A", "B"]
    assert found.column("town") == ["Köln", "Lyon"]
    assert found.report().rows_in == 2


def test_an_encoding_that_is_not_utf_8_is_told(check):
    assert "cp1252" in check(files={"leads.csv": ROWS.encode("cp1252")}).finding("ENCODING").says
    assert "ENCODING" not in check(files={"leads.csv": ROWS}).codes()


def test_bytes_that_windows_does_not_know_are_latin_1(check):
    found = check(files={"leads.csv": ROWS.encode("cp1252").replace(b"Lyon", b"Ly\x81n")})
    assert found.column("town") == ["Köln", "Ly\x81n"]


def test_the_settings_can_say_how_it_is_written(check):
    settings = '[tables.leads]\npath = "leads.csv"\ndelimiter = ":"\nencoding = "cp437"\n'
    found = check(settings, {"leads.csv": ROWS.replace(",", ":").encode("cp437")})
    assert found.column("town") == ["Köln", "Lyon"]


def test_quotes_hold_delimiters_newlines_and_quotes(check):
    text = 'lead_id,created_at,note\nA,2024-01-01,"one, ""two""\nthree"\nB,2024-01-02,5" pipe\n'
    assert check(files={"leads.csv": text}).column("note") == ['one, "two"\nthree', '5" pipe']


def test_values_are_not_guessed(check):
    text = "lead_id,created_at,zip,phone,code\n00899,2024-01-01,01234,+4915112345,1e5\n1_0,2024-01-02,99999,1,007\n"
    found = check(files={"leads.csv": text})
    assert found.column("lead_id") == ["00899", "1_0"]
    assert found.column("zip") == ["01234", "99999"]
    assert found.column("phone") == ["+4915112345", "1"]
    assert found.column("code") == ["1e5", "007"]


def test_ragged_rows_are_set_aside_with_their_number(check):
    text = "lead_id,created_at\nA,2024-01-01\nB\nC,2024-01-03,x\n\nD,2024-01-04\n,2024-01-05\n"
    found = check(files={"leads.csv": text})
    assert found.column("lead_id") == ["A", "D"]
    assert sorted(found.rejected()) == [
        ("MISSING_ID", "lead_id", "leads.csv", 6),
        ("RAGGED_ROW", "", "leads.csv", 3),
        ("RAGGED_ROW", "", "leads.csv", 4),
    ]
    assert (found.report().rows_in, found.report().kept) == (5, 2)


def test_numbers_of_rows_in_a_long_file(check):
    """Several blocks, ragged rows among them: every bad row is named by its own number."""
    filler = "x" * 2000
    lines = [f"L{number},2024-01-01,{filler}" for number in range(25_000)]
    lines[7] = "ragged"
    lines[9_000] = f",2024-01-01,{filler}"
    lines[15_000] = "ragged,too"
    lines[20_000] = f"L20000,never,{filler}"
    found = check(files={"leads.csv": "\n".join(["lead_id,created_at,note", *lines])})
    assert sorted(found.rejected()) == [
        ("MISSING_ID", "lead_id", "leads.csv", 9_002),
        ("RAGGED_ROW", "", "leads.csv", 9),
        ("RAGGED_ROW", "", "leads.csv", 15_002),
        ("UNREADABLE_MOMENT", "created_at", "leads.csv", 20_002),
    ]
    assert found.report().rows_in == 25_000


def test_repeated_and_empty_header_names(check):
    found = check(files={"leads.csv": "lead_id,created_at,x,x,\nA,2024-01-01,1,2,3\n"})
    assert found.rows()[0] | {"x": 1.0, "x_2": 2.0, "column 5": 3.0} == found.rows()[0]
    assert "'x'" in found.finding("REPEATED_HEADER").says


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["a", "b"], ("a", "b")),
        ([" a ", "a"], ("a", "a_2")),
        (["a", "a", "a_2"], ("a", "a_3", "a_2")),
        (["", ""], ("column 1", "column 2")),
    ],
)
def test_names_are_unique(header, names):
    assert unique_names(header)[0] == names


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1,5\t2;5\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a\n1\n2\n", ","),
        ('a,b\n"x;y;z",2\n"x;y;z",2\n', ","),
        ("a b,c\n", ","),
    ],
)
def test_delimiters(text, delimiter):
    assert detect_delimiter(text) == delimiter


def test_a_header_alone_is_an_empty_table(check):
    settings = '[tables.leads]\npath = "leads.csv"\n[tables.engagements]\npath = "acts.csv"\n'
    found = check(settings, {"acts.csv": "lead_id,occurred_at,kind,score\n"})
    assert found.rows("engagements") == []
    assert found.report("engagements").rows_in == 0
    assert found.finding("NO_ROWS").table == "engagements"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n"])
def test_an_empty_file_is_a_mistake(check, content):
    with pytest.raises(ConfigurationMistakes, match=r"salesworthy.toml:2 .*leads.csv: the file is empty"):
        check(files={"leads.csv": content})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leads.csv.gz", gzip.compress(ROWS.encode() * 1000)[:-20]),
        ("leads.csv.gz", b"no gzip"),
        ("leads.csv.xz", b"no xz"),
        ("leads.csv.bz2", b"no bz2"),
        ("leads.csv.zst", b"no zst"),
        ("leads.parquet", b"no parquet"),
        ("leads.csv", b'lead_id,created_at\nA,"2024-01-01\n' + b"B,2024\n" * 3_000_000),
    ],
)
def test_damaged_files_are_told_by_name(check, name, content):
    with pytest.raises(UserError, match=name.replace(".", r"\.")):
        check(f'[tables.leads]\npath = "{name}"', {name: content})


def test_a_dialect_names_what_it_found(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("a;b\n1;2\n".encode("utf-16"))
    found = read_dialect(path, delimiter=None, encoding=None)
    assert (found.encoding, found.delimiter, found.columns) == ("utf-16", ";", ("a", "b"))
