"""Consents: what people agreed to, and how that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from salesworthy.market.arrays import Ints, Words, Worth, choose, choose_given, stream
from salesworthy.market.calendar import DAY, DRIFT_START, END
from salesworthy.market.people import People
from salesworthy.market.scenarios import Scenario

_NEW_NOTICE = "v2"
_NOTICE_CHANGED = DRIFT_START - 300 * DAY
_BY_PHONE = 0.3
_NEVER = np.iinfo(np.int64).max
_FIRST: Worth = {"opt_in": 0.62, "implied": 0.25, "none": 0.13}
_FIRST_UNDER_NEW_NOTICE: Worth = {"opt_in": 0.31, "implied": 0.25, "none": 0.44}
_CHANGES: Mapping[str | None, Worth] = {
    "opt_in": {"withdrawn": 0.06, "objected": 0.015, None: 0.925},
    "implied": {"opt_in": 0.10, "withdrawn": 0.05, "objected": 0.02, None: 0.83},
    "none": {"opt_in": 0.12, "objected": 0.04, None: 0.84},
    None: {None: 1.0},
}


@dataclass(frozen=True)
class Consents:
    """One row per state or change, sorted by lead and moment."""

    lead: Ints
    at: Ints
    state: Words
    channel: Words
    notice_version: Words


def make_consents(people: People, scenario: Scenario, seed: int) -> Consents:
    """A first state per lead and channel, and later withdrawals, objections and opt-ins by e-mail."""
    rng = stream(seed, "consents")
    rows = np.arange(len(people))
    first = choose(rng, _FIRST, len(people))
    later = choose_given(rng, _CHANGES, first)
    at = people.created_at + (rng.random(len(people)) * (END - people.created_at)).astype(np.int64)
    phone = np.flatnonzero(rng.random(len(people)) < _BY_PHONE)
    if scenario is Scenario.CONSENT_CHANGE:
        first = _under_new_notice(people, first, seed)
    changed = np.flatnonzero(later.codes >= 0)
    states = [first, first.take(phone), later.take(changed)]
    words = tuple(dict.fromkeys(word for part in states for word in part.words))
    moments = np.concatenate([people.created_at, people.created_at[phone], at[changed]])
    return _sorted(
        lead=np.concatenate([rows, phone, changed]),
        at=moments,
        state=Words(np.concatenate([_recoded(part, words) for part in states]), words),
        channel=Words(
            np.repeat(np.array([0, 1, 0], np.int16), [len(rows), len(phone), len(changed)]), ("email", "phone")
        ),
        notice=_notices(moments, scenario),
    )


def objected_at(consents: Consents, leads: int) -> Ints:
    """When each lead objected to direct marketing; the largest integer for those who never did."""
    moments = np.full(leads, _NEVER)
    rows = consents.state.among(["objected"])
    np.minimum.at(moments, consents.lead[rows], consents.at[rows])
    return moments


def _under_new_notice(people: People, first: Words, seed: int) -> Words:
    new = choose(stream(seed, "consent change"), _FIRST_UNDER_NEW_NOTICE, len(people))
    return first.where(people.created_at >= DRIFT_START, new)


def _recoded(states: Words, words: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.array([words.index(word) for word in states.words], np.int16)[states.codes]


def _notices(moments: Ints, scenario: Scenario) -> Words:
    number = (moments >= _NOTICE_CHANGED).astype(np.int16)
    if scenario is Scenario.CONSENT_CHANGE:
        number += (moments >= DRIFT_START).astype(np.int16)
    return Words(number, ("v1", _NEW_NOTICE, "v3"))


def _sorted(*, lead: Ints, at: Ints, state: Words, channel: Words, notice: Words) -> Consents:
    order = np.lexsort((channel.codes, at, lead))
    return Consents(lead[order], at[order], state.take(order), channel.take(order), notice.take(order))
