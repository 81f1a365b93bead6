"""Values that come with the outcome: empty for one of them, decided on one value, or a default that was kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from scipy.stats import poisson

from salesworthy.model.columns import ColumnKind
from salesworthy.model.dataset import Flags, Floats
from salesworthy.model.leakage_findings import LeakageFinding, LeakCode, block, warn
from salesworthy.model.leakage_levels import AuditRows, Levels

MISSING_BLOCKS = 0.8
"""Difference between the shares that are empty among accepted and among other handoffs. Filled in for one outcome only
is 1; the largest of an honest column on the data of ``experiments/leakage`` is 0.21."""
MISSING_WARNS = 0.4
ERRORS = 4.0
"""Standard errors that the difference must have."""
MIN_ROWS = 30
EXCEPTIONS = 0.005
"""A value decides the outcome when at most this share of its rows had the other one."""
COVERED = 0.01
"""A value that covers less than this share of the rows may be one group that decided together."""
BY_CHANCE = 1e-6
"""... and when chance would do that less often than this, at the outcome rates of the time: one false alarm in a
thousand audits of a thousand values each."""
DEFAULT_SHARE = (0.25, 0.9)
"""Share of the known rows that the commonest value must have to look like a default."""
MANY_VALUES = 30
"""A default stands out among at least so many other values."""
DEFAULT_ODDS = 2.8
"""The odds of the outcome on the default over those on all other values, or the reverse. The only case in the public
data is the country of hotel bookings, which is corrected at check-in (3.0 to 3.7); honest columns reach 2.7."""


def missing_with_outcome(rows: AuditRows) -> Iterator[LeakageFinding]:
    """Columns that are filled in for the one outcome and empty for the other."""
    won = rows.label > 0.5
    if len(rows) < MIN_ROWS or not 0 < won.sum() < len(rows):
        return
    for each in rows.levels:
        accepted, others = float(each.missing[won].mean()), float(each.missing[~won].mean())
        share = float(each.missing.mean())
        error = float(np.sqrt(share * (1 - share) * (1 / won.sum() + 1 / (~won).sum())))
        if abs(accepted - others) >= max(MISSING_WARNS, ERRORS * error):
            says = f"it is empty on {accepted:.0%} of the accepted handoffs and on {others:.0%} of the others"
            make = block if abs(accepted - others) >= MISSING_BLOCKS else warn
            yield make(each.name, LeakCode.MISSING_WITH_OUTCOME, says)


def decided_values(rows: AuditRows, raw: Collection[str]) -> Iterator[LeakageFinding]:
    """Columns with values on which everybody has the same outcome, which chance does not explain.

    A value on which everybody is accepted blocks. One on which nobody is may be a fact of life (a student, a
    competitor) and warns; the far end of a number, and a count of dated acts, may well be one, and do not even that.

    Args:
        rows: Judged handoffs.
        raw: Columns as somebody filled them in, and not measured over dated acts.
    """
    for each in rows.levels:
        told, won, expected = each.sums(), each.sums(rows.label), each.sums(rows.rates)
        yes = _decided(told, told - won, told - expected)
        no = _decided(told, won, expected)
        if yes.any() and told[yes].sum() >= COVERED * len(rows):
            yield block(each.name, LeakCode.DECIDED_VALUE, _decided_says(each, told, yes, "all", rows))
        elif no.any() and told[no].sum() >= COVERED * len(rows) and each.name in raw and not each.ranges:
            yield warn(each.name, LeakCode.DECIDED_VALUE, _decided_says(each, told, no, "none", rows))


def _decided(told: Floats, exceptions: Floats, expected: Floats) -> Flags:
    """Levels with next to no exceptions, where many were expected."""
    few = (told >= MIN_ROWS) & (exceptions <= EXCEPTIONS * told)
    return np.asarray(few & (poisson.cdf(exceptions, expected) < BY_CHANCE))


def _decided_says(levels: Levels, told: Floats, decided: Flags, who: str, rows: AuditRows) -> str:
    places = np.flatnonzero(decided)
    largest = int(places[np.argmax(told[places])])
    more = f" or {len(places) - 1} more value(s)" if len(places) > 1 else ""
    return (
        f"{who} of the {int(told[places].sum()):,} handoffs (of {len(rows):,}) with the value "
        f"{levels.says(largest)}{more} were accepted, give or take {EXCEPTIONS:.1%}; the rate is "
        f"{rows.label.mean():.1%}"
    )


def kept_defaults(rows: AuditRows) -> Iterator[LeakageFinding]:
    """Categories whose commonest value goes with the outcome, as where a default is corrected for some leads only."""
    for each in rows.levels:
        known = each.sums()[:-1]
        if each.kind is not ColumnKind.CATEGORY or np.count_nonzero(known) <= MANY_VALUES:
            continue
        top = int(np.argmax(known))
        share, odds = float(known[top] / known.sum()), _odds_ratio(each, rows, top)
        if DEFAULT_SHARE[0] <= share <= DEFAULT_SHARE[1] and max(odds, 1 / odds) >= DEFAULT_ODDS:
            yield warn(
                each.name,
                LeakCode.KEPT_DEFAULT,
                f"{each.says(top)} stands on {share:.0%} of the rows, and has {odds:.2g} times the odds of acceptance "
                f"of its {np.count_nonzero(known) - 1:,} other values: is it a default that is corrected later?",
            )


def _odds_ratio(levels: Levels, rows: AuditRows, top: int) -> float:
    """Odds on one level over those on all other known ones, with half a row added to each cell."""
    told, won = levels.sums()[:-1], levels.sums(rows.label)[:-1]
    inside = (won[top] + 0.5) / (told[top] - won[top] + 0.5)
    outside = (won.sum() - won[top] + 0.5) / (told.sum() - told[top] - won.sum() + won[top] + 0.5)
    return float(inside / outside)
