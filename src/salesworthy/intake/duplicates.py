"""Rows with the same key: the first is kept, the others are told apart by whether they say the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from salesworthy.intake.rejection import Rejection
from salesworthy.intake.row_writers import FILE, ROW

FIRST_FILE, FIRST_ROW = "first.file", "first.row"
PLACES = (FILE, ROW, FIRST_FILE, FIRST_ROW)
"""Where a row stands, and where the one stands whose key it repeats."""


def find_duplicates(parts: list[Path], key: tuple[str, ...]) -> pl.DataFrame:
    """Every row but the first of its key: ``salesworthy.file``, ``salesworthy.row``, ``code`` and ``column``.

    Beside them where the first of the key stands: ``first.file`` and ``first.row``.

    Args:
        parts: Kept rows, in their order.
        key: Columns that name a row.
    """
    keys = pl.concat([pl.read_parquet(part, columns=list(key)) for part in parts])
    repeated = keys.filter(keys.is_duplicated()).unique()
    if len(repeated) == 0:
        return _judged(pl.DataFrame(schema=dict.fromkeys(PLACES, pl.Int64) | {"same": pl.Boolean}), key)
    rows = pl.concat([_rows_of(part, repeated, key) for part in parts], how="diagonal")
    values = [name for name in rows.columns if name not in (FILE, ROW)]
    rows = rows.with_columns(pl.struct(values).alias("values"))
    first = pl.col("values").first().over(list(key))
    judged = rows.with_columns(
        (pl.col("values") == first).alias("same"),
        pl.col(FILE).first().over(list(key)).alias(FIRST_FILE),
        pl.col(ROW).first().over(list(key)).alias(FIRST_ROW),
    )
    return _judged(judged.filter(pl.struct(key).is_first_distinct().not_()), key)


def _rows_of(part: Path, repeated: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    rows = pl.read_parquet(part).join(repeated, on=list(key), how="semi", maintain_order="left")
    values = [pl.col(name).cast(pl.String) for name in rows.columns if name not in (FILE, ROW)]
    return rows.with_columns(values)


def _judged(rows: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    code = (
        pl.when("same").then(pl.lit(Rejection.DUPLICATE.name)).otherwise(pl.lit(Rejection.CONFLICTING_DUPLICATE.name))
    )
    return rows.select(*PLACES, code.alias("code"), pl.lit(", ".join(key)).alias("column"))
