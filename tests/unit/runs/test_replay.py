"""The replay's days and figures, as tables of cases."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from tests.unit.policy.conftest import EXAMPLE

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.moments import format_moment, parse_moment
from salesworthy.policy.dated import DatedProbability
from salesworthy.policy.loading import load_policy
from salesworthy.runs.replay_days import changes_hold_from, mondays, spells
from salesworthy.runs.replay_report import FirstMql, headline, sales_of


@pytest.fixture(scope="module")
def example():
    return load_policy(EXAMPLE)


def workspace(timezone="UTC"):
    return SimpleNamespace(settings=SimpleNamespace(workspace=SimpleNamespace(timezone=timezone)))


def weeks(first, last, timezone="UTC"):
    zone = dt.UTC if timezone == "UTC" else __import__("zoneinfo").ZoneInfo(timezone)
    moments = (parse_moment(day, timezone=zone) for day in (first, last))
    return [format_moment(moment) for moment in mondays(workspace(timezone), *moments)]


def test_weeks_are_the_mondays_of_the_window_both_days_included():
    assert weeks("2026-03-02", "2026-03-16") == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert weeks("2026-03-03", "2026-03-15") == ["2026-03-09"]
    with pytest.raises(WrongUsage, match="no Monday"):
        weeks("2026-03-03", "2026-03-08")


def test_mondays_begin_where_the_workspace_is_across_a_change_of_the_clock():
    found = weeks("2026-03-23", "2026-03-30", "Europe/Berlin")
    assert found == ["2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"]


def with_threshold(policy, *versions):
    """A copy whose last propensity threshold has these versions."""
    decided = {"unit": "probability", "reason": "a test", "approver": "nobody"}
    dated = DatedProbability.model_validate([{"value": value, "from": day, **decided} for day, value in versions])
    criteria = [
        *policy.criteria[:-2],
        policy.criteria[-2].model_copy(update={"propensity": dated}),
        policy.criteria[-1],
    ]
    return policy.model_copy(update={"criteria": tuple(criteria)})


def test_changes_hold_from_the_last_day_that_is_new(example):
    assert changes_hold_from(example, example) == 0
    later = with_threshold(example, ("2024-01-01", 0.2), ("2026-12-01", 0.1))
    assert format_moment(changes_hold_from(example, later)) == "2026-12-01"
    rewritten = with_threshold(example, ("2024-01-01", 0.1))
    assert format_moment(changes_hold_from(example, rewritten)) == "2024-01-01"


def test_weeks_between_which_nothing_starts_are_asked_together(example):
    moments = [parse_moment(day) for day in ("2026-02-16", "2026-02-23", "2026-03-02", "2026-03-09")]
    found = [[format_moment(moment) for moment in group] for group in spells(moments, example)]
    assert found == [["2026-02-16", "2026-02-23"], ["2026-03-02", "2026-03-09"]]  # a threshold rises on 1 March
    later = with_threshold(example, ("2024-01-01", 0.2), ("2026-03-05", 0.1))
    assert [len(group) for group in spells(moments, example, later)] == [2, 1, 1]


WEEK = 100


def mql(lead, propensity=None):
    return FirstMql(lead, WEEK, propensity, None)


# handovers as (matured at, label), propensity -> known, SQL known, estimated, unknown
OUTCOMES = {
    "nobody was handed over": ([], None, (0, 0, 0, 1)),
    "estimated": ([], 0.25, (0, 0, 1, 0)),
    "won later": ([(150, 1.0)], 0.25, (1, 1, 0, 0)),
    "lost later": ([(150, 0.0)], 0.25, (1, 0, 0, 0)),
    "closed before that week": ([(99, 1.0)], 0.25, (0, 0, 1, 0)),
    "lost, then won": ([(120, 0.0), (300, 1.0)], None, (1, 1, 0, 0)),
}


@pytest.mark.parametrize(("handovers", "propensity", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_known_outcomes_come_before_estimates(handovers, propensity, expected):
    found = sales_of([mql("A", propensity)], {"A": handovers})
    assert (found["known"], found["sql_known"], found["estimated"], found["unknown"]) == expected


def test_rates_leave_out_what_is_not_known():
    found = sales_of([mql("A"), mql("B", 0.5), mql("C", 0.1)], {"C": [(150, 1.0)]})
    assert (found["leads"], found["sql_expected"], found["sql_per_100"]) == (3, 1.5, 75.0)
    assert sales_of([mql("A")], {})["sql_per_100"] is None


def group(leads, rate):
    return {"leads": leads, "sql_per_100": rate}


HEADLINES = {
    (1, 10.0, 19.04): "1 of 50 leads changes decision; 10 more MQLs; 9 more SQL per 100 MQLs (10.0 before, 19.0 after)",
    (7, 10.0, 8.5): "7 of 50 leads change decision; 10 more MQLs; 1.5 fewer SQL per 100 MQLs (10.0 before, 8.5 after)",
    (7, 10.0, 10.02): "7 of 50 leads change decision; 10 more MQLs; as many SQL per 100 MQLs (10.0 before, 10.0 after)",
    (7, None, 8.0): "7 of 50 leads change decision; 10 more MQLs; what sales would gain is not known",
}


@pytest.mark.parametrize(("given", "says"), HEADLINES.items(), ids=str)
def test_headline(given, says):
    changed, before, after = given
    assert headline(changed, 50, {"old": group(20, before), "new": group(30, after)}) == says
