"""Drift scenarios: named changes that set in at one moment and leave everything before it as it was."""

from __future__ import annotations

from enum import StrEnum

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.names import nearest


class Scenario(StrEnum):
    """What changes on 1 January 2026."""

    NONE = "none"
    MIS_TAGGED_CAMPAIGN = "mis_tagged_campaign"
    NEW_PRODUCT = "new_product"
    REGION_ON = "region_on"
    OUTCOME_RATE_FALL = "outcome_rate_fall"
    QUIET_FEED = "quiet_feed"
    ROLE_MIX_CHANGE = "role_mix_change"
    CONSENT_CHANGE = "consent_change"
    SCANNER_WAVE = "scanner_wave"
    CONCEPT_SHIFT = "concept_shift"
    SECOND_ENTRIES = "second_entries"


SCENARIOS: dict[Scenario, str] = {
    Scenario.NONE: "nothing changes",
    Scenario.MIS_TAGGED_CAMPAIGN: "new leads of content syndication arrive under the executive briefing's campaign id",
    Scenario.NEW_PRODUCT: "a good third of new leads ask for a product that did not exist before, and convert less",
    Scenario.REGION_ON: "a quarter of the sites open a sister site in a region that was off; new leads come from there",
    Scenario.OUTCOME_RATE_FALL: "sales accepts fewer of the same leads: log-odds fall by 0.9 for handoffs from then on",
    Scenario.QUIET_FEED: "webinars go on, but their attendance is no longer recorded",
    Scenario.ROLE_MIX_CHANGE: "four in ten of the new leads turn out to be students, researchers or others",
    Scenario.CONSENT_CHANGE: "a new notice halves the share of new leads that opt in",
    Scenario.SCANNER_WAVE: "mail scanners click some nine times as often as before",
    Scenario.CONCEPT_SHIFT: "evaluation and demonstration requests stop mattering; evidence and webinars matter more",
    Scenario.SECOND_ENTRIES: "another feed enters people and sites again: nicknames, slips, other mail addresses",
}
"""One sentence per scenario."""


def scenario_called(name: str | None) -> Scenario:
    """The scenario of that name; none when there is no name.

    Raises:
        WrongUsage: When there is no such scenario.
    """
    if name is None:
        return Scenario.NONE
    try:
        return Scenario(name)
    except ValueError as error:
        raise WrongUsage(
            f"there is no drift scenario called {name!r}",
            where="--drift",
            todo=nearest(name, [str(each) for each in SCENARIOS]),
        ) from error
