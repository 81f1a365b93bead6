"""What a lead had done by a moment: counts of acts in windows, and the last act; machine clicks do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from salesworthy.market.arrays import Codes, Flags, Floats, Ints
from salesworthy.market.calendar import DAY
from salesworthy.market.engagements import Engagements
from salesworthy.market.vocabulary import ACT_TYPES, acts

_RESOURCES = ("open", "download", "view")
_EVIDENCE = ("clinical_evidence", "clinical_outcomes")
_CHUNK = 50_000


@dataclass(frozen=True)
class Counted:
    """Acts of some types within so many days."""

    days: int
    types: tuple[int, ...]


COUNTED: Mapping[str, Counted] = {
    "evaluations_30d": Counted(30, acts("form", topics=("evaluation",))),
    "evaluations_90d": Counted(90, acts("form", topics=("evaluation",))),
    "demos_30d": Counted(30, acts("form", topics=("demo",))),
    "demos_90d": Counted(90, acts("form", topics=("demo",))),
    "samples_90d": Counted(90, acts("form", topics=("sample",))),
    "pricing_requests_30d": Counted(30, acts("form", topics=("pricing",))),
    "procurement_resources_90d": Counted(90, acts(*_RESOURCES, topics=("procurement", "pricing"))),
    "evidence_30d": Counted(30, acts(*_RESOURCES, topics=_EVIDENCE)),
    "evidence_90d": Counted(90, acts(*_RESOURCES, topics=_EVIDENCE)),
    "webinars_90d": Counted(90, acts("webinar")),
    "outcome_webinars_90d": Counted(90, acts("webinar", topics=("clinical_outcomes",))),
    "booths_90d": Counted(90, acts("booth")),
    "implementation_90d": Counted(90, acts(*_RESOURCES, "webinar", topics=("implementation", "training"))),
    "downloads_90d": Counted(90, acts("download")),
    "industry_news_90d": Counted(90, acts(*_RESOURCES, topics=("industry_news",))),
    "clicks_30d": Counted(30, acts("click")),
    "views_30d": Counted(30, acts("view")),
    "acts_30d": Counted(30, acts()),
    "acts_90d": Counted(90, acts()),
}


@dataclass(frozen=True)
class ActCounts:
    """One entry per question: ``counts`` by name of ``COUNTED``; ``last_at`` is the least integer for never."""

    counts: Mapping[str, Floats]
    last_at: Ints


def known_to_people(engagements: Engagements, as_of: Ints) -> Flags:
    """Which acts are a person's, have happened, and are known at the moment given for each."""
    return engagements.by_people & (engagements.known_at <= as_of) & (engagements.occurred_at <= as_of)


def count_acts(engagements: Engagements, lead: Ints, as_of: Ints) -> ActCounts:
    """Counts for questions (lead, as_of), ``lead`` ascending and unique; ``engagements`` sorted by lead and moment."""
    parts = [
        _chunk(engagements, lead[begin : begin + _CHUNK], as_of[begin : begin + _CHUNK])
        for begin in range(0, max(len(lead), 1), _CHUNK)
    ]
    counts = {name: np.concatenate([part.counts[name] for part in parts]) for name in COUNTED}
    return ActCounts(counts, np.concatenate([part.last_at for part in parts]))


def _chunk(engagements: Engagements, lead: Ints, as_of: Ints) -> ActCounts:
    acts_here, row = _acts_of(engagements, lead)
    age = as_of[row] - acts_here.occurred_at
    counts_at = known_to_people(acts_here, as_of[row])
    by_type = {
        days: _per_type(row, acts_here.act, counts_at & (age < days * DAY), len(lead))
        for days in {each.days for each in COUNTED.values()}
    }
    last_at = np.full(len(lead), np.iinfo(np.int64).min)
    np.maximum.at(last_at, row[counts_at], acts_here.occurred_at[counts_at])
    return ActCounts({name: by_type[each.days][:, each.types].sum(axis=1) for name, each in COUNTED.items()}, last_at)


def _acts_of(engagements: Engagements, lead: Ints) -> tuple[Engagements, Ints]:
    """The acts of these leads, and the row of ``lead`` that each belongs to."""
    if len(lead) == 0:
        return engagements.rows(slice(0, 0)), np.zeros(0, np.int64)
    begin, end = np.searchsorted(engagements.lead, [lead[0], lead[-1] + 1])
    row_of = np.full(lead[-1] - lead[0] + 1, -1)
    row_of[lead - lead[0]] = np.arange(len(lead))
    row = row_of[engagements.lead[begin:end] - lead[0]]
    return engagements.rows(slice(begin, end)).rows(row >= 0), row[row >= 0]


def _per_type(row: Ints, act: Codes, counted: Flags, rows: int) -> Floats:
    cells = row[counted] * len(ACT_TYPES) + act[counted]
    return np.bincount(cells, minlength=rows * len(ACT_TYPES)).reshape(rows, len(ACT_TYPES)).astype(float)
