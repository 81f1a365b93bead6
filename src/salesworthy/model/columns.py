"""Feature columns as arrays: numbers, yes/no and categories, whatever table they came in."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.errors import UserError
from salesworthy.model.dataset import Floats, Integers

if TYPE_CHECKING:
    import pandas as pd


class ColumnKind(StrEnum):
    """What a feature column holds."""

    NUMBER = "number"
    YES_NO = "yes_no"
    CATEGORY = "category"


@dataclass(frozen=True)
class FeatureColumns:
    """Columns of one table, in its order.

    Attributes:
        kinds: Kind per name.
        values: Per name: float64 with NaN where unknown (numbers, infinities included; yes/no as 1.0 and 0.0), or a
            string array with nulls (categories), perhaps as a dictionary.
        rows: How many rows.
    """

    kinds: Mapping[str, ColumnKind]
    values: Mapping[str, Floats | pa.StringArray]
    rows: int

    def take(self, rows: Integers) -> FeatureColumns:
        """Some rows, by position."""
        places = pa.array(rows)
        taken = {
            name: values[rows] if isinstance(values, np.ndarray) else values.take(places)
            for name, values in self.values.items()
        }
        return FeatureColumns(self.kinds, taken, len(rows))

    def without(self, names: Collection[str]) -> FeatureColumns:
        """The columns but for these."""
        kept = {name: kind for name, kind in self.kinds.items() if name not in names}
        return FeatureColumns(kept, {name: self.values[name] for name in kept}, self.rows)


def as_table(X: object) -> pa.Table:
    """Features as an Arrow table: from Arrow, from a pandas frame, or from an array (named ``x0``, ``x1`` ...).

    Raises:
        UserError: When it is none of these, has no columns, or two columns share a name.
    """
    if isinstance(X, pa.Table):
        table = X
    elif isinstance(X, pa.RecordBatch):
        table = pa.Table.from_batches([X])
    elif _is_frame(X):
        table = _from_pandas(X)
    else:
        table = _from_array(np.asarray(X))
    names = table.column_names
    if not names:
        raise UserError("there are no feature columns", where="features", todo="give at least one feature")
    if len(set(names)) != len(names):
        raise UserError("two feature columns share a name", where="features", todo="rename one of them")
    return table


def _is_frame(X: object) -> TypeGuard[pd.DataFrame]:
    """Whether it is a pandas frame; pandas need not be loaded to know that it is not."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(X, pandas.DataFrame)


def _from_pandas(frame: pd.DataFrame) -> pa.Table:
    arrays = []
    for position, name in enumerate(frame.columns):
        try:
            arrays.append(pa.array(frame.iloc[:, position], from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise _unusable(str(name), "values of different types") from error
    return pa.table(arrays, names=[str(name) for name in frame.columns])


def _from_array(values: Any) -> pa.Table:
    if values.ndim != 2:
        raise UserError(
            "features must be a table or a two-dimensional array", where="features", todo="pass one row per lead"
        )
    return pa.table({f"x{column}": pa.array(values[:, column], from_pandas=True) for column in range(values.shape[1])})


def read_columns(X: object, kinds: Mapping[str, ColumnKind] | None = None, *, coded: bool = False) -> FeatureColumns:
    """Columns of a table, with kinds taken from its types, or read as the kinds given.

    Args:
        X: An Arrow table, a pandas frame or a two-dimensional array.
        kinds: Columns to read and what they hold; others are left aside. A column of nulls fits every kind.
        coded: Whether categories that come as dictionaries stay so.

    Raises:
        UserError: When a column is missing, or its type cannot be read as its kind.
    """
    table = as_table(X)
    if kinds is None:
        kinds = {field.name: _kind_of(field) for field in table.schema}
    _must_hold(table.column_names, list(kinds))
    values = {name: _read(table.column(name), name, kind, coded=coded) for name, kind in kinds.items()}
    return FeatureColumns(dict(kinds), values, table.num_rows)


def _must_hold(names: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in set(names)]
    if missing:
        some = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise UserError(
            f"{len(missing)} feature column(s) of the model are missing: {some}",
            where="features",
            todo="give every column that the model was fitted on; unknown values may be null",
        )


def _kind_of(field: pa.Field) -> ColumnKind:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_boolean(kind):
        return ColumnKind.YES_NO
    if _is_text(kind):
        return ColumnKind.CATEGORY
    if _is_number(kind) or pa.types.is_null(kind):
        return ColumnKind.NUMBER
    raise _unusable(field.name, f"values of type {field.type}")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _read(column: pa.ChunkedArray, name: str, kind: ColumnKind, *, coded: bool) -> Floats | pa.StringArray:
    if coded and kind is ColumnKind.CATEGORY and _is_coded_text(column.type):
        return _coded_words(column)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind is ColumnKind.CATEGORY:
        return _words(column, name)
    if pa.types.is_boolean(column.type) and kind is ColumnKind.YES_NO:
        column = column.cast(pa.uint8())
    if not (_is_number(column.type) or pa.types.is_null(column.type)):
        raise _unusable(name, f"{column.type} where the model knows a {kind.value.replace('_', '/')}")
    return np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _is_coded_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) and _is_text(kind.value_type))


def _coded_words(column: pa.ChunkedArray) -> pa.DictionaryArray:
    words = column.cast(pa.dictionary(column.type.index_type, pa.string())).unify_dictionaries().combine_chunks()
    return words.chunk(0) if isinstance(words, pa.ChunkedArray) else words


def _words(column: pa.ChunkedArray, name: str) -> pa.StringArray:
    if column.null_count == len(column) or _all_nan(column):
        return pa.nulls(len(column), pa.string())
    if not _is_text(column.type):
        raise _unusable(name, f"{column.type} where the model knows a category")
    words = column.cast(pa.string())
    return words.combine_chunks() if words.num_chunks != 1 else words.chunk(0)


def _all_nan(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_floating(column.type) and pc.all(pc.is_null(column, nan_is_null=True)).as_py())


def _unusable(name: str, why: str) -> UserError:
    return UserError(
        f"the column cannot be a feature: {why}",
        where=name,
        todo="numbers, true/false and text can be features; turn it into one of them, or leave it out",
    )
