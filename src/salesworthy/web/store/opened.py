"""What an index is made from, opened in an engine: the run's files and the checked tables as tables of SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from salesworthy.web.store.sources import Sources

ROWS = 65_536
"""Rows that are held at once."""
_MEMORY = "1GB"


class Opened:
    """Sources opened in an engine: tables that are not there have no rows."""

    def __init__(self, sources: Sources, engine: duckdb.DuckDBPyConnection) -> None:
        self.sources = sources
        self.engine = engine
        for name, path in sources.tables.items():
            self.view(name, str(path))
        for name in ("scores", "reasons", "verdicts"):
            if (sources.run / name).is_dir():
                self.view(f"run_{name}", f"{sources.run / name}/*.parquet")
        if sources.previous is not None:
            self.view("was_scores", f"{sources.previous / 'scores'}/*.parquet")

    def view(self, name: str, pattern: str) -> None:
        """Make Parquet files a table."""
        self.engine.read_parquet(pattern).create_view(name)

    def columns(self, table: str) -> set[str]:
        """Columns of a table; none where it is not there."""
        found = self.engine.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table])
        return {name for (name,) in found.fetchall()}

    def batches(self, sql: str) -> Iterator[pa.Table]:
        """Rows of a query, some at a time."""
        reader = self.engine.execute(sql).to_arrow_reader(ROWS)
        for batch in reader:
            yield pa.Table.from_batches([batch])


@contextmanager
def engine_at(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that sorts on disk in a folder, with memory that does not grow with the number of leads."""
    config = {"memory_limit": _MEMORY, "threads": 2, "temp_directory": str(work / "spill")}
    with duckdb.connect(config=config) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET enable_progress_bar = false")
        yield engine
