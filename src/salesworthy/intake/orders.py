"""An order that stands for moments that nobody recorded: one day a step from 2000-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, to_micros
from salesworthy.intake.files import Piece
from salesworthy.intake.mended_rows import MendedTable
from salesworthy.intake.moments import LATEST, looks_like_moments, read_moments
from salesworthy.intake.plan import SourcePlan
from salesworthy.intake.values import as_text, without_missing

START = to_micros(datetime(2000, 1, 1, tzinfo=UTC))


@dataclass
class Order:
    """Steps of rows: the dense rank of a column's values, or the place of the row in its source.

    Attributes:
        column: The raw column; None for the order of the rows.
        ranks: Text of each value -> its rank.
    """

    column: str | None
    ranks: pl.DataFrame | None = None
    seen: int = 0

    def micros(self, raw: pl.DataFrame) -> pl.Series:
        """Moments of the next rows; null where the column is empty."""
        if self.column is None or self.ranks is None:
            steps = pl.Series("step", np.arange(self.seen, self.seen + len(raw)), pl.Int64)
            self.seen += len(raw)
        else:
            keys = pl.DataFrame([as_text(raw[self.column]).alias("key")])
            steps = keys.join(self.ranks, on="key", how="left", maintain_order="left")["step"]
        moments = (START + steps * MICROSECONDS_PER_DAY).to_frame("m")
        return moments.select(pl.when(pl.col("m") < LATEST).then("m"))["m"]


def read_orders(plan: SourcePlan, mended: MendedTable) -> dict[str, Order]:
    """Our column -> its order, for the columns of a source that have one.

    Args:
        plan: The source.
        mended: What people put right, as far as the sources before it have been read.
    """
    raw = {name for file in plan.files for name in file.columns}
    orders = {}
    for each in plan.columns:
        if each.origin.order is not None:
            column = each.origin.order if each.origin.order in raw else None
            orders[each.column.name] = Order(column, None if column is None else _ranks(plan, column, mended.fork()))
    return orders


def _ranks(plan: SourcePlan, column: str, mended: MendedTable) -> pl.DataFrame:
    """Dense rank of every value: as numbers, as moments or as text, whichever all of them are."""
    values = pl.Series("key", [], pl.String)
    for file in plan.files:
        for piece in mended.pieces(file, plan):
            if isinstance(piece, Piece) and column in piece.frame.columns:
                found = without_missing(piece.frame.select(column), plan.missing)[column]
                values = values.append(as_text(found).drop_nulls().unique().alias("key")).unique()
    rank = _sortable(values).rank("dense").cast(pl.Int64) - 1
    return pl.DataFrame({"key": values, "step": rank})


def _sortable(values: pl.Series) -> pl.Series:
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.null_count() == 0:
        return numbers
    return read_moments(values, UTC).micros if looks_like_moments(values) else values
