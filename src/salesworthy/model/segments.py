"""Figures per segment: for which sources, regions, roles or products a model is right, and for which it is not.

Segments are levels of categories. Levels with few leads or few accounts are joined, so that nobody is singled out and
no figure rests on a handful; columns that name who works on a lead are never segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from salesworthy.model.curves import share_of
from salesworthy.model.dataset import Flags, Floats, Integers, Objects, known
from salesworthy.model.leakage_names import names_owner
from salesworthy.model.metrics import Figure, auc_figure

MIN_LEADS = 40
MIN_ACCOUNTS = 5
MIN_OF_EACH = 10
"""With fewer accepted, or fewer not accepted, there is no ranking to speak of."""
MOST_LEVELS = 12
NOT_KNOWN = "(not known)"
OTHERS = "(all others)"


@dataclass(frozen=True)
class Segment:
    """The tested leads of one level.

    Attributes:
        level: As the data name it; ``OTHERS`` for levels joined, ``NOT_KNOWN`` for none.
        joined: How many levels it is made of.
        leads: How many leads.
        accepted: Share of them that was accepted, with its interval.
        predicted: Mean propensity.
        roc_auc: How well they are ordered among themselves; no value where there are too few.
    """

    level: str
    joined: int
    leads: int
    accepted: Figure
    predicted: float
    roc_auc: Figure

    @property
    def verdict(self) -> str:
        """What the interval says of the propensities: ``too low``, ``too high``, or empty where they fit."""
        low, high = self.accepted.low, self.accepted.high
        if low is not None and self.predicted < low:
            return "too low"
        if high is not None and self.predicted > high:
            return "too high"
        return ""


def may_be_segments(names: Sequence[str]) -> tuple[str, ...]:
    """The columns of these that do not name who works on a lead.

    Example:
        >>> may_be_segments(["region", "account_manager", "source"])
        ('region', 'source')
    """
    return tuple(name for name in names if not names_owner(name))


def segments(
    columns: Mapping[str, Objects], y: Floats, p: Floats, groups: Integers, *, seed: int = 0
) -> dict[str, tuple[Segment, ...]]:
    """Per column its segments, the largest first, those joined and the unknown last.

    Columns of which fewer than two levels are large enough have nothing to compare and are left out.

    Args:
        columns: Level per lead (text, or None where it is not known).
        y: 1.0 or 0.0 per lead.
        p: Propensity per lead.
        groups: Account number per lead, from 0.
        seed: Of the draws behind the intervals of ROC AUC.
    """
    found = {}
    for name in may_be_segments(list(columns)):
        rows = _rows_per_level(columns[name], groups)
        if sum(level not in (OTHERS, NOT_KNOWN) for level in rows) >= 2:
            found[name] = tuple(
                _segment(level, joined, y[places], p[places], groups[places], seed=seed)
                for level, (joined, places) in rows.items()
            )
    return found


def _rows_per_level(levels: Objects, groups: Integers) -> dict[str, tuple[int, Integers]]:
    """Level -> how many levels it is made of, and its rows."""
    texts = np.array([str(level) if known(level) else NOT_KNOWN for level in levels.tolist()], dtype=object)
    names, place, counts = np.unique(texts.astype(str), return_inverse=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda at: (names[at] == NOT_KNOWN, -counts[at], names[at]))
    kept = [at for at in order if _large_enough(place == at, groups)]
    own = [at for at in kept if names[at] != NOT_KNOWN][:MOST_LEVELS]
    rest = [at for at in order if at not in own and names[at] != NOT_KNOWN]
    found = {str(names[at]): (1, np.flatnonzero(place == at)) for at in own}
    together = np.isin(place, rest)
    if rest and _large_enough(together, groups):
        found[OTHERS] = (len(rest), np.flatnonzero(together))
    if any(names[at] == NOT_KNOWN for at in kept):
        found[NOT_KNOWN] = (1, np.flatnonzero(texts == NOT_KNOWN))
    return found


def _large_enough(rows: Flags, groups: Integers) -> bool:
    return bool(rows.sum() >= MIN_LEADS and len(np.unique(groups[rows])) >= MIN_ACCOUNTS)


def _segment(level: str, joined: int, y: Floats, p: Floats, groups: Integers, *, seed: int) -> Segment:
    accounts = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    won = int(y.sum())
    enough = MIN_OF_EACH <= won <= len(y) - MIN_OF_EACH
    ranked = auc_figure(y, p, accounts, seed=seed) if enough else Figure(None, None, None)
    return Segment(level, joined, len(y), share_of(y, accounts), float(p.mean()), ranked)
