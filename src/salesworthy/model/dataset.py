"""Features and labels of past handoffs: the one shape that training and evaluation work on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class LabelledFeatures:
    """One row per handoff.

    Attributes:
        features: Feature columns only: string is a category, bool a yes/no, anything else a number.
        lead_id: Whose handoff.
        account_id: Whose account; None where it is not known.
        handed_at: When the question was asked, microseconds UTC.
        matured_at: When the label is settled, microseconds UTC.
        label: 1.0, 0.0, or NaN: not a label, or not settled.
        score: What the present rules say of each, such as points: the higher the better; None where there are none.
        sent_probability: With which probability each was sent to sales: 1.0 where a rule or a model sent it, less where
            it was drawn at random, NaN where that is not on record; None where nothing says why a lead was sent.
    """

    features: pa.Table
    lead_id: Objects
    account_id: Objects
    handed_at: Integers
    matured_at: Integers
    label: Floats
    score: Floats | None = None
    sent_probability: Floats | None = None

    def __post_init__(self) -> None:
        rows = self.features.num_rows
        columns = [self.lead_id, self.account_id, self.handed_at, self.matured_at, self.label]
        columns += [each for each in (self.score, self.sent_probability) if each is not None]
        if any(len(column) != rows for column in columns):
            raise ValueError(f"every column needs {rows} rows, as the features have")

    def __len__(self) -> int:
        return len(self.label)

    @property
    def judged(self) -> Flags:
        """Rows with a label."""
        return np.isfinite(self.label)

    @property
    def accounts_known(self) -> bool:
        """Whether any row names its account."""
        return any(known(account) for account in self.account_id)

    def take(self, rows: npt.NDArray[Any]) -> LabelledFeatures:
        """Some rows, by position or by flag, in the order given."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return LabelledFeatures(
            self.features.take(pa.array(places)),
            self.lead_id[places],
            self.account_id[places],
            self.handed_at[places],
            self.matured_at[places],
            self.label[places],
            None if self.score is None else self.score[places],
            None if self.sent_probability is None else self.sent_probability[places],
        )


def known(account: object) -> bool:
    """Whether an account id names an account: neither None nor a float's NaN."""
    return account is not None and not (isinstance(account, float) and math.isnan(account))


def account_numbers(account_id: npt.NDArray[Any]) -> Integers:
    """Accounts as whole numbers, in order of appearance; each row without an account stands for itself.

    Example:
        >>> account_numbers(np.array(["b", None, "a", "b", None], dtype=object)).tolist()
        [0, 1, 2, 0, 3]
    """
    seen: dict[object, int] = {}
    numbers = np.empty(len(account_id), dtype=np.int64)
    for row, account in enumerate(account_id.tolist()):
        key = ("account", account) if known(account) else ("row", row)
        numbers[row] = seen.setdefault(key, len(seen))
    return numbers
