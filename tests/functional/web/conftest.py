"""One served workspace and one Chromium per worker; people of every role to sign in as."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from tests.functional.conftest import salesworthy

from salesworthy.ledger.users import User
from salesworthy.runs.workspace import open_workspace
from salesworthy.web.sign_in.passwords import hashed

PASSWORD = "four plain words here"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DAY = "2026-07-01"
NOW = 1_782_900_000_000_000
PEOPLE = {
    "sales": User("Kim Sales", ("sales",), ("dach_general",)),
    "all_sales": User("Lee Leads Sales", ("sales",), ("*",), "sales_leadership"),
    "marketing": User("Mo Marketing", ("marketing",), (), "marketing_operations"),
    "compliance": User("Cy Compliance", ("compliance",), (), "compliance"),
    "data_science": User("Dee Data", ("data_science",)),
    "admin": User("Ada Admin", ("admin",)),
    "everything": User("Eve Everything", ("sales", "marketing", "compliance", "data_science", "admin"), ("*",)),
}
"""Who signs in as what; ``sales`` sees one team."""


@dataclass
class Served:
    """A workspace whose pages are open.

    Attributes:
        url: Where.
        folder: The workspace.
        tokens: Role -> token of the API.
    """

    url: str
    folder: Path
    tokens: dict[str, str]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, role: str | None) -> httpx.Client:
        """A browser without scripts, signed in as somebody; None is nobody. Redirects are not followed."""
        if str(role) not in self.clients:
            client = httpx.Client(base_url=self.url, timeout=60)
            if role is not None:
                sign_in(client, PEOPLE[role].name)
            self.clients[str(role)] = client
        return self.clients[str(role)]

    def api(self, role: str) -> httpx.Client:
        """A program with a token of a role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx.Client(base_url=self.url, timeout=60, headers=headers)


def form_token(text: str) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None, text
    return found.group(1)


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    token = form_token(client.get("/sign-in").text)
    done = client.post("/sign-in", data={"csrf": token, "name": name, "password": password, "next": "/"})
    assert done.status_code == 303, done.text
    return done


def with_people(folder: Path) -> dict[str, str]:
    """Write everybody into the ledger of a workspace; returns tokens of the API."""
    ledger = open_workspace(folder).ledger
    secret = hashed(PASSWORD)
    tokens = {}
    for role, user in PEOPLE.items():
        ledger.users.record(user, by="a person", now=NOW, password_hash=secret)
        given = ledger.tokens.issue(role, roles=user.roles, territories=user.territories, by="a person", now=NOW)
        tokens[role] = given[1]
    return tokens


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Open the pages of a workspace that was scored."""
    tokens = with_people(folder)
    command = [sys.executable, "-m", "salesworthy.cli.main", "-w", str(folder), "serve", "--port", "0", "--json"]
    errors = (folder / "serve.err").open("w")
    with errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ) as process:
        try:
            assert process.stdout is not None
            told = ""
            for line in process.stdout:
                told += line
                if line.startswith("}"):
                    break
            assert told, (folder / "serve.err").read_text()
            site = Served(json.loads(told)["url"], folder, tokens)
            yield site
            for client in site.clients.values():
                client.close()
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def site(trained, made_once) -> Iterator[Served]:
    """The trained workspace, scored and served; tests may say things of leads there, and count none of them."""

    def make(place: Path) -> None:
        shutil.copytree(trained, place / "demo")
        keeps = {"SALESWORTHY__SCORING__SINGLE_LEADS": "true"}
        done = salesworthy("score", "--as-of", DAY, "--json", workspace=place / "demo", **keeps)
        assert done.code == 0, done.err

    with served(made_once("site", make) / "demo") as found:
        yield found


@pytest.fixture(scope="session")
def opens_pages():
    """Opens the pages of another workspace: ``with opens_pages(folder) as site``."""
    return served


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page_as(site, browser) -> Iterator[Callable[..., object]]:
    """A new page of somebody signed in: ``page_as("sales", width=390, dark=True)``; closed after the test."""
    contexts = []

    def opened(role: str | None, *, width: int = 1280, dark: bool = False, scripts: bool = True):
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if role is not None:
            cookies = site.client(role).cookies
            context.add_cookies([{"name": each.name, "value": each.value, "url": site.url} for each in cookies.jar])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
