"""Reasons: the shares of a score, summed per code of the taxonomy, each with its sentence.

For every lead ``base + sum of shares = log-odds``. A share is measured from the average lead of the training data, so
that a positive share speaks for the lead and a negative one against it. The sentence of a reason is that of the
feature which carries most of the reason's share in the reason's own direction.
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
from salesworthy.features.catalogue import Catalogue, Feature
from salesworthy.features.sentences import sentence
from salesworthy.features.spoken_values import spoken_alike
from salesworthy.qualification.reason_rows import DEGREES, Floats, Indices, ReasonRows, Words

STRONG = math.log(2)
"""A strong reason at least doubles or halves the odds."""
CLEAR = math.log(1.25)
"""A clear reason changes the odds by a quarter or more."""

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
        """Per feature: values that were put into words already. It grows while leads are explained."""
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
        leading = _leading_feature(shares, totals[:, column], positions)
        for position in positions:
            rows = np.flatnonzero((leading == position) & (totals[:, column] != 0))
            if len(rows):
                spoken[rows, column] = _speak(reason_map, position, features, rows, said)
    return list(said), spoken


def _leading_feature(shares: Floats, total: Floats, positions: Sequence[int]) -> Indices:
    directed = shares[:, list(positions)] * np.sign(total)[:, None]
    return np.asarray(np.asarray(positions)[np.argmax(directed, axis=1)])


def _speak(
    reason_map: ReasonMap, position: int, features: pa.Table, rows: Indices, sentences: dict[str, int]
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
    words = [said.get(value) or _put(feature, value, said) for value in coded.dictionary.to_pylist()]
    places = np.asarray([sentences.setdefault(each, len(sentences)) for each in words], dtype=np.int64)
    return np.asarray(places[coded.indices.to_numpy()])


def _put(feature: Feature, value: object, said: dict[object, str]) -> str:
    """A value in words, remembered while there is room."""
    words = sentence(feature, value)
    if len(said) < MOST_SAID:
        said[value] = words
    return words
