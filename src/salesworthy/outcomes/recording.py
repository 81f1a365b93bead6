"""Since when outcomes are recorded: handoffs from before that day have no outcome because nobody wrote one down.

A history whose outcomes begin late (left-truncated) would make every earlier handoff look lost. How many outcomes the
earlier handoffs should have had follows from how soon the later ones got theirs; where next to none of them are there,
the record had not begun.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from salesworthy.outcomes.handoffs import handoffs, not_before
from salesworthy.outcomes.labels import LabelRule

FEWEST_EXPECTED = 10.0
"""Outcomes that must be missing: chance alone takes away ten expected ones once in 22,000 times (Poisson)."""
MUCH_FEWER = 20.0
"""So many times fewer than expected is no record; single stray rows from earlier days do not hide its beginning."""
FEW_STRAYS, STRAY_SHARE, MOST_STRAYS = 5, 0.01, 200
"""How many stray rows may lie before the beginning: some, or a share of all outcomes, and never more than this."""


def first_outcomes(tables: Mapping[str, ir.Table], rule: LabelRule, *, until: int) -> ir.Table:
    """When each handoff got its first outcome: ``handed_at, first_at``, null where it has none.

    Grain: one row per handoff up to ``until``. Outcomes without a date are left out.

    Args:
        tables: Checked tables; ``leads`` and ``outcomes`` are needed.
        rule: Says in which offsets from UTC days begin.
        until: The moment for which the question is asked, in microseconds.
    """
    handed = handoffs(tables, until=until)
    outcomes = tables["outcomes"].select("lead_id", "at")
    outcomes = outcomes.filter(outcomes["at"] <= until)
    joined = handed.left_join(outcomes.rename(outcome_lead="lead_id"), handed.lead_id == outcomes.lead_id)
    belongs = not_before(joined["at"], joined.handed_at, rule.utc_offsets).fill_null(False)
    told = ibis.ifelse(belongs, ibis.greatest(joined["at"], joined.handed_at), ibis.null("int64"))
    return joined.group_by("lead_id", "handed_at").agg(first_at=told.min()).select("handed_at", "first_at")


def recorded_since(handed_at: npt.NDArray[np.int64], first_at: npt.NDArray[np.float64]) -> int | None:
    """The moment at which the record of outcomes begins, where handoffs reach back beyond it; None where they do not.

    Args:
        handed_at: When each lead was handed over (microseconds).
        first_at: When each got its first outcome; NaN where it has none.

    Example:
        >>> handed = np.arange(400)
        >>> told = np.where(handed >= 200, handed + 5.0, np.nan)
        >>> recorded_since(handed, told)
        205
        >>> recorded_since(handed[200:], told[200:]) is None
        True
    """
    told = np.sort(first_at[np.isfinite(first_at)])
    strays = min(max(FEW_STRAYS, int(STRAY_SHARE * len(told))), MOST_STRAYS)
    missing = [
        _expected_before(since, handed_at, first_at) - MUCH_FEWER * place
        for place, since in enumerate(told[: strays + 1])
    ]
    return int(told[np.argmax(missing)]) if max(missing, default=0.0) >= FEWEST_EXPECTED else None


def _expected_before(since: float, handed_at: npt.NDArray[np.int64], first_at: npt.NDArray[np.float64]) -> float:
    """How many outcomes the handoffs before a moment should have had by then, judging by those after it.

    Young handoffs among the later ones have not got all of theirs yet, so the figure is too low rather than too high.
    """
    later = handed_at >= since
    if not later.any():
        return 0.0
    delays = np.sort((first_at - handed_at)[later])
    delays = delays[np.isfinite(delays)]
    ages = since - handed_at[handed_at < since]
    return float(np.searchsorted(delays, ages, side="right").sum() / later.sum())
