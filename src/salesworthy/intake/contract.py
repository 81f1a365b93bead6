"""The contract of a checked table, from the vocabulary: what every kept row promises to those downstream.

Rows that would break it were set aside before, each with its reason; a breach here is a mistake of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from salesworthy.domain.errors import InternalError
from salesworthy.domain.tables import TABLES, Column, Kind

TYPES = {
    Kind.ID: pl.String,
    Kind.TEXT: pl.String,
    Kind.NUMBER: pl.Float64,
    Kind.YES_NO: pl.Boolean,
    Kind.MOMENT: pl.Int64,
}


def hold(table: str, frame: pl.DataFrame, carried: Mapping[str, Kind] | None = None) -> None:
    """Make sure that rows hold the contract of their table.

    Args:
        table: Name of the table.
        frame: Kept rows.
        carried: What carried columns hold, where that is settled.

    Raises:
        InternalError: When they do not.
    """
    errors = _pandera().errors
    for name, kind in (carried or {}).items():
        if frame.schema[name] != TYPES[kind]:
            raise InternalError(f"{table}.{name} is {frame.schema[name]}, not {kind}")
    try:
        contract(table).validate(frame, lazy=True)
    except (errors.SchemaErrors, errors.SchemaError) as error:
        raise InternalError(f"kept rows of {table} break its contract: {error}") from error


@lru_cache
def contract(table: str) -> Any:
    """The pandera schema of a table; further columns may follow."""
    pa = _pandera().polars
    return pa.DataFrameSchema({column.name: _column(column) for column in TABLES[table].columns}, strict=False)


def _column(column: Column) -> Any:
    pa = _pandera().polars
    checks = [pa.Check.isin([str(word) for word in column.allowed])] if column.allowed else []
    return pa.Column(TYPES[column.kind], checks, nullable=not column.required)


@lru_cache
def _pandera() -> Any:
    """The library, with its modules for polars.

    Where Spark is installed, pandera would import all of it and tie its driver to the loopback address
    (``SPARK_LOCAL_IP``), which keeps a cluster's workers from answering. We check polars frames, so it is not to look.
    """
    looked_for, address = "pyspark.pandas", os.environ.get("SPARK_LOCAL_IP")
    loaded = sys.modules.get(looked_for)
    sys.modules[looked_for] = None  # type: ignore[assignment]  # Python's own sign for "not to be imported"
    try:
        import pandera
        import pandera.errors
        import pandera.polars
    finally:
        if loaded is None:
            del sys.modules[looked_for]
        else:
            sys.modules[looked_for] = loaded
        if address is None:
            os.environ.pop("SPARK_LOCAL_IP", None)
    return pandera
