"""Duplicate leads: the same person a second time, under another id and a slightly different spelling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salesworthy.market.arrays import stream
from salesworthy.market.calendar import DRIFT_START
from salesworthy.market.names import ALL_SPELLINGS, PEOPLE, SPELLINGS
from salesworthy.market.people import People

SHARE = 0.03
_SAME_MAIL = 0.55
SECOND_ENTRIES = 0.15
"""Share of the new leads that another feed had entered before, in the scenario of second entries."""
_SAME_PERSON = (
    "account",
    "home",
    "person",
    "role",
    "job_title",
    "department",
    "specialty",
    "competitor_installed",
    "full_name",
)


def with_duplicates(people: People, seed: int) -> People:
    """The same leads, where some are second entries of an earlier lead's person.

    A second entry shares site, role, title and department, keeps its own source, campaign and answers, and has the same
    mail address about every other time.
    """
    rng = stream(seed, "duplicates")
    count = len(people)
    rows = np.arange(count)
    chosen = (rng.random(count) < SHARE) & (rows > count // 20)
    originals = (rng.random(count) * rows).astype(np.int64)
    copies = rows[chosen & ~chosen[originals]]
    joined = people.copied(copies, originals[copies], _SAME_PERSON)
    same_mail = copies[rng.random(len(copies)) < _SAME_MAIL]
    joined = joined.copied(same_mail, originals[same_mail], ("email_key", "email_kind"))
    spelling = rng.integers(0, SPELLINGS, len(copies))
    names = joined.full_name.copy()
    names[copies] = names[copies] % PEOPLE + spelling * PEOPLE
    return replace(joined, full_name=names)


def with_second_entries_of_people(people: People, seed: int) -> People:
    """The same leads, where some of those since the drift are entered for the second time by another feed.

    Half keep the mail address. Names are as they were, with a slip, with an initial or with a nickname.
    """
    rng = stream(seed, "second entries of people")
    rows = np.arange(len(people))
    chosen = (rng.random(len(people)) < SECOND_ENTRIES) & (people.created_at >= DRIFT_START)
    copies, draws = rows[chosen], rng.random(len(people))[chosen]
    originals = (draws * np.searchsorted(people.created_at, DRIFT_START)).astype(np.int64)
    # What drives acts and scanners stays the second entry's own, so that the same numbers are drawn for everybody else.
    joined = people.copied(copies, originals, tuple(name for name in _SAME_PERSON if name != "home"))
    same_mail = rng.random(len(copies)) < _SAME_MAIL
    joined = joined.copied(copies[same_mail], originals[same_mail], ("email_key",))
    names = joined.full_name.copy()
    names[copies] = names[copies] % PEOPLE + rng.integers(0, ALL_SPELLINGS, len(copies)) * PEOPLE
    return replace(joined, full_name=names)
