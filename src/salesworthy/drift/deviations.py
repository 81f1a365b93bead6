"""How far the latest weeks stray from the year before them, in units of what chance and this market's own habits make.

Each figure is compared on a scale where chance has the same size everywhere: the arcsine of the root of a share
(Anscombe 1948), the logarithm of a count, a mean or a score statistic as it is. A window (one week, four weeks, twelve
for outcomes) is compared with the up to 52 weeks that ended before it, and at least four weeks before now. ``raw`` is
that difference divided by the standard error that independent rows would give. Rows are not independent: colleagues
come together, campaigns come in bursts, seasons come and go. How much larger the differences of the past were than
their standard errors says so, per figure; ``habit`` is that factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.drift.watched import IN_THE_LARGE, OF_OUTCOMES, Flags, Floats, Kind, Watched, Weekly

WINDOWS = (1, 4, 12)
"""Lengths of the latest time that is compared, in weeks."""
SLOW = 12
"""Only what outcomes say is looked at over so long: they are few, and late anyway."""
GAP = 4
"""The reference ends so many weeks before now, or where a longer window begins."""
YEAR = 52
"""Longest reference, in weeks."""
LEAST = 8
"""Shortest reference, in weeks."""
INFORMATION = 5.0
"""A score statistic of less information is not near normal: one lead decides it."""
PRIOR = 10.0
"""How many weeks of differences as large as chance alone would make them are taken to have been seen already."""


@dataclass(frozen=True)
class Deviations:
    """Differences of one window length; weeks x watched, the window ending with each week.

    Attributes:
        window: Its length in weeks.
        now: The figure in the window.
        before: The figure in the reference.
        raw: The difference in standard errors of independent rows; NaN where it cannot be told.
        rows: Rows of the window.
    """

    window: int
    now: Floats
    before: Floats
    raw: Floats
    rows: Floats


def deviations(weekly: Weekly, window: int) -> Deviations:
    """How far every window strays from its reference.

    A figure is told where the window has rows and the reference has at least eight weeks with some.
    """
    now = [_latest(sums, window) for sums in (weekly.hits, weekly.totals)]
    old = [_reference(sums, window) for sums in (weekly.hits, weekly.totals, weekly.squares)]
    told = (_reference((weekly.totals > 0).astype(np.float64), window) >= LEAST) & (now[1] > 0)
    told[: window - 1] = False
    if window >= SLOW:
        told &= np.array([each.family in OF_OUTCOMES for each in weekly.watched], np.bool_)
    counts, scores = weekly.of_kind(Kind.COUNT), weekly.of_kind(Kind.SCORE)
    told &= ~scores | (now[1] >= INFORMATION)
    plain = weekly.of_kind(Kind.MEAN) | scores
    with np.errstate(invalid="ignore", divide="ignore"):
        change = _scaled(now[0], now[1], counts, plain) - _scaled(old[0], old[1], counts, plain)
        error = np.sqrt(1 / (4 * now[1] + 2) + 1 / (4 * old[1] + 2))
        error[:, counts] = np.sqrt(1 / (now[0] + 0.5) + 1 / (old[0] + 0.5))[:, counts]
        spread = np.where(scores, 1.0, np.maximum(old[2] / old[1] - (old[0] / old[1]) ** 2, 1e-12))
        error[:, plain] = np.sqrt(spread * (1 / now[1] + 1 / old[1]))[:, plain]
        raw = np.where(told, change / error, np.nan)
        _fill_joint(raw, weekly)
        return Deviations(window, now[0] / now[1], old[0] / old[1], raw, now[1])


def _fill_joint(raw: Floats, weekly: Weekly) -> None:
    """Joint columns: the squares of all scores of single reasons, as a normal figure (Wilson and Hilferty 1931)."""
    joint = np.flatnonzero(weekly.of_kind(Kind.JOINT))
    if not len(joint):
        return
    known = np.isfinite(raw) & np.array([_is_single(each) for each in weekly.watched], np.bool_)
    freedom = known.sum(axis=1)
    squares = np.where(known, raw**2, 0.0).sum(axis=1)
    width = 2 / (9 * np.maximum(freedom, 1))
    together = (np.cbrt(squares / np.maximum(freedom, 1)) - (1 - width)) / np.sqrt(width)
    raw[:, joint] = np.where(freedom >= 2, together, np.nan)[:, None]


def _is_single(watched: Watched) -> bool:
    return watched.kind == Kind.SCORE and watched.thing != IN_THE_LARGE


def _scaled(hits: Floats, totals: Floats, counts: Flags, plain: Flags) -> Floats:
    """Figures on the scale on which they are compared."""
    found = np.arcsin(np.sqrt((np.maximum(hits, 0) + 0.375) / (totals + 0.75)).clip(max=1.0))
    found[:, counts] = np.log(hits[:, counts] / totals[:, counts] + 0.5)
    found[:, plain] = (hits / totals)[:, plain]
    return np.asarray(found)


def _latest(sums: Floats, window: int) -> Floats:
    """Sums over the window that ends with each week."""
    total = np.concatenate([np.zeros((1, sums.shape[1])), np.cumsum(sums, axis=0)])
    ends = np.arange(1, len(total))
    return np.asarray(total[ends] - total[np.maximum(ends - window, 0)])


def gap(window: int) -> int:
    """How many weeks before now the reference of a window ends."""
    return max(GAP, window)


def _reference(sums: Floats, window: int) -> Floats:
    """Sums over the reference of the window that ends with each week."""
    total = np.concatenate([np.zeros((1, sums.shape[1])), np.cumsum(sums, axis=0)])
    ends = np.maximum(np.arange(1, len(total)) - gap(window), 0)
    return np.asarray(total[ends] - total[np.maximum(ends - YEAR, 0)])


def habits(raw: Floats, window: int) -> Floats:
    """How much larger differences used to be than chance makes them: one factor per watched figure, at least 1.

    Args:
        raw: Differences of past windows, weeks x watched.
        window: Length of the windows; longer ones overlap, and say less than their number.
    """
    known = np.isfinite(raw)
    total = np.where(known, raw**2, 0.0).sum(axis=0) / window
    return np.asarray(np.maximum(np.sqrt((PRIOR + total) / (PRIOR + known.sum(axis=0) / window)), 1.0))


def habits_without(raw: Floats, window: int) -> Floats:
    """The same factor for each past window, from all windows that do not overlap it; weeks x watched."""
    known = np.isfinite(raw).astype(np.float64)
    squares = np.where(known > 0, np.nan_to_num(raw) ** 2, 0.0)
    near = [_around(each, window - 1) for each in (squares, known)]
    total, n = ((each.sum(axis=0) - mine) / window for each, mine in zip((squares, known), near, strict=True))
    return np.asarray(np.maximum(np.sqrt((PRIOR + total) / (PRIOR + n)), 1.0))


def _around(values: Floats, reach: int) -> Floats:
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    place = np.arange(len(values))
    return np.asarray(total[np.minimum(place + reach + 1, len(values))] - total[np.maximum(place - reach, 0)])
