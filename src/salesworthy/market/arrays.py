"""Columns in memory: numpy arrays, words as codes, streams of random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Worth = Mapping[str | None, float]
"""A number per word; ``None`` stands for a missing text."""


@dataclass(frozen=True)
class Words:
    """A text column: codes into a list of words; -1 where the text is missing."""

    codes: Codes
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Ints) -> Words:
        """The same column at these rows; a negative row gives a missing text."""
        codes = np.where(rows >= 0, self.codes[rows], -1).astype(np.int16)
        return Words(codes, self.words)

    def where(self, rows: Flags, other: Words) -> Words:
        """This column, with the other's texts in the flagged rows; the other's new words are added at the end."""
        words = self.words + tuple(word for word in other.words if word not in self.words)
        translation = np.array([*(words.index(word) for word in other.words), -1])
        return Words(np.where(rows, translation[other.codes], self.codes).astype(np.int16), words)

    def values(self, of: Worth) -> Floats:
        """The number that stands for each row's text; 0 for a text that is not listed, ``of[None]`` for none."""
        table = np.array([*(of.get(word, 0.0) for word in self.words), of.get(None, 0.0)])
        return table[self.codes]

    def among(self, chosen: Sequence[str]) -> Flags:
        """Which rows hold one of these words."""
        return np.array([*(word in chosen for word in self.words), False])[self.codes]


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one subject. Subjects do not disturb each other: each has a stream of its own.

    Example:
        >>> bool(stream(7, "people").random() == stream(7, "people").random() != stream(7, "accounts").random())
        True
    """
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(name.encode())]))


def choose(rng: np.random.Generator, shares: Worth, rows: int) -> Words:
    """Independent draws of words by their shares; ``None`` stands for a missing text."""
    words = tuple(word for word in shares if word is not None)
    weights = np.array([shares[word] for word in words] + [shares.get(None, 0.0)])
    return Words(_short(pick(rng, weights[None, :], np.zeros(rows, np.int64)), len(words)), words)


def choose_given(rng: np.random.Generator, shares: Mapping[str | None, Worth], given: Words) -> Words:
    """Draws of words whose shares depend on the row's text in another column (``shares[None]``: on its absence)."""
    words = tuple(dict.fromkeys(word for row in shares.values() for word in row if word is not None))
    weights = np.array(
        [[shares[each].get(word, 0.0) for word in (*words, None)] for each in (*given.words, None)], dtype=float
    )
    rows = np.where(given.codes < 0, len(weights) - 1, given.codes).astype(np.int64)
    return Words(_short(pick(rng, weights, rows), len(words)), words)


def _short(columns: Ints, missing: int) -> Codes:
    return np.where(columns == missing, -1, columns).astype(np.int16)


def pick(rng: np.random.Generator, weights: Floats, rows: Ints) -> Ints:
    """For each entry of ``rows`` a column drawn by that row's weights."""
    cumulative = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    cumulative[:, -1] = 1.0
    ladder = (cumulative + np.arange(len(weights))[:, None]).ravel()
    columns = np.searchsorted(ladder, rng.random(len(rows)) + rows, side="right") - rows * weights.shape[1]
    within: Ints = np.minimum(columns, weights.shape[1] - 1)
    return within


def taken(column: Any, rows: Ints) -> Any:
    """Words or numbers at these rows."""
    return column.take(rows) if isinstance(column, Words) else column[rows]


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Row numbers repeated ``counts`` times, and each repeat's position within its row, from 0.

    Example:
        >>> [each.tolist() for each in expand(np.array([2, 0, 1]))]
        [[0, 0, 2], [0, 1, 0]]
    """
    rows = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return rows, np.arange(len(rows)) - starts[rows]
