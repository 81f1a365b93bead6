"""Merging: rows of keys that vanished follow the key that survives; nothing is lost.

A row that moves is known from the moment on which the two entries could be linked, so that no earlier feature changes.
What a twin objected to holds for all: a yes of another entry, given after the objection and before the objector's own
next yes, does not lift it and is set aside.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from salesworthy.intake.row_writers import PartsWriter
from salesworthy.intake.table_finishing import frames

LINEAGE = ("survivor", "partner", "probability", "because", "joined_at")
"""What stands before the columns of a row that was merged away, each with ``merged.`` in front."""
MOVED_AT = {"engagements": "known_at", "consents": "at"}
"""Moment of a row that is moved up to the link."""
_TO, _SINCE, _ROW, _OBJECTS, _AT = "merged.survivor", "merged.since", "merged.row", "merged.objects", "merged.at"


@dataclass(frozen=True)
class Moved:
    """How many rows of a table moved to another key, and how many were merged away."""

    moved: int
    merged: int


def drop_merged(path: Path, away: Path, key: str, merges: pl.DataFrame) -> int:
    """Take the rows of vanished keys out of a table, and write them with their lineage; returns their number.

    Args:
        path: The table; replaced.
        away: Where the rows go.
        key: The column that names a row.
        merges: See ``duplicates_groups.MERGES``.
    """
    away.parent.mkdir(parents=True, exist_ok=True)
    lineage = merges.rename({name: f"merged.{name}" for name in LINEAGE})
    target = path.with_suffix(".merged.parquet")
    with PartsWriter(away) as gone, PartsWriter(target) as kept:
        for frame in frames([path]):
            kept.write(frame.join(merges, left_on=key, right_on="id", how="anti", maintain_order="left"))
            found = lineage.join(frame, left_on="id", right_on=key, how="inner", maintain_order="right")
            if len(found):
                gone.write(found.rename({"id": key}))
    target.replace(path)
    return gone.rows


def follow(path: Path, table: str, column: str, merges: pl.DataFrame) -> Moved:
    """Let the rows of a table follow the keys that survive.

    Args:
        path: The table; replaced.
        table: Its name.
        column: The column that points to a key.
        merges: See ``duplicates_groups.MERGES``.
    """
    links = merges.select(pl.col("id").alias(column), pl.col("survivor").alias(_TO), pl.col("joined_at").alias(_SINCE))
    target, moved = path.with_suffix(".moved.parquet"), 0
    with PartsWriter(target) as writer:
        for frame in frames([path]):
            joined = frame.join(links, on=column, how="left", maintain_order="left")
            moved += int(joined[_TO].is_not_null().sum())
            changes = [pl.coalesce(_TO, column).alias(column)]
            if table in MOVED_AT:
                at = MOVED_AT[table]
                changes.append(pl.max_horizontal(at, _SINCE).alias(at))
            writer.write(joined.with_columns(changes).select(frame.columns))
    target.replace(path)
    return Moved(moved, 0)


def join_consents(path: Path, away: Path, merges: pl.DataFrame, objections: Collection[str]) -> Moved:
    """Let consents follow, where an objection of one entry holds for all of the person.

    Args:
        path: The table; replaced. It is held in memory as far as it is about people with several entries.
        away: Where a yes goes that would have lifted the objection of another entry.
        merges: See ``duplicates_groups.MERGES``.
        objections: States that are objections, in small letters.
    """
    rows = pl.concat(list(frames([path]))).with_row_index(_ROW)
    ours = rows.join(_groups(merges), on="lead_id", how="inner", maintain_order="left")
    ours = ours.with_columns(
        pl.max_horizontal("at", _SINCE).alias("at"),
        pl.col("state").str.to_lowercase().is_in(list(objections)).alias(_OBJECTS),
    )
    lifting = _would_lift(ours)
    own = rows.columns[1:]
    if lifting:
        away.parent.mkdir(parents=True, exist_ok=True)
        because = pl.lit("another entry of the person objects").alias("merged.because")
        with PartsWriter(away) as gone:
            held = ours.filter(pl.col(_ROW).is_in(lifting))
            gone.write(held.select(pl.col(_TO).alias("merged.survivor"), because, *own))
    changed = ours.select(_ROW, _TO, _SINCE, pl.col("at").alias(_AT))
    joined = rows.join(changed, on=_ROW, how="left", maintain_order="left").filter(~pl.col(_ROW).is_in(lifting))
    final = joined.with_columns(pl.coalesce(_TO, "lead_id").alias("lead_id"), pl.coalesce(_AT, "at").alias("at"))
    target = path.with_suffix(".moved.parquet")
    with PartsWriter(target) as writer:
        writer.write(final.select(own))
    target.replace(path)
    return Moved(int(joined[_SINCE].is_not_null().sum()), len(lifting))


def _groups(merges: pl.DataFrame) -> pl.DataFrame:
    """Every entry of a person with several: the one that survives, and since when it is linked to it."""
    vanished = merges.select("id", "survivor", "joined_at")
    survivors = merges.select("survivor").unique().select(
        pl.col("survivor").alias("id"), "survivor", pl.lit(None, pl.Int64).alias("joined_at")
    )  # fmt: skip
    return pl.concat([vanished, survivors]).rename({"id": "lead_id", "survivor": _TO, "joined_at": _SINCE})


def _would_lift(ours: pl.DataFrame) -> list[int]:
    """Rows of a yes that come after an objection of another entry which its own entry has not lifted."""
    sort = [_TO, "channel", "purpose", "content_type"]
    found: list[int] = []
    for _, rows in ours.sort([*sort, "at", _ROW]).group_by(sort, maintain_order=True):
        objecting: set[str] = set()
        for row, lead, objects in rows.select(_ROW, "lead_id", _OBJECTS).iter_rows():
            if objects:
                objecting.add(lead)
                continue
            objecting.discard(lead)
            if objecting:
                found.append(row)
    return found
