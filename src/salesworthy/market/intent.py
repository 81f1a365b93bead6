"""Latent intent: episodes of interest of leads and of whole sites, and the days on which they make people act."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesworthy.market.arrays import Floats, Ints, expand, stream
from salesworthy.market.calendar import DAY, DAYS, START
from salesworthy.market.people import People

_EPISODE_DAYS = 9.0
_FIRST_ACTS = 5.4
_LATER_ACTS = 5.0
_DAYS_BETWEEN_EPISODES = 160.0
_PROJECTS_PER_SITE = 2.0
_JOINS_A_PROJECT = 0.55
_IDLE_ACTS_PER_DAY = 0.011
_ATTENTION_DAYS = 330.0


@dataclass(frozen=True)
class Urges:
    """Single impulses to act: whose, on which day since the start (fractional), and at which level of intent."""

    lead: Ints
    day: Floats
    level: Floats


def make_urges(people: People, sites: int, seed: int) -> Urges:
    """All impulses of all leads, unsorted. Intent rises within an episode, and acts with it.

    A lead's attention ends after some months, so that a site is as lively in a late year as in an early one.
    """
    rng = stream(seed, "intent")
    born = (people.created_at - START) / DAY
    rows = np.arange(len(people))
    awake = np.minimum(DAYS - born, rng.exponential(_ATTENTION_DAYS, len(rows)))
    parts = [
        _episode(rng, rows, born, people.intent + 0.5 * rng.standard_normal(len(rows)), _FIRST_ACTS),
        _own_episodes(rng, people, born, awake),
        _site_projects(rng, people, born, awake, sites),
        _idle(rng, people, born, awake),
    ]
    return Urges(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("lead", "day", "level")))


def _episode(rng: np.random.Generator, lead: Ints, start: Floats, strength: Floats, acts: float) -> Urges:
    """Acts of episodes that start on these days: the stronger, the more and of a higher step; rising as they go on."""
    count = rng.poisson(acts * np.exp(0.45 * strength - 0.12))
    which, _ = expand(count)
    offset = rng.exponential(_EPISODE_DAYS, len(which))
    level = 0.8 * strength[which] + np.minimum(offset / _EPISODE_DAYS, 2.0) * 0.5 - 0.4
    return Urges(lead[which], start[which] + offset, level)


def _own_episodes(rng: np.random.Generator, people: People, born: Floats, awake: Floats) -> Urges:
    lead, _ = expand(rng.poisson(awake / _DAYS_BETWEEN_EPISODES))
    start = born[lead] + rng.random(len(lead)) * awake[lead]
    return _episode(rng, lead, start, 0.7 * people.intent[lead] + 0.8 * rng.standard_normal(len(lead)), _LATER_ACTS)


def _site_projects(rng: np.random.Generator, people: People, born: Floats, awake: Floats, sites: int) -> Urges:
    """Acts of those who take part in a purchasing project of their site; several colleagues then act together."""
    count = np.append(rng.poisson(_PROJECTS_PER_SITE, sites), 0)
    first = np.cumsum(count) - count
    begins = rng.random(int(count.sum())) * (DAYS + 60) - 60
    strength = 0.7 + 0.5 * rng.standard_normal(len(begins))
    lead, position = expand(count[people.home])
    project = first[people.home[lead]] + position
    since = begins[project] - born[lead]
    joins = (rng.random(len(lead)) < _JOINS_A_PROJECT) & (since > -20) & (since < awake[lead])
    lead, project = lead[joins], project[joins]
    start = np.maximum(begins[project], born[lead]) + rng.exponential(10.0, len(lead))
    return _episode(rng, lead, start, strength[project] + 0.4 * people.intent[lead], _LATER_ACTS)


def _idle(rng: np.random.Generator, people: People, born: Floats, awake: Floats) -> Urges:
    lead, _ = expand(rng.poisson(_IDLE_ACTS_PER_DAY * awake))
    level = 0.4 * people.intent[lead] - 1.0
    return Urges(lead, born[lead] + rng.random(len(lead)) * awake[lead], level)
