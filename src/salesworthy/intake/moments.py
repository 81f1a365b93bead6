"""Moments, however they were written: to microseconds since 1970-01-01 00:00 UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np
import polars as pl

from salesworthy.domain.moments import to_micros
from salesworthy.intake.local_times import to_utc

EARLIEST = to_micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = to_micros(datetime(2200, 1, 1, tzinfo=UTC))
_MARGIN = 86_400_000_000
_ISO = (
    r"^(?<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
    r"(?:(?:T|t| +)(?<hours>\d{1,2}:\d{2})(?<seconds>:\d{2})?(?:[.,](?<fraction>\d{1,9}))?)?"
    r" *(?<zone>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
_COMPACT = r"^(?:19|20|21)\d{6}$"
_EPOCHS = ((1e8, 1e10, 1_000_000, 1), (1e11, 1e13, 1_000, 1), (1e14, 1e16, 1, 1), (1e17, 1e19, 1, 1_000))
"""From, below, factor and divisor to microseconds: seconds, milliseconds, microseconds, nanoseconds since 1970."""
Written = str | Sequence[str] | None
"""A way of writing moments, several, or ISO 8601."""
_FAST_DIRECTIVES = frozenset("dmYHMSbBpIjfz%")


@dataclass(frozen=True)
class Moments:
    """Microseconds UTC, null where empty or unreadable; and how many had no zone, or fell on a change of clocks."""

    micros: pl.Series
    without_zone: int
    skipped: int
    repeated: int


@dataclass(frozen=True)
class _Parsed:
    """Local microseconds and, for those that named one, the offset from UTC; both null where unreadable."""

    local: pl.Series
    offset: pl.Series


def read_moments(values: pl.Series, timezone: tzinfo, written: Written = None) -> Moments:
    """Read a column of moments.

    Text is ISO 8601 (a day, or a day and a time, with or without zone), seconds, milliseconds, microseconds or
    nanoseconds since 1970, or what ``written`` says. A time without a zone, and a day, are read in ``timezone``.

    Args:
        values: Text, numbers, dates or timestamps.
        timezone: For times without a zone.
        written: How text is written, as for ``strptime``; of several ways, each value takes the first that reads it.
    """
    parsed = _parse(values, written)
    local = parsed.local.to_frame("local").select(
        pl.when(pl.col("local").is_between(EARLIEST - _MARGIN, LATEST + _MARGIN)).then("local")
    )["local"]
    zoned = parsed.offset.is_not_null()
    bare = (local.is_not_null() & ~zoned).to_numpy()
    micros = (local - parsed.offset).fill_null(0).to_numpy().copy()
    found = to_utc(local.fill_null(0).to_numpy()[bare], timezone)
    micros[bare] = found.micros
    inside = (micros >= EARLIEST) & (micros < LATEST) & local.is_not_null().to_numpy()
    series = (
        pl.Series(values.name, micros, pl.Int64)
        .to_frame("m")
        .select(pl.when(pl.Series(inside)).then(pl.col("m")).alias(values.name))[values.name]
    )
    return Moments(series, int(bare.sum()), int(found.skipped.sum()), int(found.repeated.sum()))


def looks_like_moments(texts: pl.Series) -> bool:
    """Whether every text is a day or a time as ISO 8601 writes it; numbers are not."""
    sample = texts.head(1000)
    return bool(sample.str.contains(_ISO).all()) and _iso(texts).local.null_count() == 0


def _parse(values: pl.Series, written: Written) -> _Parsed:
    kind = values.dtype
    if isinstance(kind, pl.Datetime):
        local = values.dt.cast_time_unit("us").cast(pl.Int64)
        return _Parsed(local, _fixed(local, None if kind.time_zone is None else 0))
    if kind == pl.Date:
        return _bare(values.cast(pl.Datetime("us")).cast(pl.Int64))
    if kind.is_numeric():
        if written is not None:
            return _first_way(values.cast(pl.Int64, strict=False).cast(pl.String), written)
        return _epoch(values)
    texts = values.cast(pl.String)
    return _iso_or_epoch(texts) if written is None else _first_way(texts, written)


def _first_way(texts: pl.Series, written: str | Sequence[str]) -> _Parsed:
    """Each text read in the first way that fits it."""
    first, *others = [written] if isinstance(written, str) else written
    found = _strptime(texts, first)
    for way in others:
        further = _strptime(texts, way)
        offset = pl.select(pl.when(found.local.is_not_null()).then(found.offset).otherwise(further.offset)).to_series()
        found = _Parsed(pl.select(pl.coalesce(found.local, further.local)).to_series(), offset)
    return found


def _fixed(like: pl.Series, offset: int | None) -> pl.Series:
    return pl.Series("offset", [offset], pl.Int64).new_from_index(0, len(like))


def _bare(local: pl.Series) -> _Parsed:
    return _Parsed(local, _fixed(local, None))


def _epoch(values: pl.Series) -> _Parsed:
    number = pl.col("v")
    branches = [
        pl.when(number.is_between(low, high, closed="left")).then(number.cast(pl.Float64) * factor // divisor)
        if values.dtype.is_float()
        else pl.when(number.is_between(int(low), int(high), closed="left")).then(
            number.cast(pl.Int64, strict=False) * factor // divisor
        )
        for low, high, factor, divisor in _EPOCHS
    ]
    frame = values.to_frame("v")
    local = frame.select(pl.coalesce(branches).cast(pl.Int64, strict=False).alias("local"))["local"]
    return _Parsed(local, _fixed(local, 0))


def _iso_or_epoch(texts: pl.Series) -> _Parsed:
    found = _iso(texts)
    left = texts.to_frame("t").select(pl.when(pl.Series(found.local.is_null())).then(pl.col("t")).alias("t"))["t"]
    digits = left.str.contains(r"^\d{9,19}(\.\d+)?$").fill_null(value=False)
    if not digits.any():
        return found
    whole = left.to_frame("t").select(pl.when(pl.Series(digits)).then(pl.col("t")).alias("t"))["t"]
    has_point = bool(whole.str.contains(".", literal=True).any())
    epoch = _epoch(whole.cast(pl.Float64 if has_point else pl.Int64, strict=False))
    offset = pl.select(pl.when(epoch.local.is_not_null()).then(epoch.offset).otherwise(found.offset))
    local = pl.select(pl.coalesce(epoch.local, found.local))
    return _Parsed(local.to_series(), offset.to_series())


def _iso(texts: pl.Series) -> _Parsed:
    local = texts.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us").cast(pl.Int64)
    if local.null_count() != texts.null_count():
        timed = texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us").cast(pl.Int64)
        local = pl.select(pl.coalesce(timed, local)).to_series()
    if local.null_count() == texts.null_count():
        return _bare(local)
    frame = pl.DataFrame({"text": texts, "local": local})
    rest = frame.with_columns(pl.when(pl.col("local").is_null()).then("text").alias("text"))["text"]
    parts = rest.str.extract_groups(_ISO).struct.unnest()
    parts = parts.with_columns(rest.alias("text"))
    clock = pl.coalesce("hours", pl.lit("00:00")) + pl.coalesce("seconds", pl.lit(":00"))
    fraction = pl.coalesce(pl.lit(".") + pl.col("fraction"), pl.lit(""))
    day = pl.col("date").str.replace_all(r"[/.]", "-")
    compact = (
        pl.when(pl.col("text").str.contains(_COMPACT))
        .then("text")
        .str.to_datetime("%Y%m%d", strict=False, time_unit="us")
    )
    spelled = (day + " " + clock + fraction).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    read = parts.select(pl.coalesce(spelled, compact).cast(pl.Int64).alias("local"), _zone_offset().alias("offset"))
    return _Parsed(pl.select(pl.coalesce(local, read["local"])).to_series(), read["offset"])


def _zone_offset() -> pl.Expr:
    zone = pl.col("zone")
    minutes = pl.coalesce(zone.str.extract(r"^[+-]\d{2}:?(\d{2})$").cast(pl.Int64), pl.lit(0))
    hours = zone.str.extract(r"^[+-](\d{2})").cast(pl.Int64)
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    signed = pl.when(hours <= 24).then(sign * (hours * 60 + minutes) * 60_000_000)
    return pl.when(zone.str.contains("^[zZUG]")).then(pl.lit(0)).otherwise(signed).cast(pl.Int64)


def _strptime(texts: pl.Series, written: str) -> _Parsed:
    directives = set(re.findall(r"%(.)", written))
    plain = directives <= _FAST_DIRECTIVES and not ("f" in directives and ".%f" not in written)
    if not plain or not {"d", "m", "Y"} <= (directives | ({"m"} if directives & {"b", "B"} else set())):
        return _strptime_slowly(texts, written)
    read = texts.str.to_datetime(written.replace(".%f", "%.f"), strict=False, time_unit="us")
    local = read.cast(pl.Int64)
    return _Parsed(local, _fixed(local, 0 if "z" in directives else None))


def _strptime_slowly(texts: pl.Series, written: str) -> _Parsed:
    """With Python's own ``strptime``, once per different text."""
    unique = texts.unique().drop_nulls().sort()
    found = [_python_strptime(text, written) for text in unique.to_list()]
    table = pl.DataFrame(
        {"t": unique, "local": [each[0] for each in found], "offset": [each[1] for each in found]},
        schema={"t": pl.String, "local": pl.Int64, "offset": pl.Int64},
    )
    joined = texts.to_frame("t").join(table, on="t", how="left", maintain_order="left")
    return _Parsed(joined["local"], joined["offset"])


def _python_strptime(text: str, written: str) -> tuple[int | None, int | None]:
    try:
        moment = datetime.strptime(text, written)
    except ValueError:
        return None, None
    offset = moment.utcoffset()
    local = to_micros(moment.replace(tzinfo=UTC))
    return local, None if offset is None else round(offset.total_seconds()) * 1_000_000


def as_iso(micros: pl.Series) -> pl.Series:
    """Moments as text."""
    return micros.cast(pl.Datetime("us", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")


def empty_micros(rows: int) -> pl.Series:
    """A column of moments that are all empty."""
    return pl.Series("moment", np.zeros(rows, np.int64)).set(pl.Series(np.ones(rows, np.bool_)), None)
