"""What an engine promises to the layers above it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa


class Engine(Protocol):
    """A place where Ibis expressions run.

    Two engines given the same tables return equal values for the same expression; row order is promised only after an
    explicit ``order_by``.
    """

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        """Parquet files as a table, read when a query needs them."""
        ...

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        """An Arrow table in memory as a table of the engine."""
        ...

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its rows for later queries of this session."""
        ...

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return all of its rows."""
        ...

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        """Run an expression and stream its rows, at most so many at a time."""
        ...

    def close(self) -> None:
        """Release memory and temporary files."""
        ...
