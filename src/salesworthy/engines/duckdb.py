"""DuckDB: the default engine, in memory, spilling to a temporary folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.engines.protocol import Function


class DuckDBEngine:
    """An Ibis backend on an in-memory DuckDB database; see ``Engine`` for what it promises.

    The session's time zone is UTC whatever the machine's is, and nothing is downloaded: extensions are neither
    installed nor loaded by themselves.

    Args:
        memory_limit: Beyond this DuckDB spills to ``temp_directory``, for example ``4GB``.
        threads: Worker threads.
        temp_directory: Where to spill; created where it is not there.

    Example:
        >>> with DuckDBEngine() as engine:
        ...     table = engine.from_arrow("t", pa.table({"x": [1, 2]}))
        ...     engine.to_arrow(table.agg(total=table.x.sum())).to_pylist()
        [{'total': 3}]
    """

    def __init__(self, *, memory_limit: str = "4GB", threads: int = 2, temp_directory: Path | None = None) -> None:
        settings: dict[str, object] = {"memory_limit": memory_limit, "threads": threads}
        if temp_directory is not None:
            temp_directory.mkdir(parents=True, exist_ok=True)  # DuckDB makes the last folder only
            settings["temp_directory"] = str(temp_directory)
        self.backend = ibis.duckdb.connect(**settings)
        for statement in (
            "SET TimeZone = 'UTC'",
            "SET autoinstall_known_extensions = false",
            "SET preserve_insertion_order = false",
        ):
            self.backend.raw_sql(statement)
        # In a notebook without ipywidgets DuckDB has no bar, and refuses to hear of it.
        with contextlib.suppress(duckdb.InvalidInputException):
            self.backend.raw_sql("SET enable_progress_bar = false")

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        """Parquet files as a view, read when a query needs them."""
        files = paths if isinstance(paths, list) else [paths]
        return self.backend.read_parquet([str(file) for file in files], table_name=name)

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        """An Arrow table in memory as a table of the engine, copied."""
        return self.backend.create_table(name, table, overwrite=True)

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its rows for later queries of this session."""
        return self.backend.create_table(name, expression, overwrite=True)

    def materialise_sql(self, name: str, sql: str) -> ir.Table:
        """Run a query that was written before and keep its rows, as ``materialise`` does."""
        self.backend.raw_sql(f'CREATE OR REPLACE TABLE "{name}" AS {sql}')
        return self.backend.table(name)

    def drop(self, name: str) -> None:
        """Forget a table that was kept, with its memory and its part of the spill."""
        self.backend.drop_table(name, force=True)

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return all of its rows."""
        return expression.to_pyarrow()

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        """Run an expression and stream its rows, at most so many at a time."""
        with self.backend.to_pyarrow_batches(expression, chunk_size=rows) as reader:
            yield from reader

    def apply(self, expression: ir.Table, function: Function, *, rows: int) -> Iterator[Mapping[str, pa.Table]]:
        """Run an expression and apply a function to its rows, at most so many at a time, in this process."""
        for batch in self.batches(expression, rows=rows):
            if batch.num_rows:
                yield function(pa.Table.from_batches([batch]))

    def close(self) -> None:
        """Release memory and temporary files."""
        self.backend.disconnect()
