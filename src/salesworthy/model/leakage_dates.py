"""Dates that lie after the handoff: what they date was recorded when the lead was with sales already."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from salesworthy.model.dataset import Floats
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode, block, warn
from salesworthy.model.leakage_levels import AuditRows
from salesworthy.model.leakage_names import names_plan

TOLERANCE_DAYS = 1.0
"""A day written without its time, or in another time zone, may seem to lie so far ahead."""
LATER_SHARE = 0.01
"""Fewer later dates than this are slips of the pen ..."""
MIN_LATER = 5
"""... and so are fewer than these."""


def later_dates(rows: AuditRows, dated: Collection[str], words: dict[str, str]) -> Iterator[LeakageFinding]:
    """Columns of dates, as days before the handoff, that lie after it on some rows.

    A date that is a plan by its name (an arrival, a renewal) may lie ahead, and only warns.

    Args:
        rows: Judged handoffs.
        dated: Columns that hold days since a moment.
        words: The name that each column has at its source.
    """
    for name in dated:
        days = rows.columns.values.get(name)
        if not isinstance(days, np.ndarray):
            continue
        later = np.nan_to_num(days) < -TOLERANCE_DAYS
        known = int(np.isfinite(days).sum())
        if later.sum() >= max(MIN_LATER, LATER_SHARE * known):
            make = warn if names_plan(words.get(name, name)) else block
            yield make(name, LeakCode.LATER_DATE, _says(days, later.astype(np.float64), known))


def _says(days: Floats, later: Floats, known: int) -> str:
    count = int(later.sum())
    furthest, middle = -float(np.nanmin(days)), -float(np.median(days[later > 0]))
    return (
        f"its date lies after the handoff on {count:,} of {known:,} handoffs ({count / known:.0%}), by {middle:.0f} "
        f"days in the middle and by up to {furthest:.0f}: it was recorded later"
    )
