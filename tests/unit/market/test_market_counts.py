"""Fast counts against a slow, plain reference: acts in windows, activity at sites, points of the older policy."""

from __future__ import annotations

import numpy as np
import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY as DAY
from salesworthy.market import act_counts, site_activity
from salesworthy.market.act_counts import COUNTED, count_acts
from salesworthy.market.arrays import Words, choose_given, expand, pick, stream
from salesworthy.market.calendar import END, START, WEEK, arrivals, hours
from salesworthy.market.handoffs import weekly_capacity
from salesworthy.market.points import make_points
from salesworthy.market.vocabulary import ACT_TYPES

MOMENTS = [END, START + 400 * DAY]


def rows_of(acts) -> list[tuple[int, int, int, int, bool]]:
    columns = (acts.lead, acts.occurred_at, acts.known_at, acts.act, acts.by_people)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def known(acts, as_of: int, days: float) -> list[tuple[int, int, int]]:
    """(lead, act, moment) of people's acts of the last days, as known then."""
    return [
        (lead, act, at)
        for lead, at, known_at, act, by_people in rows_of(acts)
        if by_people and at <= as_of and known_at <= as_of and as_of - at < days * DAY
    ]


def questions(world, as_of: int) -> tuple[np.ndarray, np.ndarray]:
    lead = np.arange(0, len(world.people), 3)
    return lead, np.full(len(lead), as_of)


@pytest.mark.parametrize("as_of", MOMENTS)
@pytest.mark.parametrize("chunk", [50_000, 7])
def test_acts_are_counted_in_their_windows(world, monkeypatch, as_of, chunk):
    monkeypatch.setattr(act_counts, "_CHUNK", chunk)
    lead, moments = questions(world, as_of)
    found = count_acts(world.acts, lead, moments)
    for name, counted in COUNTED.items():
        recent = known(world.acts, as_of, counted.days)
        expected = [sum(1 for whose, act, _ in recent if whose == each and act in counted.types) for each in lead]
        assert found.counts[name].tolist() == expected, name
    last = {whose: at for whose, _, at in sorted(known(world.acts, as_of, 10_000), key=lambda act: act[2])}
    assert found.last_at.tolist() == [last.get(each, np.iinfo(np.int64).min) for each in lead.tolist()]


def test_counting_for_nobody_gives_nothing(world):
    nobody = np.zeros(0, np.int64)
    assert all(len(counts) == 0 for counts in count_acts(world.acts, nobody, nobody).counts.values())


@pytest.mark.parametrize("as_of", MOMENTS)
@pytest.mark.parametrize("pairs_at_once", [4_000_000, 50])
def test_sites_are_as_active_as_their_people(world, monkeypatch, as_of, pairs_at_once):
    monkeypatch.setattr(site_activity, "_PAIRS_AT_ONCE", pairs_at_once)
    account = world.people.account
    lead, moments = questions(world, as_of)
    found = site_activity.site_activity(world.acts, account, lead, moments)
    month, quarter = known(world.acts, as_of, 30), known(world.acts, as_of, 90)
    for number, each in enumerate(lead):
        at_site = [] if account[each] < 0 else np.flatnonzero(account == account[each]).tolist()
        assert found.acts[number] == sum(whose in at_site for whose, _, _ in month)
        assert found.people[number] == len({whose for whose, _, _ in quarter if whose in at_site})


def test_points_of_a_monday_are_those_of_eight_weeks_machine_clicks_included(world):
    points = make_points(world.people, world.accounts, world.acts)
    standing = points.on_monday(0) - gained(world, 0)
    for week in (1, 7, 8, 9, 50, 103):
        assert (points.on_monday(week) - gained(world, week) == standing).all(), week
    assert set(np.unique(standing)) <= {
        s + f + t for s in (-10, 0, 5, 6, 8, 10) for f in (0, 3, 5, 6) for t in (0, 3, 7, 10)
    }


def gained(world, week: int) -> np.ndarray:
    monday = START + week * WEEK
    total = np.zeros(len(world.people), int)
    for lead, _, known_at, act, _ in rows_of(world.acts):
        first_week = max(known_at, START) > monday - 8 * WEEK or (known_at <= START and week < 8)
        if known_at <= monday and first_week:
            total[lead] += ACT_TYPES[act].points
    return total


@pytest.mark.parametrize("leads", [100, 777, 20_000])
def test_capacity_grows_and_adds_up(leads):
    weeks = [weekly_capacity(leads, week) for week in range(2, 104)]
    assert min(weeks) >= 0
    assert abs(sum(weeks) - 0.3 * leads) <= 2
    assert sum(weeks[:51]) < 0.8 * sum(weeks[51:])


def test_arrivals_are_quiet_at_weekends_and_grow():
    moments = arrivals(stream(1, "arrivals"), 50_000)
    days = (moments - START) // DAY
    weekend = (days % 7 >= 5).mean()
    assert 0.06 < weekend < 0.13
    assert (days >= 365).mean() > 0.53
    assert moments.min() >= START
    assert moments.max() < END


def test_hours_are_working_hours():
    drawn = hours(stream(1, "hours"), 10_000) / DAY * 24
    assert drawn.min() >= 7
    assert drawn.max() <= 20
    assert np.median(drawn) == pytest.approx(13.5, abs=0.2)


def test_words_are_taken_replaced_and_valued():
    words = Words(np.array([0, 1, -1], np.int16), ("a", "b"))
    assert words.take(np.array([2, 0, -1])).codes.tolist() == [-1, 0, -1]
    assert words.values({"a": 1.5, None: -1.0}).tolist() == [1.5, 0.0, -1.0]
    assert words.among(["b"]).tolist() == [False, True, False]
    replaced = words.where(np.array([True, False, True]), Words(np.array([0, 0, -1], np.int16), ("c",)))
    assert [replaced.words[code] if code >= 0 else None for code in replaced.codes] == ["c", "b", None]


def test_draws_follow_their_shares():
    rows = np.repeat([0, 1], 20_000)
    drawn = pick(stream(1, "pick"), np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 0.0]]), rows)
    assert (drawn[rows == 1] == 1).all()
    assert (drawn[rows == 0] == 2).mean() == pytest.approx(0.75, abs=0.01)
    assert not (drawn[rows == 0] == 1).any()
    given = Words(np.array([0, -1] * 1000, np.int16), ("x",))
    chosen = choose_given(stream(1, "given"), {"x": {"one": 1.0}, None: {None: 1.0}}, given)
    assert (chosen.codes == given.codes).all()


def test_expanding_counts():
    rows, position = expand(np.array([2, 0, 3]))
    assert rows.tolist() == [0, 0, 2, 2, 2]
    assert position.tolist() == [0, 1, 0, 1, 2]
