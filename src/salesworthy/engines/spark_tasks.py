"""What Spark's workers do: apply a function to their rows, and write what it gives as Arrow files for the driver.

A task that is tried twice writes twice, under two names; the driver reads those that the task which counted told it of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from salesworthy.engines.protocol import Function

TOLD = pa.schema([("partition", pa.int64()), ("folder", pa.string()), ("batches", pa.int64())])
"""What a task tells the driver: its place among the tasks, and where its results lie."""
TOLD_IN_SPARK = "partition long, folder string, batches long"


class Shared(Protocol):
    """A value that Spark carried to every worker once."""

    @property
    def value(self) -> Function:
        """The value."""
        ...


@dataclass(frozen=True)
class Task:
    """Applies a function to the rows of one partition.

    Attributes:
        function: What to apply.
        schema: Of the rows as the function knows them.
        folder: Where to write, seen by the driver and all workers under the same name.
    """

    function: Shared
    schema: pa.Schema
    folder: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write the results of a partition, and tell where."""
        from pyspark import TaskContext

        context = TaskContext.get()
        place, attempt = (0, 0) if context is None else (context.partitionId(), context.taskAttemptId())
        folder = Path(self.folder) / f"{place}-{attempt}"
        tables = (pa.Table.from_batches([batch]).rename_columns(self.schema.names) for batch in batches)
        count = write_results(
            map(self.function.value, (each.cast(self.schema) for each in tables if each.num_rows)), folder
        )
        if count:
            yield pa.RecordBatch.from_pylist([{"partition": place, "folder": folder.name, "batches": count}], TOLD)

    def _tables(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
        for batch in batches:
            if batch.num_rows:
                yield pa.Table.from_batches([batch]).rename_columns(self.schema.names).cast(self.schema)


def write_results(results: Iterator[Mapping[str, pa.Table]], folder: Path) -> int:
    """Write results one after the other, each table to a file of its own; returns how many there were."""
    writers: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    count = 0
    with ExitStack() as files:
        for result in results:
            count += 1
            for name, table in result.items():
                if name not in writers:
                    folder.mkdir(parents=True, exist_ok=True)
                    path = str(folder / f"{name}.arrow")
                    writers[name] = files.enter_context(pa.ipc.new_stream(path, table.schema, options=packed))
                writers[name].write_batch(_one_batch(table))
    return count


def read_results(folder: Path, count: int) -> Iterator[dict[str, pa.Table]]:
    """What ``write_results`` wrote, result by result."""
    with ExitStack() as files:
        readers = {
            path.stem: files.enter_context(pa.ipc.open_stream(files.enter_context(pa.OSFile(str(path)))))
            for path in sorted(folder.iterdir())
        }
        for _ in range(count):
            yield {name: pa.Table.from_batches([reader.read_next_batch()]) for name, reader in readers.items()}


def rows_alone(rows: pa.Table) -> dict[str, pa.Table]:
    """The function that changes nothing."""
    return {"rows": rows}


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    found = table.combine_chunks().to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], table.schema)
