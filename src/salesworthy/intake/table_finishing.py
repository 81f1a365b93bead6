"""The second pass over a table: duplicates left out, carried columns settled, one file written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from salesworthy.domain.errors import InternalError
from salesworthy.domain.tables import Kind
from salesworthy.intake.carried import settle
from salesworthy.intake.contract import TYPES, hold
from salesworthy.intake.duplicates import FIRST_FILE, FIRST_ROW, find_duplicates
from salesworthy.intake.files import Piece
from salesworthy.intake.plan import SourcePlan
from salesworthy.intake.rejection import Rejection
from salesworthy.intake.row_writers import FILE, ROW, PartsWriter
from salesworthy.intake.table_reading import TableReading, as_came
from salesworthy.intake.values import plain

ROWS = 500_000


def finish(reading: TableReading, kinds: Mapping[str, Kind]) -> int:
    """Write the final file of a table; returns the number of its rows.

    Args:
        reading: The table, read to its end.
        kinds: What each carried column holds.
    """
    staged, target = reading.kept, reading.desk.kept(reading.spec.name)
    if not reading.spec.key and len(staged.paths) == 1 and _is_settled(staged.paths[0], kinds):
        staged.paths[0].rename(target)
        return staged.rows
    drop = _duplicates(reading)
    with PartsWriter(target) as final:
        for frame in frames(staged.paths):
            final.write(_final(reading, frame, drop, kinds))
    for path in staged.paths:
        path.unlink()
    if len(final.paths) != 1:
        raise InternalError(f"{reading.spec.name} was written in {len(final.paths)} files")
    return final.rows


def _is_settled(path: Path, kinds: Mapping[str, Kind]) -> bool:
    schema = pl.read_parquet_schema(path)
    return all(name in schema and schema[name] == TYPES[kind] for name, kind in kinds.items())


def frames(paths: list[Path]) -> Iterator[pl.DataFrame]:
    """The rows of Parquet files, half a million at a time, in their order."""
    from pyarrow import parquet

    for path in paths:
        with parquet.ParquetFile(path) as file:
            if file.metadata.num_rows == 0:
                yield pl.read_parquet(path)
            for batch in file.iter_batches(batch_size=ROWS):
                frame = pl.from_arrow(batch)
                yield plain(frame if isinstance(frame, pl.DataFrame) else frame.to_frame())


def _final(
    reading: TableReading, frame: pl.DataFrame, drop: pl.DataFrame | None, kinds: Mapping[str, Kind]
) -> pl.DataFrame:
    if drop is not None:
        frame = frame.join(drop.select(FILE, ROW), on=[FILE, ROW], how="anti", maintain_order="left")
    lacking = [pl.lit(None, pl.String).alias(name) for name in kinds if name not in frame.columns]
    frame = settle(frame.with_columns(lacking), kinds, reading.desk.timezone)
    frame = frame.select(*(column.name for column in reading.spec.columns), *kinds)
    hold(reading.spec.name, frame, kinds)
    return frame


def _duplicates(reading: TableReading) -> pl.DataFrame | None:
    """Places of the rows that repeat a key, once they are set aside; None where there are none."""
    key = reading.spec.key
    drop = find_duplicates(reading.kept.paths, key) if key else None
    if drop is None or len(drop) == 0:
        return None
    conflicting = int((drop["code"] == Rejection.CONFLICTING_DUPLICATE.name).sum())
    reading.notes.count("CONFLICTING_DUPLICATES", ", ".join(key), conflicting)
    _set_aside(reading, drop)
    return drop


def _set_aside(reading: TableReading, drop: pl.DataFrame) -> None:
    """Read the sources again for the duplicates, so that they are kept as they came."""
    files = [(plan, file) for plan in reading.plans for file in plan.files]
    mended, firsts = reading.desk.mended(reading.spec.name), _Firsts(drop)
    for number, (plan, file) in enumerate(files):
        wanted = drop.filter(pl.col(FILE) == number).rename({ROW: "row"})
        if len(wanted) == 0 and number not in firsts.files and not mended.mended:
            continue
        for piece in mended.pieces(file, plan):
            if isinstance(piece, Piece):
                firsts.see(number, piece, plan)
                places = pl.DataFrame([piece.rows]).with_row_index("place")
                found = places.join(wanted, on="row", how="inner", maintain_order="left")
                faults, raw = found.select("code", "column"), as_came(_at(piece, found["place"]), plan)
                kept = firsts.same(found, raw)
                reading.rejected.write(faults, file=file.name, rows=found["row"], raw=raw, kept=kept)


def _at(piece: Piece, places: pl.Series) -> Piece:
    return replace(piece, rows=piece.rows[places], frame=piece.frame[places], bad=None)


class _Firsts:
    """The rows that are kept of those that share a key, as they came."""

    def __init__(self, drop: pl.DataFrame) -> None:
        self.places = drop.select(pl.col(FIRST_FILE).alias("file"), pl.col(FIRST_ROW).alias("row")).unique()
        self.files = set(self.places["file"])
        self.texts: dict[tuple[int, int], str] = {}

    def see(self, number: int, piece: Piece, plan: SourcePlan) -> None:
        """Remember those of a piece of file ``number``."""
        mine = self.places.filter(pl.col("file") == number)["row"]
        found = piece.filter(piece.rows.is_in(mine.implode()))
        for row, text in zip(found.rows, as_came(found, plan), strict=True):
            self.texts[number, row] = text

    def same(self, found: pl.DataFrame, raw: pl.Series) -> pl.Series:
        """Whether rows came with the same text as the one whose key they repeat."""
        firsts = found.select(FIRST_FILE, FIRST_ROW).iter_rows()
        return pl.Series(
            "kept", [self.texts[first] == text for first, text in zip(firsts, raw, strict=True)], pl.Boolean
        )
