"""Markets written once per session, read back as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from salesworthy.market.accounts import Accounts, make_accounts
from salesworthy.market.engagements import Engagements, make_engagements, merged
from salesworthy.market.generate import MarketSummary, write_market
from salesworthy.market.intent import make_urges
from salesworthy.market.machine_clicks import make_machine_clicks
from salesworthy.market.people import People, make_people
from salesworthy.market.scenarios import Scenario


@dataclass(frozen=True)
class Market:
    """A written market; ``market["leads"]`` reads a table."""

    folder: Path
    summary: MarketSummary
    _read: dict[str, pl.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._read:
            self._read[name] = pl.read_parquet(self.folder / f"{name}.parquet")
        return self._read[name]


@dataclass(frozen=True)
class World:
    """People, sites and acts in memory."""

    people: People
    accounts: Accounts
    acts: Engagements


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """20,000 leads without drift."""
    folder = tmp_path_factory.mktemp("market")
    return Market(folder, write_market(folder, leads=20_000, seed=7))


@pytest.fixture(scope="session")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Market]:
    """A market of 4,000 leads with a scenario."""

    @cache
    def written(scenario: str) -> Market:
        folder = tmp_path_factory.mktemp(scenario)
        return Market(folder, write_market(folder, leads=4_000, seed=7, drift=scenario))

    return written


@pytest.fixture(scope="session")
def world() -> World:
    """A market of 400 leads in memory."""
    accounts = make_accounts(400, 3)
    people = make_people(400, accounts, 3)
    by_people = make_engagements(people, make_urges(people, len(accounts), 3), people.campaign_type, 3)
    return World(people, accounts, merged(by_people, *make_machine_clicks(people, accounts, Scenario.NONE, 3)))
