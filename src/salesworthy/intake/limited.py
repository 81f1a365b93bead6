"""DuckDB for questions about whole tables: within a limit of memory, spilling to a folder, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MEMORY = "1GiB"
"""What intake's questions may take; beyond it they spill."""


@contextmanager
def limited_database(spill: Path | None = None) -> Iterator[Any]:
    """A DuckDB connection in memory, closed at the end.

    Args:
        spill: An existing folder; what does not fit into memory goes below it. The system's place for temporary files
            by default.
    """
    import duckdb

    with TemporaryDirectory(prefix="spill-", dir=spill) as folder:
        config = {"threads": 2, "memory_limit": MEMORY, "temp_directory": folder}
        with duckdb.connect(config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
