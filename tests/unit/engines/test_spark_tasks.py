"""What Spark's workers write and the driver reads back, without Spark."""

from __future__ import annotations

import os
import subprocess
import sys

import pyarrow as pa
import pytest

from salesworthy.domain.errors import UserError
from salesworthy.engines.memory import mebibytes
from salesworthy.engines.spark_session import remove_leftovers
from salesworthy.engines.spark_tasks import Task, read_results, write_results

ROWS = pa.schema([("a.b", pa.int64()), ("text", pa.string())])


class Carried:
    def __init__(self, function):
        self.value = function


def batch(*numbers):
    return pa.RecordBatch.from_pydict({"c0": list(numbers), "c1": [f"lead {number}" for number in numbers]})


def coded(rows):
    """As reasons come: text held as a dictionary, which differs from batch to batch."""
    return {"numbers": rows.select(["a.b"]), "texts": pa.table({"x": rows["text"].dictionary_encode()})}


def test_results_come_back_batch_by_batch_in_order(tmp_path):
    rows = [batch(1, 2), batch(), batch(3), batch(5, 4, 5)]
    (told,) = Task(Carried(coded), ROWS, str(tmp_path))(iter(rows))
    (told,) = told.to_pylist()
    assert told["batches"] == 3
    found = list(read_results(tmp_path / told["folder"], told["batches"]))
    assert [each["numbers"].to_pydict() for each in found] == [{"a.b": [1, 2]}, {"a.b": [3]}, {"a.b": [5, 4, 5]}]
    assert [each["texts"]["x"].to_pylist() for each in found] == [
        ["lead 1", "lead 2"],
        ["lead 3"],
        ["lead 5", "lead 4", "lead 5"],
    ]
    assert pa.types.is_dictionary(found[0]["texts"]["x"].type)


def test_a_partition_without_rows_tells_nothing(tmp_path):
    assert list(Task(Carried(coded), ROWS, str(tmp_path))(iter([batch()]))) == []
    assert list(tmp_path.iterdir()) == []


def test_tables_without_rows_keep_their_place(tmp_path):
    tables = [pa.table({"x": [1]}), pa.table({"x": pa.array([], pa.int64())}), pa.table({"x": [2]})]
    assert write_results(({"t": table} for table in tables), tmp_path / "p") == 3
    assert [each["t"]["x"].to_pylist() for each in read_results(tmp_path / "p", 3)] == [[1], [], [2]]


@pytest.mark.parametrize(
    ("written", "found"), [("4GiB", 4096), ("4GB", 3814), ("1.5 GiB", 1536), ("512MiB", 512), ("10KB", 1)]
)
def test_memory_limits_in_mebibytes(written, found):
    assert mebibytes(written) == found


def test_a_share_of_the_memory_is_less_than_all_of_it():
    assert 1 < mebibytes("50%") < mebibytes("100%")
    with pytest.raises(UserError, match="no amount of memory"):
        mebibytes("plenty")


def test_scratch_folders_of_dead_processes_are_removed(tmp_path):
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    for name in (f"x-{done.pid}-a", f"x-{os.getpid()}-b", f"y-{done.pid}-c"):
        (tmp_path / name).mkdir()
    remove_leftovers(tmp_path, "x-")
    assert {each.name for each in tmp_path.iterdir()} == {f"x-{os.getpid()}-b", f"y-{done.pid}-c"}
