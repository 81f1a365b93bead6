"""Features whose effect turns round: for acceptance in one period, against it in another.

The training rows are cut into periods that follow one another. In each, the effect of every column of the encoding (a
number, a yes/no, a level, an indicator of unknown) is judged by itself with the score test of logistic regression,
``z = sum((x - mean x) (y - rate)) / sqrt(rate (1 - rate) sum((x - mean x) ** 2))``. It turned round when it was clearly
positive in one period and clearly negative in another.

That is a finding, not yet a reason to drop a feature: handoffs of one month share their luck, so that ``z`` overstates,
and on real data most such features still help (see ``experiments/time_ordered_models``). Later handoffs decide.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import rankdata

from salesworthy.model.dataset import Floats, Integers
from salesworthy.model.encoding import Encoded, Encoder

PERIODS = 5
CLEAR = 3.0
"""Standard errors from zero, on both sides."""
MIN_EXPECTED = 5.0
"""A level, or a yes, must come with this many of either result in a period before its effect there is judged."""


def turning_features(encoder: Encoder, rows: Encoded, y: Floats, times: Integers) -> dict[str, str]:
    """Features whose effect turned round, each with how, in words.

    Args:
        encoder: What encoded the rows.
        rows: Encoded training rows.
        y: 1.0 or 0.0 per row.
        times: Moment per row.
    """
    ranks = rankdata(times, method="min") - 1
    periods = np.asarray(ranks * PERIODS // len(times), dtype=np.int64)
    found = {}
    for name, effects in _effects(encoder, rows, y, periods):
        turned = (effects.max(axis=0) > CLEAR) & (effects.min(axis=0) < -CLEAR)
        if turned.any():
            column = effects[:, int(np.argmax(turned))]
            found[name] = (
                f"its effect turned round: for acceptance in {int((column > CLEAR).sum())} of {PERIODS} periods, "
                f"against it in {int((column < -CLEAR).sum())}"
            )
    return found


def _effects(encoder: Encoder, rows: Encoded, y: Floats, periods: Integers) -> Iterator[tuple[str, Floats]]:
    """Per feature, periods x its columns: standard errors that the effect lies from zero; 0 where it is not judged."""
    inside = [np.flatnonzero(periods == period) for period in range(PERIODS)]
    numbers = np.array([_numbers(rows.numbers[place], y[place]) for place in inside])
    columns = [*encoder.numbers, *encoder.indicated]
    for name in encoder.numbers:
        yield name, numbers[:, [position for position, column in enumerate(columns) if column == name]]
    for name, codes in zip(encoder.categories, rows.codes, strict=True):
        levels = int(codes.max(initial=0)) + 1
        yield name, np.array([_levels(codes[place], y[place], levels) for place in inside])


def _numbers(values: Floats, y: Floats) -> Floats:
    rate = float(y.mean()) if len(y) else 0.0
    if not 0 < rate < 1:
        return np.zeros(values.shape[1])
    centred = values - values.mean(axis=0)
    spread = (centred**2).sum(axis=0)
    judged = spread * min(rate, 1 - rate) >= MIN_EXPECTED
    error = np.sqrt(rate * (1 - rate) * np.where(judged, spread, 1.0))
    return np.where(judged, (y - rate) @ centred / error, 0.0)


def _levels(codes: Integers, y: Floats, levels: int) -> Floats:
    rate = float(y.mean()) if len(y) else 0.0
    if not 0 < rate < 1:
        return np.zeros(levels)
    rows = np.bincount(codes, minlength=levels)
    others = len(codes) - rows
    judged = np.minimum(rows, others) * min(rate, 1 - rate) >= MIN_EXPECTED
    error = np.sqrt(rate * (1 - rate) * np.where(judged, rows * others / len(codes), 1.0))
    return np.where(judged, (np.bincount(codes, y, levels) - rows * rate) / error, 0.0)
