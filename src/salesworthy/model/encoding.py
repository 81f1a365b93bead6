"""Encoding: feature columns as the numbers that both parts of the model read.

Everything is learned from the training rows alone and kept as plain values, so that it can be written as JSON.

==========  ===========================================================================================
number      clipped to the range seen in training; if that straightens it, on a logarithmic scale;
            centred and divided by its standard deviation; unknown = 0, with an indicator of its own
yes/no      1 and 0, centred; unknown = 0, with an indicator
category    levels seen often enough get an effect each; unknown and all rare or unseen levels one each
==========  ===========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.model.columns import ColumnKind, FeatureColumns
from salesworthy.model.dataset import Floats, Integers

UNKNOWN_LEVEL, OTHER_LEVEL, FIRST_LEVEL = 0, 1, 2
MIN_LEVEL_ROWS = 20
"""A level seen on fewer rows than this (or on fewer than a twentieth of a small training set) is pooled as "other"."""
MAX_LEVELS = 100
MIN_UNKNOWN_ROWS = 5
"""On fewer unknown rows than this an indicator of its own would be noise."""


@dataclass(frozen=True)
class NumberCode:
    """How one number (or yes/no) becomes a standardised column, and perhaps an indicator of unknown."""

    low: float
    high: float
    logarithmic: bool
    centre: float
    spread: float
    unknown_share: float
    indicated: bool

    def clipped(self, values: Floats) -> Floats:
        """Values held inside the range seen in training; NaN stays."""
        return np.clip(values, self.low, self.high)

    def standardised(self, clipped: Floats) -> Floats:
        """Clipped values with mean 0 and standard deviation 1 on the training rows; 0 where unknown."""
        scaled = _signed_log(clipped) if self.logarithmic else clipped
        return np.nan_to_num((scaled - self.centre) / self.spread, nan=0.0)


@dataclass(frozen=True)
class CategoryCode:
    """The levels of one category, most frequent first."""

    levels: tuple[str, ...]

    @cached_property
    def _level_set(self) -> pa.Array:
        return pa.array(self.levels, pa.string())

    def codes(self, values: pa.StringArray | pa.DictionaryArray) -> Integers:
        """0 where unknown, 1 for a level that is not among ours, then the levels."""
        if pa.types.is_dictionary(values.type):
            # Every different word is looked up once; the rows follow by their indices.
            of_word = np.append(self.codes(values.dictionary), UNKNOWN_LEVEL)
            index = pc.fill_null(values.indices.cast(pa.int64()), len(of_word) - 1).to_numpy()
            return np.asarray(of_word[index], dtype=np.int64)
        place = pc.fill_null(pc.index_in(values, value_set=self._level_set), -1).to_numpy(zero_copy_only=False)
        codes = np.where(place >= 0, place.astype(np.int64) + FIRST_LEVEL, OTHER_LEVEL)
        codes[pc.is_null(values).to_numpy(zero_copy_only=False)] = UNKNOWN_LEVEL
        return codes


@dataclass(frozen=True)
class Encoded:
    """Encoded rows.

    Attributes:
        numbers: Rows x numeric columns (standardised numbers, then indicators of unknown), column after column.
        codes: Per category its level codes.
        inputs: Per feature, in the order of the training table: clipped numbers, or the level codes of a category.
        is_category: Per feature: whether it is a category.
    """

    numbers: Floats
    codes: tuple[Integers, ...]
    inputs: tuple[Floats | Integers, ...]
    is_category: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def trees(self) -> Floats:
        """Rows x features as LightGBM reads them: clipped numbers, level codes, NaN where unknown."""
        trees = np.empty((len(self), len(self.inputs)))
        for position, (values, is_category) in enumerate(zip(self.inputs, self.is_category, strict=True)):
            trees[:, position] = np.where(values == UNKNOWN_LEVEL, np.nan, values) if is_category else values
        return trees

    def take(self, rows: Integers) -> Encoded:
        """Some rows, by position."""
        numbers = np.asfortranarray(self.numbers[rows])
        inputs = tuple(values[rows] for values in self.inputs)
        return Encoded(numbers, tuple(codes[rows] for codes in self.codes), inputs, self.is_category)


@dataclass(frozen=True)
class Encoder:
    """How a table of features is encoded.

    Attributes:
        kinds: Kind per feature, in the order of the training table.
        numbers: Per number and yes/no feature its code.
        categories: Per category its code.
    """

    kinds: Mapping[str, ColumnKind]
    numbers: Mapping[str, NumberCode]
    categories: Mapping[str, CategoryCode]

    @classmethod
    def fit(cls, columns: FeatureColumns) -> Self:
        """Learn the encoding of training columns."""
        numbers, categories = {}, {}
        for name, kind in columns.kinds.items():
            if kind is ColumnKind.CATEGORY:
                categories[name] = _learn_category(columns.values[name])
            else:
                numbers[name] = _learn_number(columns.values[name], kind)
        return cls(dict(columns.kinds), numbers, categories)

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order of the training table."""
        return tuple(self.kinds)

    @cached_property
    def indicated(self) -> tuple[str, ...]:
        """Numbers with an indicator of unknown, in order."""
        return tuple(name for name, code in self.numbers.items() if code.indicated)

    def encode(self, columns: FeatureColumns) -> Encoded:
        """Encode rows read with the kinds of this encoder. A row's encoding does not depend on the other rows."""
        values = columns.values
        numbers = np.empty((columns.rows, len(self.numbers) + len(self.indicated)), order="F")
        inputs: dict[str, Floats | Integers] = {}
        for position, (name, number) in enumerate(self.numbers.items()):
            clipped = number.clipped(values[name])
            inputs[name] = clipped
            numbers[:, position] = number.standardised(clipped)
        for position, name in enumerate(self.indicated, start=len(self.numbers)):
            numbers[:, position] = np.isnan(values[name]) - self.numbers[name].unknown_share
        codes = {name: category.codes(values[name]) for name, category in self.categories.items()}
        inputs.update(codes)
        is_category = tuple(name in self.categories for name in self.kinds)
        return Encoded(numbers, tuple(codes.values()), tuple(inputs[name] for name in self.kinds), is_category)

    def to_json(self) -> dict[str, Any]:
        """The encoding as plain values."""
        return {
            "kinds": {name: str(kind) for name, kind in self.kinds.items()},
            "numbers": {name: asdict(code) for name, code in self.numbers.items()},
            "categories": {name: list(code.levels) for name, code in self.categories.items()},
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The encoding that ``to_json`` wrote."""
        return cls(
            {name: ColumnKind(kind) for name, kind in plain["kinds"].items()},
            {name: NumberCode(**code) for name, code in plain["numbers"].items()},
            {name: CategoryCode(tuple(levels)) for name, levels in plain["categories"].items()},
        )


def _learn_number(values: Floats, kind: ColumnKind) -> NumberCode:
    finite = values[np.isfinite(values)]
    unknown = np.isnan(values)
    share = float(unknown.mean()) if len(values) else 0.0
    indicated = MIN_UNKNOWN_ROWS <= int(unknown.sum()) < len(values)
    if not len(finite):
        return NumberCode(0.0, 0.0, False, 0.0, 1.0, share, False)
    low, high = float(finite.min()), float(finite.max())
    inside = np.clip(values[~unknown], low, high)
    logarithmic = kind is ColumnKind.NUMBER and _straightened_by_log(inside)
    scaled = _signed_log(inside) if logarithmic else inside
    centre, spread = _centre_and_spread(scaled)
    return NumberCode(low, high, logarithmic, centre, 1.0 if kind is ColumnKind.YES_NO else spread, share, indicated)


def _centre_and_spread(values: Floats) -> tuple[float, float]:
    # Scaled first: squares of values near the largest float would overflow.
    size = float(np.abs(values).max()) or 1.0
    unit = values / size
    centre, spread = float(unit.mean()) * size, float(unit.std()) * size
    return centre, spread if spread > 1e-9 * max(size, 1e-290) else 1.0


def _signed_log(values: Floats) -> Floats:
    return np.sign(values) * np.log1p(np.abs(values))


def _straightened_by_log(values: Floats) -> bool:
    plain, logged = abs(_skewness(values)), abs(_skewness(_signed_log(values)))
    return plain > 1.0 and logged < plain / 2


def _skewness(values: Floats) -> float:
    centre, spread = _centre_and_spread(values)
    return float((((values - centre) / spread) ** 3).mean())


def _learn_category(values: pa.StringArray) -> CategoryCode:
    counts = pc.value_counts(pc.drop_null(values))
    pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    needed = min(MIN_LEVEL_ROWS, max(2, len(values) // 20))
    often = sorted(((-rows, level) for level, rows in pairs if rows >= needed))
    return CategoryCode(tuple(level for _, level in often[:MAX_LEVELS]))
