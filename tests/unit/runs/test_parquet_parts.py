"""The bytes of a part do not depend on how its rows arrived."""

from __future__ import annotations

import hashlib
import itertools

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.runs.parquet_parts import PartWriter

SCHEMA = pa.schema([("x", pa.int64()), ("text", pa.string())])


def rows(count):
    return pa.table(
        {
            "x": pa.array(range(count), pa.int64()),
            "text": pa.array([f"t{number % 7}" for number in range(count)], pa.string()),
        }
    )


def write(path, table, cuts):
    edges = sorted({0, table.num_rows, *(cut for cut in cuts if cut < table.num_rows)})
    with PartWriter(path, SCHEMA, rows_per_group=10) as part:
        for start, end in itertools.pairwise(edges):
            part.write(table.slice(start, end - start))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 57), cuts=st.lists(st.integers(1, 56), max_size=8))
def test_same_bytes_whatever_the_batches(tmp_path_factory, count, cuts):
    folder = tmp_path_factory.mktemp("parts")
    assert write(folder / "a", rows(count), cuts) == write(folder / "b", rows(count), [])
    assert pq.read_table(folder / "a").equals(rows(count))


CODED = pa.schema([("lead_id", pa.string()), ("word", pa.dictionary(pa.int32(), pa.string())), ("y", pa.float64())])


def coded(words, first=0):
    """Rows that say these words, by a dictionary that begins with one nobody says and holds another one twice."""
    known = ["unsaid", "b", *sorted(set(words)), "b"]
    which = pa.array([len(known) - 1 if each == "b" else known.index(each) for each in words], pa.int32())
    ids = pa.array([f"L{first + number}" for number in range(len(words))], pa.string())
    says = pa.DictionaryArray.from_arrays(which, pa.array(known, pa.string()))
    return pa.table([ids, says, pa.array([1.5] * len(words), pa.float64())], schema=CODED)


@settings(max_examples=40, deadline=None)
@given(words=st.lists(st.sampled_from("abcde"), max_size=37), cuts=st.lists(st.integers(1, 36), max_size=6))
def test_coded_text_gives_the_same_bytes_whatever_the_batches_and_is_read_as_text(tmp_path_factory, words, cuts):
    folder = tmp_path_factory.mktemp("parts")
    for name, edges in (
        ("a", sorted({0, len(words), *(cut for cut in cuts if cut < len(words))})),
        ("b", [0, len(words)]),
    ):
        with PartWriter(folder / name, CODED, rows_per_group=10) as part:
            for start, end in itertools.pairwise(edges):
                part.write(coded(words[start:end], start))
    assert (folder / "a").read_bytes() == (folder / "b").read_bytes()
    found = pq.read_table(folder / "a")
    assert found.schema.types == [pa.string(), pa.string(), pa.float64()]
    assert found["word"].to_pylist() == words


def test_row_groups_have_one_size(tmp_path):
    write(tmp_path / "a", rows(25), [3, 14])
    groups = pq.ParquetFile(tmp_path / "a").metadata
    assert [groups.row_group(index).num_rows for index in range(groups.num_row_groups)] == [10, 10, 5]


def test_a_failing_writer_still_closes_its_file(tmp_path):
    with pytest.raises(pa.ArrowInvalid), PartWriter(tmp_path / "a", SCHEMA) as part:
        part.write(pa.table({"x": ["not a number"], "text": ["t"]}))
    assert (tmp_path / "a").exists()
