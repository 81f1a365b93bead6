"""Weekly sums that tests make up: quiet markets with overdispersion and memory, and changes put into them."""

from __future__ import annotations

import numpy as np

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.drift.watched import Family, Kind, Watched, Weekly, joined, shares
from salesworthy.drift.weeks import Weeks

MONDAY = 4 * MICROSECONDS_PER_DAY  # 1970-01-05


def weeks(count: int) -> Weeks:
    return Weeks(MONDAY, count)


def quiet(count: int, things: int, *, seed: int, rows: int = 200, clusters: int = 1, memory: float = 0.0) -> Weekly:
    """Shares of ``things`` independent things; rows come in clusters of equal ones, and rates remember last week."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0.02, 0.6, things)
    wander = np.zeros((count, things))
    for week in range(1, count):
        wander[week] = memory * wander[week - 1] + rng.normal(0, 0.15 * (memory > 0), things)
    rate = 1 / (1 + np.exp(-(np.log(base / (1 - base)) + wander)))
    totals = rng.poisson(rows / clusters, count)[:, None] + 5
    hits = rng.binomial(totals, rate) * clusters
    watched = [Watched(Family.FEATURE, f"thing{number}", "yes") for number in range(things)]
    return shares(weeks(count), watched, hits, np.broadcast_to(totals * clusters, hits.shape))


def with_jump(weekly: Weekly, thing: int, week: int, share: float) -> Weekly:
    """From a week on, one thing has another share."""
    hits = weekly.hits.copy()
    hits[week:, thing] = np.round(share * weekly.totals[week:, thing])
    return shares(weekly.weeks, weekly.watched, hits, weekly.totals)


def every_kind(count: int, *, seed: int) -> Weekly:
    """A share, a count, a mean and a score statistic."""
    rng = np.random.default_rng(seed)
    rows = rng.poisson(50, (count, 1)).astype(float)
    values = [rng.normal(1.0, 2.0, int(n)) for n in rows[:, 0]]
    sums, squares = (np.array([[part.sum()] for part in parts]) for parts in (values, [each**2 for each in values]))
    none = np.zeros_like(rows)

    def one(kind: Kind, family: Family, hits, totals, second) -> Weekly:
        return Weekly(weeks(count), (Watched(family, str(kind), kind=kind),), hits, totals, second)

    return joined(
        weeks(count),
        [
            one(Kind.SHARE, Family.FEATURE, np.asarray(rng.binomial(rows.astype(int), 0.3), float), rows, none),
            one(Kind.COUNT, Family.FLOW, rows, np.ones_like(rows), none),
            one(Kind.MEAN, Family.REASON, sums, rows, squares),
            one(Kind.SCORE, Family.CALIBRATION, rng.normal(0, 3, (count, 1)), rows / 5, none),
        ],
    )
