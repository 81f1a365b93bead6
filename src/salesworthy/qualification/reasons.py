"""Reasons: the shares of a score, summed per code of the taxonomy, each with its sentence.

For every lead ``base + sum of shares = log-odds``. A share is measured from the average lead of the training data, so
that a positive share speaks for the lead and a negative one against it. The sentence of a reason is that of the
feature which carries most of the reason's share in the reason's own direction, among those whose value is an argument
in that direction (``features.arguments``); where the first of these carries little beside one that is none, the title
of the reason stands instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesworthy.domain.reasons import Degree, ReasonCode, reason_code
from salesworthy.features.arguments import MORE_IS_BETTER, argument, neutral
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.sentences import VALUE
from salesworthy.features.spoken_values import spoken_alike
from salesworthy.qualification.reason_rows import DEGREES, Flags, Floats, Indices, ReasonRows, Words

STRONG = math.log(2)
"""A strong reason at least doubles or halves the odds."""
CLEAR = math.log(1.25)
"""A clear reason changes the odds by a quarter or more."""

LEAST_CARRIED = 0.25
"""Of what the heaviest feature of a reason carries, where another one is to speak instead."""
MOST_SAID = 10_000
"""Values of a feature whose sentences are remembered from batch to batch."""


def degree(log_odds: float) -> Degree:
    """How much a share weighs, in words.

    Example:
        >>> degree(-0.8).value, degree(0.3).value, degree(0.01).value
        ('strong', 'clear', 'slight')
    """
    weight = abs(log_odds)
    return Degree.STRONG if weight >= STRONG else Degree.CLEAR if weight >= CLEAR else Degree.SLIGHT


@dataclass(frozen=True)
class ReasonMap:
    """Which features make up which reason, in the order of the catalogue."""

    catalogue: Catalogue

    @cached_property
    def codes(self) -> tuple[ReasonCode, ...]:
        """The codes that the catalogue uses, in order of first use."""
        return tuple(reason_code(code) for code in dict.fromkeys(each.reason for each in self.catalogue.features))

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Per code: positions of its features in the catalogue."""
        features = self.catalogue.features
        return tuple(
            tuple(position for position, feature in enumerate(features) if feature.reason == code.code)
            for code in self.codes
        )

    @cached_property
    def said(self) -> tuple[dict[object, str], ...]:
        """Per feature: values, and whether they speak for a lead, that were put into words already. It grows."""
        return tuple({} for _ in self.catalogue)

    def sums(self, shares: Floats) -> Floats:
        """Shares per feature (leads x features) summed to shares per code (leads x codes).

        Added one column after the other, so that a lead's sums do not depend on which leads stand beside it.
        """
        totals = np.zeros((len(shares), len(self.codes)))
        for column, positions in enumerate(self.members):
            for position in positions:
                totals[:, column] += shares[:, position]
        return totals


def name_reasons(
    lead_id: pa.Array,
    shares: Floats,
    features: pa.Table,
    reason_map: ReasonMap,
    *,
    run_id: str,
    leading: pa.Table | None = None,
) -> pa.Table:
    """The reasons of a batch of leads.

    Grain: one row per lead and code with a share other than zero, leads in the order given, heaviest reason first; a
    rule that decided stands before them, with a share of 0.

    Args:
        lead_id: Ids, one per lead.
        shares: Log-odds per feature; leads x features, in the order of the catalogue.
        features: The feature values behind them: one column per feature of the catalogue.
        reason_map: Which features make up which reason.
        run_id: Written on every row.
        leading: Reasons that rules give, at most one per lead; see ``rule_reasons.LEADING``.

    Returns:
        A table with the columns of ``CODED_REASONS``.
    """
    totals = reason_map.sums(shares)
    sentences, spoken = _sentences(shares, totals, features, reason_map)
    order = np.argsort(-np.abs(totals), axis=1, kind="stable")
    kept = np.take_along_axis(totals, order, axis=1) != 0
    lead, place = np.nonzero(kept)
    code = order[lead, place]
    weight = totals[lead, code]
    rows = ReasonRows(
        lead,
        (place + 1).astype(np.int16),
        Words(code, [str(each.family) for each in reason_map.codes]),
        Words(code, [each.code for each in reason_map.codes]),
        weight,
        Words(np.searchsorted([CLEAR, STRONG], np.abs(weight), side="right"), DEGREES),
        Words(spoken[lead, code], sentences),
    )
    return (rows if leading is None else rows.led_by(leading, log_odds=0.0)).table(lead_id, run_id)


def _sentences(shares: Floats, totals: Floats, features: pa.Table, reason_map: ReasonMap) -> tuple[list[str], Indices]:
    """Different sentences of the batch, and which of them each lead and code speaks."""
    said: dict[str, int] = {"": 0}
    spoken = np.zeros(totals.shape, dtype=np.int64)
    for column, positions in enumerate(reason_map.members):
        total = totals[:, column]
        leading = _leading_feature(shares, total, positions, features, reason_map.catalogue)
        spoken[leading < 0, column] = _place(neutral(reason_map.catalogue.features[positions[0]]), said)
        for position in positions:
            for speaks_for in (True, False):
                rows = np.flatnonzero((leading == position) & ((total > 0) if speaks_for else (total < 0)))
                if len(rows):
                    spoken[rows, column] = _speak(reason_map, position, features, rows, said, speaks_for=speaks_for)
    return list(said), spoken


def _leading_feature(
    shares: Floats, total: Floats, positions: Sequence[int], features: pa.Table, catalogue: Catalogue
) -> Indices:
    """Per lead: the feature that speaks for a reason; -1 where none can argue for enough of it."""
    directed = shares[:, list(positions)] * np.sign(total)[:, None]
    heaviest = directed.max(axis=1)
    for place, position in enumerate(positions):
        feature = catalogue.features[position]
        directed[_argues_not(feature, features.column(feature.name), total), place] = -np.inf
    most = np.argmax(directed, axis=1)
    carried = np.take_along_axis(directed, most[:, None], axis=1)[:, 0]
    found = np.asarray(positions)[most]
    return np.asarray(np.where(carried >= LEAST_CARRIED * heaviest, found, -1))


def _argues_not(feature: Feature, column: pa.ChunkedArray, total: Floats) -> Flags:
    """Leads of which the feature's value is no argument in the reason's direction: the opposite of ``argues``."""
    values = column.to_numpy() if pa.types.is_floating(column.type) else None
    missing = np.isnan(values) if values is not None else column.is_null().to_numpy()
    refused = missing & (total > 0)
    if feature.direction == MORE_IS_BETTER:
        is_zero = values == 0 if values is not None else _is_zero(column)
        refused |= is_zero & (total > 0)
        if VALUE not in feature.says:
            refused |= ~is_zero & ~missing & (total < 0)
    return np.asarray(refused)


def _is_zero(column: pa.ChunkedArray) -> Flags:
    """Whether a whole number, or a yes or no, is 0 or no."""
    if not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        return np.zeros(len(column), dtype=bool)
    return np.asarray(pc.fill_null(pc.equal(column.cast(pa.int64()), 0), fill_value=False).to_numpy())


def _place(words: str, sentences: dict[str, int]) -> int:
    return sentences.setdefault(words, len(sentences))


def _speak(
    reason_map: ReasonMap,
    position: int,
    features: pa.Table,
    rows: Indices,
    sentences: dict[str, int],
    *,
    speaks_for: bool,
) -> Indices:
    """Indices of the sentences that these rows speak; every different value is put into words once."""
    feature, said = reason_map.catalogue.features[position], reason_map.said[position]
    column = features.column(feature.name)
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        numbers = column.to_numpy(zero_copy_only=False)[rows].astype(np.float64, copy=False)
        values = pa.array(spoken_alike(feature, numbers), from_pandas=True)
    else:
        values = column.take(pa.array(rows)).combine_chunks()
    coded = pc.dictionary_encode(values, null_encoding="encode")
    words = [
        said.get((value, speaks_for)) or _put(feature, value, said, speaks_for=speaks_for)
        for value in coded.dictionary.to_pylist()
    ]
    places = np.asarray([_place(each, sentences) for each in words], dtype=np.int64)
    return np.asarray(places[coded.indices.to_numpy()])


def _put(feature: Feature, value: object, said: dict[object, str], *, speaks_for: bool) -> str:
    """A value in words, remembered while there is room."""
    words = argument(feature, value, speaks_for=speaks_for)
    if len(said) < MOST_SAID:
        said[value, speaks_for] = words
    return words
