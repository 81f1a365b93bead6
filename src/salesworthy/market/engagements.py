"""Engagements: what people did, when, with which content, and when we came to know of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from salesworthy.market.arrays import Codes, Flags, Floats, Ints, Words, pick, stream
from salesworthy.market.calendar import DAY, END, HOUR, MINUTE, START, acting_moments
from salesworthy.market.campaigns import campaign_in, campaign_of
from salesworthy.market.content import items_for
from salesworthy.market.intent import Urges
from salesworthy.market.people import People
from salesworthy.market.vocabulary import ACT_TYPES, PEOPLE_AGENTS, acts

_LEVELS = np.linspace(-2.5, 3.0, 12)
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("physician", "department_head", "nurse_manager"),
    ("procurement", "administrator"),
    ("biomedical_engineer",),
)
_TASTES: tuple[dict[str | None, float], ...] = (
    {"clinical_evidence": 1.5, "clinical_outcomes": 1.5, "procurement": 0.5},
    {"pricing": 2.2, "procurement": 2.5, "economics": 2.5, "clinical_evidence": 0.4, "clinical_outcomes": 0.4},
    {"implementation": 2.5, "training": 2.5, "regulatory": 2.0, "clinical_outcomes": 0.6},
    {"industry_news": 2.0, "evaluation": 0.6, "demo": 0.7, "pricing": 0.6},
)
_FIRST_ACT = {
    "web_form": acts("form", topics=("contact",))[0],
    "webinar": acts("webinar", topics=("product_overview",))[0],
    "event": acts("booth")[0],
    "content_syndication": acts("download", topics=("product_overview",))[0],
    "paid_search": acts("view", topics=("product_overview",))[0],
    "partner": acts("view", topics=("product_overview",))[0],
}
_LATE_DAYS = {"webinar": (0.5, 3.0), "booth": (2.0, 12.0)}
_LATE_FORMS = 0.03


@dataclass(frozen=True)
class Engagements:
    """One row per act. ``act`` numbers ``ACT_TYPES``; -1 stands for no item, campaign, agent.

    ``agent`` is the hint that the table shows; ``by_people`` is the truth, false for a mail scanner's clicks.
    """

    lead: Ints
    occurred_at: Ints
    known_at: Ints
    act: Codes
    content: Codes
    campaign: Codes
    agent: Codes
    value: Floats
    by_people: Flags

    def __len__(self) -> int:
        return len(self.lead)

    def rows(self, chosen: Flags | Ints | slice) -> Engagements:
        """Some of the rows, in their order."""
        return Engagements(*(getattr(self, name)[chosen] for name in COLUMNS))


COLUMNS = tuple(field.name for field in fields(Engagements))


def make_engagements(people: People, urges: Urges, campaign_types: Words, seed: int) -> Engagements:
    """Acts of people, unsorted: each lead's first act, then those of its urges.

    Each row draws the same numbers whatever the other rows are, so that a change of some people leaves the acts of the
    others alone.
    """
    moments = acting_moments(stream(seed, "act times"), urges.day)
    rng = stream(seed, "act types")
    later = _act_types(rng, people.role, urges)
    too_early = moments <= people.created_at[urges.lead]
    soon = people.created_at[urges.lead] + (rng.random(len(moments)) * 6 * HOUR).astype(np.int64) + MINUTE
    first_lead, first_act = _first_acts(people.source)
    lead = np.concatenate([first_lead, urges.lead])
    act = np.concatenate([first_act, later])
    occurred = np.concatenate([people.created_at[first_lead], np.where(too_early, soon, moments)])
    firsts = campaign_in(people.created_at, campaign_types)[first_lead]
    return _completed(lead, occurred, act, firsts, seed)


def _completed(lead: Ints, occurred: Ints, act: Ints, first_campaigns: Ints, seed: int) -> Engagements:
    """Acts with all that belongs to them; a lead is known from its first act on, however late that was recorded."""
    rng = stream(seed, "act details")
    lag = _lags(rng, act)
    first = np.arange(len(lead)) < len(first_campaigns)
    known = np.where(first, occurred, occurred + lag)
    occurred = np.where(first, occurred - lag, occurred)
    content = items_for(act, rng.random(len(act)))
    agent = np.where(rng.random(len(act)) < 0.6, rng.integers(0, len(PEOPLE_AGENTS), len(act)), -1)
    is_webinar = np.isin(act, acts("webinar"))
    value = np.where(is_webinar, np.round(20 + 35 * rng.random(len(act))), np.nan)
    campaign = _campaigns(act, occurred)
    campaign[: len(first_campaigns)] = first_campaigns
    return Engagements(
        lead=lead,
        occurred_at=occurred,
        known_at=known,
        act=act.astype(np.int16),
        content=content.astype(np.int16),
        campaign=campaign.astype(np.int16),
        agent=agent.astype(np.int16),
        value=value,
        by_people=np.ones(len(lead), np.bool_),
    )


def merged(*parts: Engagements) -> Engagements:
    """All acts that are known before the market's end, sorted by lead and moment."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    kept = np.flatnonzero(columns["known_at"] < END)
    order = kept[np.lexsort((columns["occurred_at"][kept], columns["lead"][kept]))]
    return Engagements(**{name: column[order] for name, column in columns.items()})


def _act_types(rng: np.random.Generator, role: Words, urges: Urges) -> Ints:
    weight = np.array([act.weight for act in ACT_TYPES])
    slope = np.array([act.slope for act in ACT_TYPES])
    liking = np.array([[taste.get(act.topic, 1.0) for act in ACT_TYPES] for taste in _TASTES])
    weights = liking[:, None, :] * weight * np.exp(slope * _LEVELS[:, None])
    group_of = np.full(len(role.words) + 1, len(_GROUPS))
    for number, group in enumerate(_GROUPS):
        group_of[:-1][np.isin(role.words, group)] = number
    step = _LEVELS[1] - _LEVELS[0]
    level = np.clip(np.rint((urges.level - _LEVELS[0]) / step), 0, len(_LEVELS) - 1).astype(np.int64)
    rows = group_of[role.codes][urges.lead] * len(_LEVELS) + level
    return pick(rng, weights.reshape(-1, len(ACT_TYPES)), rows)


def _first_acts(source: Words) -> tuple[Ints, Ints]:
    """Leads whose source is an act of their own, and that act."""
    act = source.values({word: _FIRST_ACT.get(word or "", -1) for word in source.words}).astype(np.int64)
    lead = np.flatnonzero(act >= 0)
    return lead, act[lead]


def _lags(rng: np.random.Generator, act: Ints) -> Ints:
    """Time from the act to our knowing of it, in microseconds."""
    low, high = np.zeros(len(ACT_TYPES)), np.zeros(len(ACT_TYPES))
    for number, each in enumerate(ACT_TYPES):
        low[number], high[number] = _LATE_DAYS.get(each.kind, (0.0, 0.0))
    days = low[act] + (high - low)[act] * rng.random(len(act))
    late_form = np.isin(act, acts("form")) & (rng.random(len(act)) < _LATE_FORMS)
    return (np.where(late_form, 5 * rng.random(len(act)), days) * DAY).astype(np.int64)


def _campaigns(act: Ints, occurred: Ints) -> Ints:
    moments = np.maximum(occurred, START)
    campaign = np.full(len(act), -1)
    for kind, type_ in (("click", "email_nurture"), ("webinar", "webinar_series"), ("booth", "trade_show")):
        chosen = np.isin(act, acts(kind))
        campaign[chosen] = campaign_of(type_, moments[chosen])
    return campaign
