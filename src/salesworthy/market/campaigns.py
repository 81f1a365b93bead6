"""Campaigns: one of each type per quarter."""

from __future__ import annotations

import numpy as np

from salesworthy.market.arrays import Ints, Words
from salesworthy.market.calendar import DAY, QUARTERS, quarter_of
from salesworthy.market.distributions import CAMPAIGN_TYPES

COUNT = len(QUARTERS) * len(CAMPAIGN_TYPES)
_APPROVED_BEFORE = 20 * DAY


def campaign_types() -> Words:
    """Type of each campaign."""
    return Words(np.tile(np.arange(len(CAMPAIGN_TYPES)), len(QUARTERS)).astype(np.int16), CAMPAIGN_TYPES)


def approved_at() -> Ints:
    """When each campaign was approved: twenty days before its quarter."""
    return np.repeat(np.array(QUARTERS) - _APPROVED_BEFORE, len(CAMPAIGN_TYPES))


def campaign_in(moments: Ints, types: Words) -> Ints:
    """Row of the campaign of each type in the quarter of each moment; -1 for none."""
    numbers = np.array([*(CAMPAIGN_TYPES.index(word) for word in types.words), -1])[types.codes]
    return np.where(numbers < 0, -1, quarter_of(moments) * len(CAMPAIGN_TYPES) + numbers)


def campaign_of(kind: str, moments: Ints) -> Ints:
    """Row of the campaign of one type in the quarter of each moment."""
    return quarter_of(moments) * len(CAMPAIGN_TYPES) + CAMPAIGN_TYPES.index(kind)
