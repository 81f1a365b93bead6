"""Rows of reasons as numbers, and the words that these point to.

A batch of leads has a dozen reasons per lead and few different words. Rows are put in order, led by rules and written
as numbers; texts are never copied on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.domain.reasons import Degree
from salesworthy.qualification.tables import CODED_REASONS, CODED_TEXT

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Ranks = npt.NDArray[np.int16]
DEGREES = [str(each) for each in (Degree.SLIGHT, Degree.CLEAR, Degree.STRONG)]


class Words(NamedTuple):
    """A column of words: per row the place of its word in a list."""

    which: npt.NDArray[np.integer]
    words: Sequence[str]

    def after(self, first: Words, order: Indices) -> Words:
        """These rows below others, then put in an order."""
        which = np.concatenate([first.which, self.which + len(first.words)])
        return Words(which[order], [*first.words, *self.words])

    def column(self) -> pa.DictionaryArray:
        """The column, in ``CODED_TEXT``."""
        return pa.DictionaryArray.from_arrays(
            pa.array(self.which, CODED_TEXT.index_type), pa.array(self.words, pa.string())
        )


@dataclass(frozen=True)
class ReasonRows:
    """Reasons of a batch of leads, leads in the order of the batch, heaviest reason first.

    Attributes:
        lead: Per row: which lead of the batch it is about.
        rank: 1 for the heaviest.
        family: Of the reason.
        code: Of the reason.
        log_odds: The share; None where reasons have none.
        degree: How much it weighs.
        sentence: What it says.
    """

    lead: Indices
    rank: Ranks
    family: Words
    code: Words
    log_odds: Floats | None
    degree: Words
    sentence: Words

    def led_by(self, leading: pa.Table, *, log_odds: float | None) -> ReasonRows:
        """These rows with those that rules give in front, and ranks that follow.

        Args:
            leading: Columns of ``rule_reasons.LEADING``; at most one row per lead.
            log_odds: The share of the leading reasons; None where the others have none either.
        """
        first = leading.column("lead").to_numpy()
        order = np.argsort(np.concatenate([first, self.lead]), kind="stable")
        moved = np.isin(self.lead, first).astype(np.int16)
        ranks = np.concatenate([np.ones(len(first), np.int16), self.rank + moved])
        shares = self.log_odds
        if shares is not None:
            shares = np.concatenate([np.full(len(first), log_odds, np.float64), shares])[order]
        decided = Words(np.zeros(len(first), np.int64), [str(Degree.DECIDED)])
        return ReasonRows(
            np.concatenate([first, self.lead])[order],
            ranks[order],
            self.family.after(_words(leading, "family"), order),
            self.code.after(_words(leading, "code"), order),
            shares,
            self.degree.after(decided, order),
            self.sentence.after(_words(leading, "sentence"), order),
        )

    def table(self, lead_id: pa.Array, run_id: str) -> pa.Table:
        """The rows with the columns of ``CODED_REASONS``.

        Args:
            lead_id: Ids, one per lead of the batch.
            run_id: Written on every row.
        """
        rows = len(self.lead)
        columns = [
            lead_id.take(pa.array(self.lead)),
            pa.array(self.rank),
            self.family.column(),
            self.code.column(),
            pa.nulls(rows, pa.float64()) if self.log_odds is None else pa.array(self.log_odds),
            self.degree.column(),
            self.sentence.column(),
            Words(np.zeros(rows, np.int64), [run_id]).column(),
        ]
        return pa.table(columns, schema=CODED_REASONS)


def _words(table: pa.Table, name: str) -> Words:
    coded = table.column(name).combine_chunks().dictionary_encode()
    return Words(np.asarray(coded.indices.to_numpy(), dtype=np.int64), coded.dictionary.to_pylist())
