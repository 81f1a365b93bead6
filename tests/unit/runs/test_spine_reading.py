"""Spines as people bring them: files of any writing, identifiers and moments of any type."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import parse_moment
from salesworthy.runs.features import normal_spine, read_spine, write_features

DAY = parse_moment("2024-01-20")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.csv", b"lead_id,as_of\nA,2024-01-20\n"),
        ("s.csv", "\ufefflead_id;as_of\nA;2024-01-20\n".encode()),
        ("s.csv", "lead_id\tas_of\nA\t2024-01-20\n".encode("utf-16")),
        ("s.csv", "lead_id,as_of,ort\nA,2024-01-20,Köln\n".encode("cp1252")),
        ("s.csv.gz", gzip.compress(b'lead_id ,as_of,note\nA,2024-01-20,"two\nlines"\n')),
    ],
)
def test_text_of_any_writing(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    found = normal_spine(read_spine(tmp_path / name), timezone="UTC")
    assert (found["lead_id"].to_pylist(), found["as_of"].to_pylist()) == (["A"], [DAY])


def test_a_parquet_file_keeps_its_types(tmp_path):
    spine = pa.table({"lead_id": pa.array([7]), "as_of": pa.array([date(2024, 1, 20)])})
    pq.write_table(spine, tmp_path / "s.parquet")
    found = normal_spine(read_spine(tmp_path / "s.parquet"), timezone="UTC")
    assert (found["lead_id"].to_pylist(), found["as_of"].to_pylist()) == (["7"], [DAY])


def test_identifiers_that_are_floats_are_read_as_tables_read_them():
    spine = pa.table({"lead_id": pa.array([17850.0, 2.5, None]), "as_of": pa.array([DAY] * 3)})
    assert normal_spine(spine, timezone="UTC")["lead_id"].to_pylist() == ["17850", "2.5", None]


@pytest.mark.parametrize(
    "moments",
    [
        pa.array(["2024-01-20", ""]),
        pa.array([DAY, None]),
        pa.array([datetime(2024, 1, 20), None]),
        pa.array([datetime(2024, 1, 20, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
    ],
    ids=lambda moments: str(moments.type),
)
def test_every_row_needs_a_moment(moments):
    with pytest.raises(UserError, match=r"1 row\(s\) have no as_of"):
        normal_spine(pa.table({"lead_id": ["A", "B"], "as_of": moments}), timezone="UTC")


def test_names_that_engines_take_for_the_same_are_refused():
    with pytest.raises(UserError, match="the columns as_of, AS_OF, which differ in case at most"):
        normal_spine(pa.table({"lead_id": ["A"], "as_of": [DAY], "AS_OF": [1]}), timezone="UTC")


def test_features_are_not_written_over_a_folder(tmp_path):
    with pytest.raises(WrongUsage, match="this is a folder"):
        write_features(pa.table({"lead_id": ["A"]}), tmp_path)
