"""Handoffs: an older points policy fills the sales team's weekly capacity; a few leads below it are sent at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesworthy.market.arrays import Floats, Ints, Words, stream
from salesworthy.market.calendar import DAY, END, HOUR, START, WEEK
from salesworthy.market.people import People
from salesworthy.market.points import Points

POLICY_VERSION = "points-2024"
PATHS = ("rule", "exploration")
EXPLORATION_SHARE = 0.06
_FIRST_WEEK = 2
_LAST_WEEK = (END - START - 5 * DAY) // WEEK
_HANDED_SHARE = 0.30
_RAMP = 0.5


@dataclass(frozen=True)
class Handoffs:
    """One row per handoff, sorted by moment; ``probability`` is NaN where sending was not random."""

    lead: Ints
    handed_at: Ints
    path: Words
    probability: Floats

    def __len__(self) -> int:
        return len(self.lead)


def weekly_capacity(leads: int, week: int) -> int:
    """How many leads the sales team of a market of that size can take in that week, random ones included."""
    return _capacity_until(leads, week + 1) - _capacity_until(leads, week)


def _capacity_until(leads: int, week: int) -> int:
    """How many leads can be taken in before that week; the team grows steadily."""
    weeks, done = _LAST_WEEK - _FIRST_WEEK + 1, week - _FIRST_WEEK
    share = done / weeks * (1 + _RAMP * ((done - 1) / (weeks - 1) - 1))
    return round(leads * _HANDED_SHARE * share)


def make_handoffs(people: People, points: Points, objected: Ints, seed: int) -> Handoffs:
    """Handoffs of all weeks. A lead is handed over once at most, and never after an objection.

    On Monday 0:00 of each week the open leads over the threshold are ranked by points (ties: the older lead first)
    and sent while there is capacity; some places are kept for leads drawn at random from the rest.
    """
    waiting = np.ones(len(people), np.bool_)
    sent: list[tuple[Ints, Ints, Floats]] = []
    for week in range(_FIRST_WEEK, _LAST_WEEK + 1):
        monday = START + week * WEEK
        present = waiting & (people.created_at < monday) & (objected > monday + 5 * DAY)
        chosen, probability = _of_week(present, points.on_monday(week), weekly_capacity(len(people), week), week, seed)
        waiting[chosen] = False
        sent.append((chosen, np.full(len(chosen), monday), probability))
    leads, mondays, probabilities = zip(*sent, strict=True)
    return _timed(np.concatenate(leads), np.concatenate(mondays), np.concatenate(probabilities), len(people), seed)


def _of_week(
    present: npt.NDArray[np.bool_], points: npt.NDArray[np.int16], capacity: int, week: int, seed: int
) -> tuple[Ints, Floats]:
    random_places = int(capacity * EXPLORATION_SHARE + stream(seed, f"places of week {week}").random())
    over = np.flatnonzero(present & (points >= Points.THRESHOLD))
    ranked = over[np.argsort(-points[over], kind="stable")][: capacity - random_places]
    rest = present.copy()
    rest[ranked] = False
    below = np.flatnonzero(rest)
    drawn = np.sort(
        stream(seed, f"exploration of week {week}").random(len(present))[below].argsort(kind="stable")[:random_places]
    )
    probability = np.full(len(ranked) + len(drawn), np.nan)
    probability[len(ranked) :] = len(drawn) / max(len(below), 1)
    return np.concatenate([ranked, below[drawn]]), probability


def _timed(lead: Ints, monday: Ints, probability: Floats, leads: int, seed: int) -> Handoffs:
    """Handoffs go out during the working hours of their week."""
    rng = stream(seed, "handoff times")
    day, hour = rng.integers(0, 5, leads), 8 + 9 * rng.random(leads)
    at = monday + day[lead] * DAY + (hour[lead] * HOUR).astype(np.int64)
    order = np.lexsort((lead, at))
    path = Words((~np.isnan(probability)).astype(np.int16), PATHS)
    return Handoffs(lead[order], at[order], path.take(order), probability[order])
