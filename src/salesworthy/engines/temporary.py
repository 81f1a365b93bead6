"""An engine whose tables are dropped again: for work that is done piece by piece, so that pieces do not add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.engines.protocol import Engine, Function


class TemporaryTables:
    """The engine underneath, with the tables that are made through this one dropped when it is closed.

    Args:
        engine: Where the work is done; it stays open.

    Example:
        >>> from salesworthy.engines.duckdb import DuckDBEngine
        >>> with DuckDBEngine() as engine:
        ...     with TemporaryTables(engine) as brief:
        ...         _ = brief.from_arrow("t", pa.table({"x": [1]}))
        ...     "t" in engine.backend.list_tables()
        False
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # else the engine itself may be past saying anything
            self.close()

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        """As of the engine underneath."""
        return self._engine.read_parquet(name, paths)

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        """As of the engine underneath, until this one is closed."""
        self._made.append(name)
        return self._engine.from_arrow(name, table)

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """As of the engine underneath, until this one is closed."""
        self._made.append(name)
        return self._engine.materialise(name, expression)

    def drop(self, name: str) -> None:
        """As of the engine underneath."""
        self._engine.drop(name)

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """As of the engine underneath."""
        return self._engine.to_arrow(expression)

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        """As of the engine underneath."""
        return self._engine.batches(expression, rows=rows)

    def apply(self, expression: ir.Table, function: Function, *, rows: int) -> Iterator[Mapping[str, pa.Table]]:
        """As of the engine underneath."""
        return self._engine.apply(expression, function, rows=rows)

    def close(self) -> None:
        """Drop the tables that were made."""
        for name in dict.fromkeys(self._made):
            self._engine.drop(name)
        self._made = []
