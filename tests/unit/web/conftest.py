"""A small application with a route of every sort, on an empty ledger, with a clock that tests turn."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from salesworthy.ledger.store import Ledger
from salesworthy.ledger.users import User
from salesworthy.web.access import API_LEADS, LEADS, PEOPLE, SAYS, SIGNED_IN
from salesworthy.web.app import Site
from salesworthy.web.people import AREA as PEOPLE_AREA
from salesworthy.web.routes import Area
from salesworthy.web.services import Services
from salesworthy.web.serving import SignIn, pages
from salesworthy.web.sign_in import passwords
from salesworthy.web.visit import Here

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "four plain words here"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
HASH = CHEAP.hash(PASSWORD)
ORIGIN = "http://testserver"
SECRET = "a secret that the proxy shows"


@dataclass
class Clock:
    """Microseconds."""

    now: int = 1_782_900_000_000_000

    def __call__(self) -> int:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000)


area = Area()


@area.get("/", access=SIGNED_IN)
def start(visit: Here) -> str:
    return "start"


@area.get("/leads", access=LEADS)
def leads(visit: Here, page: int = 1) -> str:
    return repr(visit.scope)


@area.post("/say", access=SAYS)
def say(visit: Here):
    return visit.go("/leads")


@area.get("/secret", access=PEOPLE)
def secret(visit: Here) -> str:
    return "secret"


@area.get("/broken", access=SIGNED_IN)
def broken(visit: Here) -> str:
    raise ValueError("Mary Smith's mail is m@example.org")


@area.get("/api/v1/leads", access=API_LEADS)
def api_leads(visit: Here, page: int = 1) -> dict[str, str]:
    return {"scope": repr(visit.scope)}


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    """The same argon2id, for less memory and time."""
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    monkeypatch.setattr(passwords, "_MADE", [])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    found = Ledger("sqlite:///ledger.db", tmp_path)
    for user in (
        User("Kim", ("sales",), ("dach",)),
        User("Mo", ("marketing",)),
        User("Ada", ("admin",)),
    ):
        found.users.record(user, by="a person", now=1, password_hash=HASH)
    return found


@pytest.fixture
def opened(ledger, clock):
    """Opens the application: ``opened()``, ``opened(SignIn("proxy", ...))``, ``opened(origin="https://...")``."""

    def made(sign_in: SignIn | None = None, *, origin: str = ORIGIN, address: str = "testclient"):
        services = Services(ledger, None, None, clock, "acme")
        app = pages(services, sign_in or SignIn(), Site(origin), areas=[area, PEOPLE_AREA])
        return TestClient(
            app, base_url=origin, follow_redirects=False, raise_server_exceptions=False, client=(address, 50000)
        )

    return made
