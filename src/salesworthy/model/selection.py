"""Selection: outcomes exist only for leads that were sent, so figures on them speak for those alone.

Leads that were drawn at random from below the threshold, with a probability on record, make the rest of them visible:
each stands for 1 / probability leads like it. They give the share that would be accepted below the threshold, and
figures of all contenders that speak for every lead that could have been sent. Where nobody was drawn, nothing of this
can be known, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.model.dataset import Flags, Floats, Integers, LabelledFeatures, account_numbers
from salesworthy.model.metrics import Figures, figures
from salesworthy.model.weighted import WeightedShare, truncated, weighted_share

MIN_DRAWN = 30
"""Judged leads that were drawn at random, below which nothing is said of those they stand for."""
OURS = "salesworthy"
UNKNOWABLE = "what leads below the threshold would have become cannot be known"


@dataclass(frozen=True)
class Reweighted:
    """Figures on the test windows in which each lead counts for those it stands for.

    Attributes:
        figures: All figures per contender.
        limit: No lead counts for more than this many.
        cut_off: Leads that would have.
        below: What was accepted of the leads drawn in these windows.
        expected: The share of them that our model expected to be accepted.
    """

    figures: Mapping[str, Figures]
    limit: float
    cut_off: int
    below: WeightedShare
    expected: float


@dataclass(frozen=True)
class Selection:
    """What is known of the leads that were never sent.

    Attributes:
        is_recorded: Whether anything says why leads were sent.
        drawn: Judged leads that were drawn at random with a probability on record.
        set_aside: Judged leads whose probability is not on record or cannot be.
        period: The days of the first and the last of the drawn.
        sent: What was accepted of the leads that a rule or a model sent; None where there are none.
        below: What would be accepted of the leads below the threshold; None where that cannot be known.
        reweighted: Figures that speak for all leads; None where they cannot be had.
    """

    is_recorded: bool
    drawn: int
    set_aside: int
    period: tuple[str, str] | None
    sent: WeightedShare | None
    below: WeightedShare | None
    reweighted: Reweighted | None

    def to_json(self) -> dict[str, Any]:
        """What ``evaluate --json`` prints under ``selection``."""
        again = self.reweighted
        return {
            "recorded": self.is_recorded,
            "drawn": self.drawn,
            "set_aside": self.set_aside,
            "period": None if self.period is None else list(self.period),
            "sent": None if self.sent is None else self.sent.to_json(),
            "below_threshold": None if self.below is None else self.below.to_json(),
            "reweighted": None if again is None else _reweighted_json(again),
            "says": list(self.says()),
        }

    def says(self) -> Iterator[str]:
        """What a reader must know, in sentences."""
        if self.below is not None and self.period is not None:
            first, last = self.period
            yield (
                f"of the leads below the threshold {_share(self.below)} would be accepted: {self.below.judged:,} of "
                f"them were drawn at random from {first} to {last}"
            )
        if self.sent is not None and self.below is not None:
            yield f"of the leads that were sent by a rule or a model {_share(self.sent)} were accepted"
        yield from self.warnings()

    def warnings(self) -> Iterator[str]:
        """Of what is said, that which a reader must be warned of."""
        if self.below is None:
            yield self._why_unknown()
        if self.set_aside:
            yield (
                f"{self.set_aside:,} judged leads were drawn at random without a probability over 0 and up to 1 on "
                "record; nobody can say for how many they stand, so they are left out of what is said of others"
            )
        again = self.reweighted
        if again is not None:
            low, high = again.below.share.low or 0.0, again.below.share.high or 0.0
            if not low <= again.expected <= high:
                yield (
                    f"below the threshold the model is off: it expected {again.expected:.1%} of the drawn leads of the "
                    f"test windows to be accepted, and {_share(again.below)} were"
                )

    def _why_unknown(self) -> str:
        if not self.is_recorded:
            return (
                f"there is no table handoffs, so every lead counts as sent; if some never were, {UNKNOWABLE} for these"
            )
        if not self.drawn:
            return f"no lead was drawn at random from below the threshold, so {UNKNOWABLE}"
        return f"only {self.drawn} judged leads were drawn at random, {MIN_DRAWN} are needed: {UNKNOWABLE} yet"


@dataclass(frozen=True)
class PredictedRows:
    """Rows of all test windows, with every contender's probabilities."""

    rows: Integers
    probability: Mapping[str, Floats]


def selection_of(data: LabelledFeatures, tested: PredictedRows, *, seed: int) -> Selection:
    """What the judged handoffs say of leads that were never sent.

    Args:
        data: One row per handoff.
        tested: Rows of the test windows and what contenders said of them.
        seed: Of the intervals of reweighted figures.
    """
    chance = data.sent_probability
    if chance is None:
        return Selection(False, 0, 0, None, None, None, None)
    accounts = account_numbers(data.account_id)
    drawn, sent = data.judged & (chance < 1), data.judged & (chance == 1)
    return Selection(
        is_recorded=True,
        drawn=int(drawn.sum()),
        set_aside=int((data.judged & np.isnan(chance)).sum()),
        period=_period(data.handed_at[drawn]),
        sent=_share_of(data, sent, np.ones(int(sent.sum())), accounts),
        below=share_of_drawn(data, drawn),
        reweighted=_reweighted(data, chance, tested, accounts, seed),
    )


def share_of_drawn(data: LabelledFeatures, rows: Flags) -> WeightedShare | None:
    """What would be accepted of the leads that some judged, drawn leads stand for; None where too few were drawn.

    Args:
        data: One row per handoff, each of ``rows`` with its probability.
        rows: Which of them.
    """
    if data.sent_probability is None or rows.sum() < MIN_DRAWN:
        return None
    weights, _ = truncated(1 / data.sent_probability[rows])
    return _share_of(data, rows, weights, account_numbers(data.account_id))


def _share_of(data: LabelledFeatures, rows: Flags, weights: Floats, accounts: Integers) -> WeightedShare | None:
    return weighted_share(data.label[rows], weights, accounts[rows]) if rows.any() else None


def _period(handed_at: Integers) -> tuple[str, str] | None:
    if not len(handed_at):
        return None
    return format_moment(int(handed_at.min()))[:10], format_moment(int(handed_at.max()))[:10]


def _reweighted(
    data: LabelledFeatures, chance: Floats, tested: PredictedRows, accounts: Integers, seed: int
) -> Reweighted | None:
    """Figures on the test rows whose probability is on record; None where too few of them were drawn."""
    known = np.flatnonzero(~np.isnan(chance[tested.rows]))
    rows = tested.rows[known]
    drawn = chance[rows] < 1
    if drawn.sum() < MIN_DRAWN:
        return None
    stands_for = 1 / chance[rows]
    weights, limit = truncated(stands_for)
    groups = np.unique(accounts[rows], return_inverse=True)[1].astype(np.int64)
    label = data.label[rows]
    measured = {
        name: figures(label, each[known], groups, weights=weights, seed=seed)
        for name, each in tested.probability.items()
    }
    below = weighted_share(label[drawn], weights[drawn], groups[drawn])
    expected = float(np.average(tested.probability[OURS][known][drawn], weights=weights[drawn]))
    return Reweighted(measured, limit, int((stands_for > limit).sum()), below, expected)


def _reweighted_json(again: Reweighted) -> dict[str, Any]:
    contenders = {name: {key: each.to_json() for key, each in of.items()} for name, of in again.figures.items()}
    return {
        "contenders": contenders,
        "weights_cut_off_at": again.limit,
        "cut_off": again.cut_off,
        "below_threshold": {**again.below.to_json(), "expected": again.expected},
    }


def _share(found: WeightedShare) -> str:
    value, low, high = (each or 0.0 for each in (found.share.value, found.share.low, found.share.high))
    return f"{value:.1%} ({low:.1%} to {high:.1%})"


def joined(parts: Sequence[tuple[Integers, Mapping[str, Floats]]]) -> PredictedRows:
    """The rows of several test windows as one."""
    names = parts[0][1]
    return PredictedRows(
        np.concatenate([rows for rows, _ in parts]),
        {name: np.concatenate([probability[name] for _, probability in parts]) for name in names},
    )
