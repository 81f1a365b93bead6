"""Splits in order of time: which handoffs a model learns from, and which later ones it is tested on.

A training label counts only if it was settled on the first test day, so that between the two lies a gap as long as the
outcome window: nobody could have known more on that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.model.dataset import Flags, Integers, LabelledFeatures, account_numbers

FIRST_TEST_SHARE = 0.4
"""Rolling test windows cover the handoffs after this share of them; what comes before is only learned from."""
FIRST_FOLD_SHARE = 0.6
"""Folds inside training rows follow after this share of them: earlier folds learn from so little that they choose
models which are too plain (see ``experiments/time_ordered_models``)."""
MIN_TRAINING_ROWS = 50
RANDOM_TEST_SHARE = 0.3


@dataclass(frozen=True)
class SplitWindow:
    """One test window and what may be learned from; moments in microseconds, ``until`` exclusive, None for no start."""

    train_from: int | None
    train_until: int
    test_from: int
    test_until: int


@dataclass(frozen=True)
class Split:
    """Rows of one window.

    Attributes:
        window: Its moments.
        train: Rows to learn from: handed over in the training window, settled by the first test day.
        test: Judged rows of the test window.
        censored: Share of the test window's handoffs whose outcome window is still open.
        seen: Per test row, whether its account also stands in the training rows.
    """

    window: SplitWindow
    train: Integers
    test: Integers
    censored: float
    seen: Flags


def split_by(data: LabelledFeatures, window: SplitWindow, *, as_of: int) -> Split:
    """The rows of a window, with the labels that are settled at ``as_of``."""
    start = -np.inf if window.train_from is None else window.train_from
    before = (data.handed_at >= start) & (data.handed_at < window.train_until) & (data.handed_at < window.test_from)
    train = np.flatnonzero(before & data.judged & (data.matured_at <= window.test_from))
    inside = (data.handed_at >= window.test_from) & (data.handed_at < window.test_until)
    test = np.flatnonzero(inside & data.judged)
    young = data.matured_at[inside] > as_of
    return Split(window, train, test, float(young.mean()) if len(young) else 0.0, _seen(data, train, test))


def _seen(data: LabelledFeatures, train: Integers, test: Integers) -> Flags:
    accounts = account_numbers(data.account_id)
    return np.isin(accounts[test], accounts[train])


def rolling_windows(data: LabelledFeatures, *, splits: int, as_of: int) -> tuple[SplitWindow, ...]:
    """Test windows that follow one another to the last judged handoff, each with about equally many of them.

    Every window is tested on a model that learned from everything settled before it. Windows for which there is too
    little to learn from are left out.
    """
    judged = np.sort(data.handed_at[data.judged])
    if not len(judged):
        return ()
    places = np.linspace(FIRST_TEST_SHARE, 1.0, splits + 1)[:-1] * len(judged)
    end = int(judged[-1]) // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY
    edges = [*_day_starts(judged[places.astype(np.int64)]), end]
    pairs = pairwise(edges)
    windows = (SplitWindow(None, first, first, last) for first, last in pairs)
    return tuple(window for window in windows if _enough(data, split_by(data, window, as_of=as_of)))


def _day_starts(moments: Integers) -> list[int]:
    """The first instants of these moments' days; the moments themselves where several fall on one day."""
    starts = moments - moments % MICROSECONDS_PER_DAY
    distinct = np.unique(starts)
    return [int(moment) for moment in (distinct if len(distinct) == len(moments) else np.unique(moments))]


def _enough(data: LabelledFeatures, found: Split) -> bool:
    labels = data.label[found.train]
    return len(found.train) >= MIN_TRAINING_ROWS and 0 < labels.sum() < len(labels) and len(found.test) > 0


def random_split(data: LabelledFeatures, *, seed: int) -> tuple[Integers, Integers]:
    """Judged rows in two by chance: 70 % to learn from, 30 % to test on. For contrast only."""
    judged = np.flatnonzero(data.judged)
    mixed = np.random.default_rng(seed).permutation(judged)
    cut = int(RANDOM_TEST_SHARE * len(mixed))
    return np.sort(mixed[cut:]), np.sort(mixed[:cut])


def forward_folds(
    times: Integers, matured: Integers, *, folds: int, first_share: float = FIRST_FOLD_SHARE
) -> Iterator[tuple[Integers, Integers]]:
    """Folds inside training rows: learn from what was settled before, judge on the block that follows.

    Args:
        times: Moment per row; rows of one moment stay together.
        matured: Since when the label of a row counts.
        folds: How many blocks.
        first_share: Share of the rows that is only learned from.

    Yields:
        Positions of earlier rows and of the block after them; both non-empty.
    """
    order = np.argsort(times, kind="stable")
    ranked = times[order]
    places = (np.linspace(first_share, 1.0, folds + 1) * len(times)).astype(np.int64)
    edges = [int(np.searchsorted(ranked, ranked[place])) if place < len(ranked) else len(ranked) for place in places]
    for start, end in pairwise(edges):
        if start < end:
            earlier = np.flatnonzero((times < ranked[start]) & (matured <= ranked[start]))
            if len(earlier):
                yield earlier, np.sort(order[start:end])
