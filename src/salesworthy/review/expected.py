"""What sales can expect of leads: the number of SQL with its interval, from known outcomes and propensities."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.959963984540054
"""97.5 % point of the normal distribution."""


def sql_interval(known: float, propensities: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the number of SQL among leads that convert independently with their propensities.

    The number is Poisson-binomial; its normal approximation (Hodges and Le Cam 1960) is cut off at what is possible.
    It is about luck alone: that propensities may be wrong is not in it.

    Args:
        known: SQL that are known already.
        propensities: Of the leads whose outcome is not known.

    Example:
        >>> low, high = sql_interval(3, [0.5] * 100)
        >>> round(low, 1), round(high, 1)
        (43.2, 62.8)
    """
    expected = math.fsum(propensities)
    reach = Z * math.sqrt(math.fsum(each * (1 - each) for each in propensities))
    return known + max(0.0, expected - reach), known + min(float(len(propensities)), expected + reach)


def difference_interval(
    gained: tuple[float, Sequence[float]], lost: tuple[float, Sequence[float]]
) -> tuple[float, float, float]:
    """How many more SQL come of leads that are gained than of leads that are lost, with the 95 % interval.

    Args:
        gained: SQL known already among leads that only the new way hands over, and propensities of the others.
        lost: The same of leads that only the old way hands over.

    Returns:
        Expectation, lower and upper bound.
    """
    expected = gained[0] + math.fsum(gained[1]) - lost[0] - math.fsum(lost[1])
    reach = Z * math.sqrt(math.fsum(each * (1 - each) for each in [*gained[1], *lost[1]]))
    return expected, expected - reach, expected + reach
