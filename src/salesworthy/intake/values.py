"""Values as they stand in a file, as what a column holds: text, identifiers, numbers, yes and no."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

YES = ("yes", "y", "true", "t", "1", "1.0")
NO = ("no", "n", "false", "f", "0", "0.0")
YES_NO_WORDS = ("yes", "y", "true", "t", "no", "n", "false", "f")
NUMBER = r"^-?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$"
CODE = r"^-?0\d"
"""Digits that are a code and not a number: the leading zero would be lost."""
INVISIBLE = "[\u200b\u200c\u200d\u2060\ufeff\u00ad]"
"""Letters without a width, which come along when people copy from pages."""
EXACT = 2**53
"""Whole numbers beyond this do not survive as float64."""


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of text, numbers, yes and no, days and timestamps only; anything else becomes text."""
    return frame.with_columns(_plain(name, dtype) for name, dtype in frame.schema.items())


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:  # noqa: PLR0911
    column = pl.col(name)
    if dtype in (pl.String, pl.Boolean, pl.Date) or isinstance(dtype, pl.Datetime):
        return column
    if dtype.is_integer():
        return column.cast(pl.String if dtype in (pl.UInt64, pl.Int128) else pl.Int64)
    if dtype.is_numeric():
        return column.cast(pl.Float64)
    if isinstance(dtype, pl.List | pl.Array):
        return column.cast(pl.List(pl.String)).list.join(";")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    if dtype == pl.Binary:
        return column.cast(pl.String, strict=False)
    if dtype == pl.Duration:
        return column.dt.total_seconds().cast(pl.Float64)
    return column.cast(pl.String)


def without_missing(frame: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Blanks around text are cut off; empty text and the spellings of "not known" become null, numbers too.

    Args:
        frame: Plain values.
        missing: Spellings of "not known".
    """
    words = sorted({"", *(each.strip() for each in missing)})
    numbers = [number for number in map(_number_or_none, words) if number is not None]
    changes: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.String:
            text = column.str.strip_chars()
            changes.append(pl.when(text.is_in(words).not_()).then(text).alias(name))
        elif dtype.is_numeric() and numbers:
            changes.append(pl.when(column.cast(pl.Float64).is_in(numbers).not_()).then(column).alias(name))
    return frame.with_columns(changes)


def _number_or_none(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def as_text(values: pl.Series) -> pl.Series:
    """Text; a float that holds a whole number loses its ``.0``."""
    dtype = values.dtype
    if dtype == pl.String:
        return values
    if isinstance(dtype, pl.Datetime):
        return values.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    if not dtype.is_float():
        return values.cast(pl.String)
    column = pl.col("v")
    whole = column.is_finite() & (column == column.floor()) & (column.abs() < EXACT)
    text = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    return values.to_frame("v").select(pl.when(column.is_not_nan()).then(text).alias(values.name))[values.name]


def as_id(values: pl.Series) -> pl.Series:
    """An identifier: text in its one Unicode form; ``17850.0`` is what another export wrote as ``17850``."""
    text = key_form(as_text(values))
    return text.str.replace(r"^([0-9]+)\.0+$", "$1") if values.dtype == pl.String else text


def key_form(texts: pl.Series) -> pl.Series:
    """Identifiers in one Unicode form (NFC), without letters that nobody sees and blanks around them.

    Case stays: there are systems in which ids differ by nothing else.
    """
    if texts.dtype != pl.String or bool((texts.str.len_bytes() == texts.str.len_chars()).all()):
        return texts
    return texts.str.normalize("NFC").str.replace_all(INVISIBLE, "").str.strip_chars()


def as_number(values: pl.Series) -> pl.Series:
    """A number; null where it is none."""
    number = (
        values.cast(pl.Float64, strict=False)
        if values.dtype != pl.Date
        else values.cast(pl.String).cast(pl.Float64, strict=False)
    )
    column = pl.col("v")
    return number.to_frame("v").select(pl.when(column.is_finite()).then(column).alias(values.name))[values.name]


def as_yes_no(values: pl.Series) -> pl.Series:
    """Yes or no; null where it is neither."""
    if values.dtype == pl.Boolean:
        return values
    text = as_text(values).str.to_lowercase()
    column = pl.col("v")
    answer = pl.when(column.is_in(YES)).then(pl.lit(True)).when(column.is_in(NO)).then(pl.lit(False))
    return text.to_frame("v").select(answer.alias(values.name))[values.name]
