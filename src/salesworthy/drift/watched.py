"""What is watched: one row of figures per week for each thing, whatever the size of the tables behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from salesworthy.domain.errors import InternalError
from salesworthy.drift.weeks import Weeks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

IN_THE_LARGE = "in the large"
TOGETHER = "all reasons together"
MISSING = "missing"
OTHER = "all others"


class Family(StrEnum):
    """What kind of thing is watched."""

    FEATURE = "feature"
    CAMPAIGN = "campaign"
    SOURCE = "source"
    REGION = "region"
    CONTENT = "content tag"
    CONSENT = "consent"
    CLICKS = "machine clicks"
    FLOW = "data flow"
    SCORE = "score"
    REASON = "reason"
    DECISION = "decision"
    OUTCOME = "outcome rate"
    CALIBRATION = "calibration"


OF_OUTCOMES = (Family.OUTCOME, Family.CALIBRATION)
"""Families that are known only when labels are mature."""


class Kind(StrEnum):
    """How a figure comes from its sums.

    ``hits / totals`` for a share and for a mean; the number of rows for a count; for a score statistic the sum of
    scores (derivatives of the log-likelihood) by their information, an estimate in the unit of the parameter. What is
    joint has no sums of its own: it strays as far as all other scores of single reasons do together.
    """

    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"
    SCORE = "score"
    JOINT = "joint"


@dataclass(frozen=True)
class Watched:
    """One figure per week.

    Attributes:
        family: What kind of thing it is.
        thing: What it is about: a feature, a table's column, a reason.
        level: Which part of it: a value, ``missing``, ``at most 3``; empty where there is one figure only.
        kind: How the figure comes about.
        table: The table that it is read from; empty for what the model gives.
        column: The column of that table.
    """

    family: Family
    thing: str
    level: str = ""
    kind: Kind = Kind.SHARE
    table: str = ""
    column: str = ""


@dataclass(frozen=True)
class Weekly:
    """Weekly sums of everything that is watched; weeks x watched.

    Attributes:
        weeks: The weeks.
        watched: The columns.
        hits: Rows that hit; the sum of the quantity for a mean; rows for a count.
        totals: Rows in all; 1 for a count; the information for a score.
        squares: The sum of squares of the quantity for a mean; 0 otherwise.
    """

    weeks: Weeks
    watched: tuple[Watched, ...]
    hits: Floats
    totals: Floats
    squares: Floats

    def __post_init__(self) -> None:
        shape = (self.weeks.count, len(self.watched))
        if not self.hits.shape == self.totals.shape == self.squares.shape == shape:
            raise InternalError(f"weekly sums do not have the shape {shape}")

    def __len__(self) -> int:
        return len(self.watched)

    def values(self) -> Floats:
        """The figures; NaN in a week without rows."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.totals > 0, self.hits / self.totals, np.nan)

    def of_kind(self, kind: Kind) -> Flags:
        """Which columns are of a kind."""
        return np.array([each.kind == kind for each in self.watched], np.bool_)

    def columns(self, chosen: Sequence[int]) -> Weekly:
        """Some of the columns."""
        picked = list(chosen)
        watched = tuple(self.watched[column] for column in picked)
        return Weekly(self.weeks, watched, self.hits[:, picked], self.totals[:, picked], self.squares[:, picked])

    def first(self, count: int) -> Weekly:
        """The first weeks only, as they were known then."""
        weeks = Weeks(self.weeks.start, count)
        return Weekly(weeks, self.watched, self.hits[:count], self.totals[:count], self.squares[:count])


def joined(weeks: Weeks, parts: Iterable[Weekly]) -> Weekly:
    """Everything that is watched, side by side."""
    given = [part for part in parts if len(part)]
    if not given:
        nothing = np.zeros((weeks.count, 0))
        return Weekly(weeks, (), nothing, nothing, nothing)
    return Weekly(
        weeks,
        tuple(each for part in given for each in part.watched),
        np.concatenate([part.hits for part in given], axis=1),
        np.concatenate([part.totals for part in given], axis=1),
        np.concatenate([part.squares for part in given], axis=1),
    )


def shares(weeks: Weeks, watched: Sequence[Watched], hits: Floats, totals: Floats) -> Weekly:
    """Weekly sums of shares; ``totals`` has one column, or one per thing that is watched."""
    spread = np.broadcast_to(totals.reshape(weeks.count, -1), hits.shape).astype(np.float64)
    return Weekly(weeks, tuple(watched), hits.astype(np.float64), spread, np.zeros_like(spread))
