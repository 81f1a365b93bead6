"""What the synthetic market knows of the leads below its threshold in every week, and no model may see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from salesworthy.market.accounts import make_accounts
from salesworthy.market.calendar import DAY, END, HOUR, START, WEEK
from salesworthy.market.consents import make_consents, objected_at
from salesworthy.market.drift import drifted, recorded_campaign_types
from salesworthy.market.duplicates import with_duplicates
from salesworthy.market.engagements import make_engagements, merged
from salesworthy.market.facts import facts_as_of
from salesworthy.market.handoffs import Handoffs, make_handoffs
from salesworthy.market.intent import make_urges
from salesworthy.market.machine_clicks import make_machine_clicks
from salesworthy.market.outcomes import WINDOW
from salesworthy.market.people import make_people
from salesworthy.market.points import make_points
from salesworthy.market.scenarios import Scenario
from salesworthy.market.truth import truth_of

DAYS = 5


def mean_probability_below(leads: int, seed: int) -> tuple[float, int]:
    """The mean true probability over all weeks and leads that were below the threshold then, and how many these are.

    Only weeks whose handoffs are mature at the market's end count. A lead is asked about at the middle of the week's
    working days; the sample was asked about at any of them.
    """
    accounts = make_accounts(leads, seed)
    people, sites = drifted(make_people(leads, accounts, seed), accounts, Scenario.NONE, seed)
    people = with_duplicates(people, seed)
    urges = make_urges(people, len(accounts), seed)
    acts = make_engagements(people, urges, recorded_campaign_types(people, Scenario.NONE), seed)
    acts = merged(acts, *make_machine_clicks(people, accounts, Scenario.NONE, seed))
    objected = objected_at(make_consents(people, Scenario.NONE, seed), leads)
    handoffs = make_handoffs(people, make_points(people, sites, acts), objected, seed)
    found = []
    for week, lead in _below(people.created_at, objected, handoffs):
        at = np.full(len(lead), START + week * WEEK + DAYS * DAY // 2 + 4 * HOUR)
        found.append(truth_of(facts_as_of(people, sites, acts, lead, at), Scenario.NONE).probability)
    probability = np.concatenate(found)
    return float(probability.mean()), len(probability)


def _below(created_at: np.ndarray, objected: np.ndarray, handoffs: Handoffs) -> Iterator[tuple[int, np.ndarray]]:
    """Per week: who was there on Monday, had not been sent before, and was not sent by points that week."""
    week_of = (handoffs.handed_at - START) // WEEK
    last = (END - WINDOW - START) // WEEK - 1
    sent_in = np.full(len(created_at), np.iinfo(np.int64).max)
    sent_in[handoffs.lead] = week_of
    by_points = np.zeros(len(created_at), np.bool_)
    by_points[handoffs.lead] = np.isnan(handoffs.probability)
    for week in range(int(week_of.min()), int(last) + 1):
        monday = START + week * WEEK
        there = (created_at < monday) & (objected > monday + DAYS * DAY) & (sent_in >= week)
        yield week, np.flatnonzero(there & ~((sent_in == week) & by_points))
