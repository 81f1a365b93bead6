"""Look-ups from further files: each row finds at most one match, and no row is multiplied."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from salesworthy.intake.files import Piece
from salesworthy.intake.notes import Notes
from salesworthy.intake.plan import JoinPlan
from salesworthy.intake.values import as_id, without_missing


@dataclass(frozen=True)
class LookUpTable:
    """A joined file in memory: key columns ``key.0``, ``key.1``, ... and what it brings, one row per key."""

    plan: JoinPlan
    rows: pl.DataFrame


def load_look_up(plan: JoinPlan, notes: Notes) -> LookUpTable:
    """Read a joined file. Of rows with the same key the first is kept; rows without a key match nothing."""
    frames = []
    for file in plan.files:
        for piece in file.pieces():
            if isinstance(piece, Piece):
                frames.append(_keyed(without_missing(piece.frame, plan.missing), plan))
            else:
                notes.count("RAGGED_IN_JOIN", plan.shown, len(piece))
    every = pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()
    if not frames:
        every = pl.DataFrame({name: [] for name in (*_key_names(plan), *plan.brings.values())}, strict=False).cast(
            pl.String
        )
    keys = _key_names(plan)
    every = every.drop_nulls(keys)
    rows = every.unique(keys, keep="first", maintain_order=True)
    notes.count("JOIN_REPEATED_KEY", plan.shown, len(every) - len(rows))
    return LookUpTable(plan, rows)


def _key_names(plan: JoinPlan) -> list[str]:
    return [f"key.{number}" for number in range(len(plan.on))]


def _keyed(frame: pl.DataFrame, plan: JoinPlan) -> pl.DataFrame:
    keys = [
        (as_id(frame[theirs]) if theirs in frame.columns else pl.Series([None] * len(frame), dtype=pl.String)).alias(
            name
        )
        for name, theirs in zip(_key_names(plan), plan.on.values(), strict=True)
    ]
    brought = [frame[theirs].alias(ours) for theirs, ours in plan.brings.items() if theirs in frame.columns]
    return pl.DataFrame([*keys, *brought])


def look_up(frame: pl.DataFrame, table: LookUpTable, notes: Notes) -> pl.DataFrame:
    """The frame with what the joined file says of each row; null where nothing matches."""
    names = _key_names(table.plan)
    keys = pl.DataFrame([as_id(frame[ours]).alias(name) for name, ours in zip(names, table.plan.on, strict=True)])
    right = table.rows.with_columns(pl.lit(value=True).alias("found"))
    found = keys.join(right, on=names, how="left", maintain_order="left")
    asked = int(keys.select(pl.all_horizontal(pl.all().is_not_null()).sum()).item())
    notes.count("JOIN_UNMATCHED", table.plan.shown, asked - int(found["found"].sum()))
    return frame.hstack(found.drop([*names, "found"]))
