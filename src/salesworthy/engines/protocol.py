"""What an engine promises to the layers above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import ibis.expr.types as ir
import pyarrow as pa

Function = Callable[[pa.Table], Mapping[str, pa.Table]]
"""Rows in, tables by name out: the same names and columns whatever the rows. It may run in another process."""


class Engine(Protocol):
    """A place where Ibis expressions run.

    Two engines given the same tables return equal values for the same expression; row order is promised only after an
    explicit ``order_by``.
    """

    def __enter__(self) -> Self:
        """The engine, closed at the end."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        """Parquet files as a table, read when a query needs them."""
        ...

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        """An Arrow table in memory as a table of the engine."""
        ...

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its rows for later queries of this session."""
        ...

    def drop(self, name: str) -> None:
        """Forget a table that was kept; nothing that reads it can be run any more."""
        ...

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return all of its rows."""
        ...

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        """Run an expression and stream its rows, at most so many at a time."""
        ...

    def apply(self, expression: ir.Table, function: Function, *, rows: int) -> Iterator[Mapping[str, pa.Table]]:
        """Run an expression and apply a function to its rows, at most so many at a time, where the rows are.

        What the function gives comes back batch by batch, in the order of the rows where the expression has one.
        Batches without rows are left out.
        """
        ...

    def close(self) -> None:
        """Release memory and temporary files."""
        ...
