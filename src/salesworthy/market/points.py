"""The older points policy: points for acts of the last eight weeks, whoever made them, and for who the lead is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from salesworthy.market.accounts import Accounts
from salesworthy.market.arrays import Floats, Worth
from salesworthy.market.calendar import END, START, WEEK
from salesworthy.market.engagements import Engagements
from salesworthy.market.people import People
from salesworthy.market.vocabulary import ACT_TYPES

_WEEKS = (END - START) // WEEK + 1
_WINDOW_WEEKS = 8
_CHUNK = 50_000
_ROLE_POINTS: Worth = {
    "department_head": 10.0,
    "physician": 6.0,
    "procurement": 8.0,
    "nurse_manager": 5.0,
    "student": -10.0,
}
_FACILITY_POINTS: Worth = {"university_hospital": 6.0, "acute_care_hospital": 5.0, "ambulatory_surgery_centre": 3.0}
_TIMEFRAME_POINTS: Worth = {"now": 10.0, "3_months": 7.0, "6_months": 3.0}


@dataclass(frozen=True)
class Points:
    """Points of all leads on all Mondays. Mail scanners' clicks count as well: nobody had noticed them."""

    THRESHOLD: ClassVar[int] = 22

    by_week: npt.NDArray[np.int16]

    def on_monday(self, week: int) -> npt.NDArray[np.int16]:
        """Points of each lead at 0:00 on the Monday of that week, from what was known by then."""
        points: npt.NDArray[np.int16] = self.by_week[week]
        return points


def make_points(people: People, accounts: Accounts, engagements: Engagements) -> Points:
    """Points per week and lead; ``engagements`` sorted by lead."""
    by_week = np.empty((_WEEKS, len(people)), np.int16)
    standing = _standing(people, accounts)
    worth = np.array([act.points for act in ACT_TYPES], float)
    for begin in range(0, len(people), _CHUNK):
        end = min(begin + _CHUNK, len(people))
        rows = slice(*np.searchsorted(engagements.lead, [begin, end]))
        known_by = np.maximum(-((START - engagements.known_at[rows]) // WEEK), 0)
        cells = known_by * (end - begin) + engagements.lead[rows] - begin
        gained = np.bincount(cells, worth[engagements.act[rows]], minlength=(_WEEKS + 1) * (end - begin))
        totals = np.cumsum(gained.reshape(-1, end - begin)[:_WEEKS], axis=0)
        totals[_WINDOW_WEEKS:] -= totals[:-_WINDOW_WEEKS].copy()
        by_week[:, begin:end] = np.minimum(totals + standing[begin:end], 10_000)
    return Points(by_week)


def _standing(people: People, accounts: Accounts) -> Floats:
    return (
        people.role.values(_ROLE_POINTS)
        + people.timeframe.values(_TIMEFRAME_POINTS)
        + accounts.facility_type.take(people.account).values(_FACILITY_POINTS)
    )
