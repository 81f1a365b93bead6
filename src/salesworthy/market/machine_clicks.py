"""Machine clicks: mail scanners open every link of a message within seconds of its delivery.

Most say who they are; some pass for a browser, or leave no hint but their speed.
"""

from __future__ import annotations

import numpy as np

from salesworthy.market.accounts import Accounts
from salesworthy.market.arrays import Codes, Ints, expand, stream
from salesworthy.market.calendar import DAY, DAYS, DRIFT_START, END, HOUR, SECOND, START
from salesworthy.market.campaigns import campaign_of
from salesworthy.market.content import items_for
from salesworthy.market.engagements import Engagements
from salesworthy.market.people import People
from salesworthy.market.scenarios import Scenario
from salesworthy.market.vocabulary import PEOPLE_AGENTS, acts

_DAYS_BETWEEN_MAILS = 110.0
_WAVE = 8.0
_IN_DISGUISE = 0.12
_WITHOUT_HINT = 0.4
_MAIL_GOES_OUT = (9 * HOUR, 10 * HOUR + HOUR // 2, 14 * HOUR)


def make_machine_clicks(people: People, accounts: Accounts, scenario: Scenario, seed: int) -> list[Engagements]:
    """Bursts of clicks on messages to people whose site scans its mail."""
    scanner = np.append(accounts.scanner, -1)[people.home]
    scanned = np.flatnonzero((scanner >= 0) & people.email_kind.among(["corporate"]))
    rng = stream(seed, "machine clicks")
    clicks = [_bursts(rng, scanner, scanned, since=people.created_at, days_between=_DAYS_BETWEEN_MAILS)]
    if scenario is Scenario.SCANNER_WAVE:
        since = np.maximum(people.created_at, DRIFT_START)
        wave = stream(seed, "scanner wave")
        clicks.append(_bursts(wave, scanner, scanned, since=since, days_between=_DAYS_BETWEEN_MAILS / _WAVE))
    return clicks


def _bursts(rng: np.random.Generator, scanner: Ints, scanned: Ints, *, since: Ints, days_between: float) -> Engagements:
    """Three to eight clicks a message, all within some twelve seconds."""
    mails, _ = expand(rng.poisson((END - since[scanned]) / DAY / days_between))
    lead = scanned[mails]
    day = rng.integers(0, DAYS, len(lead)) % np.maximum((END - since[lead]) // DAY, 1)
    midnight = START + (since[lead] - START) // DAY * DAY
    delivered = midnight + (day + 1) * DAY + np.array(_MAIL_GOES_OUT)[rng.integers(0, 3, len(lead))]
    which, position = expand(rng.integers(3, 9, len(lead)))
    occurred = delivered[which] + ((2 + 1.3 * position + rng.random(len(which))) * SECOND).astype(np.int64)
    click_types = np.array(acts("click"))
    act = click_types[rng.integers(0, len(click_types), len(which))]
    agent = _agents(rng, scanner[lead])
    return Engagements(
        lead=lead[which],
        occurred_at=occurred,
        known_at=occurred,
        act=act.astype(np.int16),
        content=items_for(act, rng.random(len(act))).astype(np.int16),
        campaign=campaign_of("email_nurture", occurred).astype(np.int16),
        agent=agent[which],
        value=np.full(len(act), np.nan),
        by_people=np.zeros(len(act), np.bool_),
    )


def _agents(rng: np.random.Generator, scanner: Ints) -> Codes:
    """The hint that each burst leaves: the scanner's name, for a few a browser's, or nothing."""
    disguise, browser = rng.random(len(scanner)), rng.integers(0, len(PEOPLE_AGENTS), len(scanner))
    shown = np.where(disguise < _IN_DISGUISE, browser, scanner + len(PEOPLE_AGENTS))
    return np.where(disguise < _IN_DISGUISE * _WITHOUT_HINT, -1, shown).astype(np.int16)
