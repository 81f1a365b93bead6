"""Routes x roles x foreign leads, generated from the route table: nobody sees a row or a count that is not theirs."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from salesworthy.cli.serve import areas
from salesworthy.ledger.users import User
from salesworthy.runs.workspace import open_workspace
from salesworthy.web import core
from salesworthy.web.access import Entry, Leads
from salesworthy.web.roles import Role
from salesworthy.web.sign_in.addresses import Proxies
from salesworthy.web.sign_in.cookies import Cookies
from salesworthy.web.sign_in.pages import password_area
from salesworthy.web.sign_in.viewers import viewer_of

pytestmark = pytest.mark.slow

SIGNING_IN = password_area(Cookies(secure=False), Proxies())
ROUTES = [route for area in (core.area, *areas(), SIGNING_IN) for route in area.routes]
READ = [route for route in ROUTES if not route.changes and route.access.roles is not None]
CHANGE = [route for route in ROUTES if route.changes and route.access.entry is not Entry.FILE]
OF_LEADS = [route for route in READ if route.access.leads is Leads.SCOPED]
SOLO = ["sales", "marketing", "compliance", "data_science", "admin"]
"""People with one role each; sales has one team."""
FILLINGS = {
    "lead_id": "lead",
    "account_id": "account",
    "name": "reasons",
    "review_id": "none-such",
    "version": "none-such",
    "code": "WEBINAR",
}
"""What stands for a part of a path; a route with another part says here how it is filled."""
LEAD = re.compile(r"\bL\d{7}\b")
ACCOUNT = re.compile(r"\bA\d{7}\b")


@dataclass(frozen=True)
class Lead:
    lead_id: str
    account_id: str
    team: str | None
    region: str | None
    decision: str


@pytest.fixture(scope="module")
def leads(site) -> list[Lead]:
    """Every lead of the run, straight from the index."""
    index = max((site.folder / ".salesworthy/pages").glob("*.sqlite"), key=lambda path: path.stat().st_mtime)
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT lead_id, account_id, team, region, decision FROM lead ORDER BY no").fetchall()
    return [Lead(*row) for row in rows]


@pytest.fixture(scope="module")
def theirs(leads):
    """Leads of a salesperson, by the plain words of the scope."""
    scope = viewer_of(User("x", ("sales",), ("dach_general",))).scope({Role.SALES})
    found = [lead for lead in leads if scope.holds(team=lead.team, region=lead.region)]
    assert 20 < len(found) < len(leads) / 2
    return found


@pytest.fixture(scope="module")
def foreign(leads, theirs):
    return sorted(set(leads) - set(theirs), key=lambda lead: lead.lead_id)


def path_of(route, lead: Lead) -> str:
    found = route.path
    for part in re.findall(r"{([^}]+)}", route.path):
        name = part.partition(":")[0]
        assert name in FILLINGS, f"say in FILLINGS how {part!r} of {route.path} is filled"
        value = {"lead": lead.lead_id, "account": lead.account_id}.get(FILLINGS[name], FILLINGS[name])
        found = found.replace(f"{{{part}}}", quote(value, safe=""))
    return found


def ask(site, role, route, lead, *, query=""):
    client = site.api(role) if route.access.entry is Entry.API else site.client(role)
    return client.get(path_of(route, lead) + query)


def text_of(answer) -> str:
    """What a reader can find in an answer; spreadsheets are unpacked."""
    if "spreadsheet" in answer.headers.get("content-type", ""):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            return "\n".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))
    return answer.text


@pytest.mark.parametrize("route", READ, ids=lambda route: route.path)
@pytest.mark.parametrize("role", SOLO)
def test_a_page_opens_for_its_roles_and_for_nobody_else(site, theirs, role, route):
    answer = ask(site, role, route, theirs[0])
    if Role(role) in route.access.roles:
        assert answer.status_code in {200, 303, 404}, answer.text
        assert answer.status_code != 404 or "none-such" in path_of(route, theirs[0])
    else:
        assert answer.status_code == 403
        assert not LEAD.search(answer.text)


@pytest.mark.parametrize("route", READ, ids=lambda route: route.path)
def test_nobody_who_did_not_sign_in_sees_anything(site, theirs, route):
    answer = site.client(None).get(path_of(route, theirs[0]))
    assert answer.status_code == (401 if route.access.entry is Entry.API else 303)
    assert not LEAD.search(answer.text)


@pytest.mark.parametrize("route", CHANGE, ids=lambda route: route.path)
@pytest.mark.parametrize("role", [None, *SOLO])
def test_no_change_is_taken_without_a_form_of_ours(site, theirs, role, route):
    answer = site.client(role).post(path_of(route, theirs[0]), data={"csrf": "ab" * 64})
    assert answer.status_code == (303 if role is None and not route.access.is_public else 403)


@pytest.mark.parametrize("route", [each for each in CHANGE if each.access.roles], ids=lambda route: route.path)
@pytest.mark.parametrize("role", SOLO)
def test_a_change_is_refused_to_other_roles_whatever_they_send(site, theirs, role, route):
    if Role(role) in route.access.roles:
        return
    client = site.client(role)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/me").text).group(1)
    answer = client.post(path_of(route, theirs[0]), data={"csrf": token})
    assert (answer.status_code, "role does not include" in answer.text) == (403, True)


@pytest.mark.parametrize("query", ["", "?decision=any", "?q=L0", "?decision=any&limit=500"])
@pytest.mark.parametrize("route", OF_LEADS, ids=lambda route: route.path)
def test_sales_finds_no_foreign_lead_on_any_page(site, theirs, foreign, route, query):
    if Role.SALES not in route.access.roles:
        return
    mine = {lead.lead_id for lead in theirs}
    sites = {lead.account_id for lead in theirs}
    answer = ask(site, "sales", route, theirs[0], query=query)
    found = text_of(answer)
    assert set(LEAD.findall(found)) <= mine
    assert set(ACCOUNT.findall(found)) <= sites


@pytest.mark.parametrize("route", [each for each in OF_LEADS if "{" in each.path], ids=lambda route: route.path)
def test_a_foreign_lead_or_site_is_told_like_one_that_is_not_there(site, theirs, foreign, route):
    mine = {lead.account_id for lead in theirs}
    other = next(lead for lead in foreign if lead.account_id not in mine)
    nowhere = Lead("L9999999", "A9999999", None, None, "")
    answers = [ask(site, "sales", route, lead) for lead in (other, nowhere)]
    assert {answer.status_code for answer in answers} <= {404, 403}
    told = [re.sub(r'value="[0-9a-f]{128}"', "", answer.text) for answer in answers]
    assert told[0] == told[1]


@pytest.mark.parametrize("path", ["/say/"])
def test_nothing_can_be_said_of_a_foreign_lead(site, foreign, path):
    lead = foreign[0].lead_id
    client = site.client("sales")
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/me").text).group(1)
    answer = client.post(path + lead, data={"csrf": token, "say": "disposition:accepted"})
    assert answer.status_code == 404
    assert open_workspace(site.folder).ledger.feedback.of_lead(lead) == ()


@pytest.mark.parametrize("query", ["?decision=any", "?decision=MQL", "?q=clinic&decision=any"])
def test_counts_are_those_of_what_is_seen(site, leads, theirs, query):
    def counted(role):
        listed, after = [], 0
        while after is not None:
            told = site.api(role).get(f"/api/v1/leads{query}&limit=500&after={after}").json()
            listed += [lead["lead_id"] for lead in told["leads"]]
            after = told["next"]
        return listed, site.api(role).get(f"/api/v1/leads-count{query}").json()

    listed, count = counted("sales")
    assert count == {"leads": len(listed), "more": False}
    assert set(listed) <= {lead.lead_id for lead in theirs}
    if query == "?decision=any":
        assert sorted(listed) == sorted(lead.lead_id for lead in theirs)
    if query == "?decision=MQL":
        assert sorted(listed) == sorted(lead.lead_id for lead in theirs if lead.decision == "MQL")


@pytest.fixture(scope="module")
def empty_handed(site):
    """A salesperson to whom nothing belongs, signed in, and their token."""
    import httpx

    from salesworthy.web.sign_in.passwords import hashed

    ledger = open_workspace(site.folder).ledger
    password = "no leads for this one"
    for name, territories in (("Nel Nothing", ()),):
        user = User(name, ("sales",), territories)
        ledger.users.record(user, by="a person", now=1, password_hash=hashed(password))
    _, token = ledger.tokens.issue("nothing", roles=("sales",), by="a person", now=1)
    with httpx.Client(base_url=site.url, timeout=60) as client:
        page = client.get("/sign-in").text
        form = re.search(r'name="csrf" value="(\w+)"', page).group(1)
        client.post("/sign-in", data={"csrf": form, "name": "Nel Nothing", "password": password})
        yield client, token


@pytest.mark.parametrize("query", ["", "?decision=any", "?q=clinic"])
@pytest.mark.parametrize("route", OF_LEADS, ids=lambda route: route.path)
def test_who_has_no_leads_sees_no_rows_and_no_counts(empty_handed, theirs, route, query):
    if Role.SALES not in route.access.roles:
        return
    client, token = empty_handed
    headers = {"Authorization": f"Bearer {token}"} if route.access.entry is Entry.API else {}
    answer = client.get(path_of(route, theirs[0]) + query, headers=headers)
    assert answer.status_code in {200, 303, 404}
    found = text_of(answer)
    assert not LEAD.search(found)
    assert not ACCOUNT.search(found)
    if answer.headers.get("content-type", "").startswith("application/json") and answer.status_code == 200:
        assert json.loads(found) in ({"leads": [], "next": None}, {"leads": 0, "more": False})
    if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200:
        seen = re.sub(r"<[^>]*>", " ", found)
        assert not re.search(r"\b[1-9][\d,]* (more )?(leads?|people|sites?|colleagues)\b", seen), seen
