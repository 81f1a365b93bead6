"""The market's one entrance: all tables of a synthetic medtech market, with known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.moments import format_moment
from salesworthy.market import tables
from salesworthy.market.accounts import Accounts, make_accounts
from salesworthy.market.aftermath import make_aftermath
from salesworthy.market.arrays import Ints
from salesworthy.market.calendar import DRIFT_START, END
from salesworthy.market.consents import make_consents, objected_at
from salesworthy.market.content import make_content
from salesworthy.market.drift import drifted, recorded_campaign_types
from salesworthy.market.duplicates import with_duplicates
from salesworthy.market.engagements import Engagements, make_engagements, merged
from salesworthy.market.facts import facts_as_of
from salesworthy.market.handoffs import Handoffs, make_handoffs
from salesworthy.market.intent import make_urges
from salesworthy.market.machine_clicks import make_machine_clicks
from salesworthy.market.outcomes import WINDOW, make_outcomes
from salesworthy.market.people import People, make_people
from salesworthy.market.points import make_points
from salesworthy.market.scenarios import Scenario, scenario_called
from salesworthy.market.truth import Truth, centred, means, truth_of
from salesworthy.market.vocabulary import acts
from salesworthy.market.writing import ID_DIGITS, publish, write_table

Progress = Callable[[str, float], None]
MOST_LEADS = 10**ID_DIGITS


@dataclass(frozen=True)
class MarketSummary:
    """What was written: rows per table, handoffs, outcomes told, share accepted in time among the worked, end."""

    rows: dict[str, int]
    handoffs: int
    outcomes: int
    positive_rate: float
    end: str
    scenario: str


@dataclass(frozen=True)
class _World:
    """People, sites and acts. ``happened`` is what people did, ``recorded`` what the tables show of it."""

    people: People
    accounts: Accounts
    happened: Engagements
    recorded: Engagements


def write_market(
    folder: Path, *, leads: int, seed: int, drift: str | None = None, progress: Progress | None = None
) -> MarketSummary:
    """Write all tables of a market as Parquet files; the same arguments give the same bytes.

    Two years of leads, from 2024-07-01 until 2026-07-01. Beside the tables of a workspace stand ``truth`` (probability
    and contributions of each handed-over lead at its handoff, and of each lead at the end), ``true_people`` and
    ``true_sites`` (which leads are one person, which accounts one site) and ``true_acts`` (which acts are by people);
    nothing but tests may read these four.

    Args:
        folder: Created when needed; files of the same names are replaced, ``leads.parquet`` last.
        leads: How many leads, up to ten million; some 20 engagements each.
        seed: Seed of all random numbers, not negative.
        drift: Name of a scenario that sets in on 2026-01-01; see ``scenarios.SCENARIOS``.
        progress: Told the name of each step and the share done.

    Raises:
        WrongUsage: When there is no such scenario, or the number of leads or the seed cannot be.
    """
    scenario = scenario_called(drift)
    _check_can_write(leads, seed)
    report = progress or _silent
    folder.mkdir(parents=True, exist_ok=True)
    report("people and their acts", 0.0)
    world = _make_world(leads, scenario, seed)
    report("handoffs", 0.4)
    consents = make_consents(world.people, scenario, seed)
    points = make_points(world.people, world.accounts, world.recorded)
    handoffs = make_handoffs(world.people, points, objected_at(consents, leads), seed)
    report("truth", 0.5)
    at_handoff, at_end = _truths(world, handoffs, scenario)
    outcomes = make_outcomes(world.people, handoffs, at_handoff.probability, seed)
    aftermath = make_aftermath(leads, handoffs, outcomes, seed)
    contents = {
        "accounts": tables.accounts_table(world.accounts),
        "engagements": tables.engagements_table(world.recorded),
        "content": tables.content_table(make_content(seed)),
        "campaigns": tables.campaigns_table(),
        "consents": tables.consents_table(consents, world.people, world.accounts),
        "handoffs": tables.handoffs_table(handoffs),
        "outcomes": tables.outcomes_table(handoffs, outcomes),
        "truth": tables.truth_table([(handoffs.lead, at_handoff), (np.arange(leads), at_end)]),
        "true_people": tables.true_people_table(world.people),
        "true_sites": tables.true_sites_table(world.accounts),
        "true_acts": tables.true_acts_table(world.recorded),
        "leads": tables.leads_table(world.people, recorded_campaign_types(world.people, scenario), aftermath),
    }
    _write(folder, contents, report)
    told = outcomes.worked & (handoffs.handed_at < END - WINDOW)
    return MarketSummary(
        rows={name: table.rows for name, table in contents.items()},
        handoffs=len(handoffs),
        outcomes=contents["outcomes"].rows,
        positive_rate=float(outcomes.accepted_in_time(handoffs)[told].mean()) if told.any() else 0.0,
        end=format_moment(END),
        scenario=str(scenario),
    )


def _check_can_write(leads: int, seed: int) -> None:
    if not 1 <= leads < MOST_LEADS:
        raise WrongUsage(f"cannot write {leads} leads", where="--leads", todo=f"ask for 1 to {MOST_LEADS - 1}")
    if seed < 0:
        raise WrongUsage(f"a seed cannot be negative: {seed}", where="--seed", todo="use 0 or more")


def _silent(step: str, share: float, /) -> None:
    """Report to nobody."""
    del step, share


def _make_world(leads: int, scenario: Scenario, seed: int) -> _World:
    accounts = make_accounts(leads, seed)
    people, drifted_accounts = drifted(make_people(leads, accounts, seed), accounts, scenario, seed)
    people = with_duplicates(people, seed)
    urges = make_urges(people, len(accounts), seed)
    by_people = make_engagements(people, urges, recorded_campaign_types(people, scenario), seed)
    happened = merged(by_people, *make_machine_clicks(people, accounts, scenario, seed))
    return _World(people, drifted_accounts, happened, _recorded(happened, scenario))


def _recorded(happened: Engagements, scenario: Scenario) -> Engagements:
    if scenario is not Scenario.QUIET_FEED:
        return happened
    return happened.rows(~np.isin(happened.act, acts("webinar")) | (happened.known_at < DRIFT_START))


def _truths(world: _World, handoffs: Handoffs, scenario: Scenario) -> tuple[Truth, Truth]:
    """Truth at the handoffs, in their order, and of all leads at the end, around the mean handoff before any drift."""

    def truth(lead: Ints, as_of: Ints) -> Truth:
        return truth_of(facts_as_of(world.people, world.accounts, world.happened, lead, as_of), scenario)

    order = np.argsort(handoffs.lead)
    at_handoff = truth(handoffs.lead[order], handoffs.handed_at[order]).rows(np.argsort(order))
    around = means(at_handoff.rows(np.flatnonzero(handoffs.handed_at < DRIFT_START)))
    everyone = np.arange(len(world.people))
    at_end = truth(everyone, np.full(len(everyone), END))
    return centred(at_handoff, around), centred(at_end, around)


def _write(folder: Path, contents: dict[str, tables.Table], report: Progress) -> None:
    for number, (name, table) in enumerate(contents.items()):
        report(f"writing {name}", 0.6 + 0.4 * number / len(contents))
        write_table(folder, name, table.rows, table.columns)
    publish(folder, list(contents))
    report("done", 1.0)
