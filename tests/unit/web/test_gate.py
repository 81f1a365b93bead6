"""The gate: a route without a policy is not there, roles and scope are those of the policy, nothing slips past."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.domain.errors import InternalError
from salesworthy.web.access import LEADS, READERS, Access, Leads
from salesworthy.web.headers import ALWAYS
from salesworthy.web.roles import Role, Viewer
from salesworthy.web.routes import GatedRoute, check_gated
from salesworthy.web.scope import Scope
from salesworthy.web.visit import current


def handler() -> str:
    return ""


def test_a_route_without_a_policy_cannot_be_made():
    with pytest.raises(InternalError, match="says nothing about who may use it"):
        GatedRoute("/leads", handler)
    app = FastAPI()
    app.router.route_class = GatedRoute
    with pytest.raises(InternalError, match="/leads"):
        app.get("/leads")(handler)


@pytest.mark.parametrize("how", ["add_api_route", "add_route", "mount"])
def test_an_application_with_a_route_beside_the_gate_does_not_start(how):
    app = FastAPI(openapi_url=None)
    check_gated(app)
    getattr(app, how)("/leads", handler if how != "mount" else FastAPI())
    with pytest.raises(InternalError, match="does not go through the gate"):
        check_gated(app)


def test_a_handler_that_was_reached_past_the_gate_gets_no_visit():
    from starlette.requests import Request

    with pytest.raises(InternalError, match="past the gate"):
        current(Request({"type": "http", "headers": []}))


TERRITORIES = st.frozensets(st.sampled_from(["dach", "nordics", "emea_desk", "*"]))


@given(st.frozensets(st.sampled_from(Role)), TERRITORIES, st.frozensets(st.sampled_from(Role)))
def test_a_scope_is_never_wider_than_the_roles_that_let_in(roles, territories, let_in):
    scope = Viewer("x", roles, territories).scope(let_in)
    counted = roles & let_in
    if not counted:
        assert scope == Scope.nothing()
    elif counted == {Role.SALES} and "*" not in territories:
        assert scope == Scope.of(territories)
    else:
        assert scope.is_everything


@given(
    st.one_of(st.none(), st.frozensets(st.sampled_from("abc"))),
    st.one_of(st.none(), st.sampled_from("abcd")),
    st.one_of(st.none(), st.sampled_from("abcd")),
)
def test_the_condition_of_a_scope_holds_what_the_scope_holds(territories, team, region):
    import sqlite3

    scope = Scope(territories)
    clause = scope.clause("l")
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE lead (team TEXT, region TEXT)")
        database.execute("INSERT INTO lead VALUES (?, ?)", (team, region))
        found = database.execute(f"SELECT count(*) FROM lead l WHERE {clause.sql}", clause.values).fetchone()[0]
    assert bool(found) is scope.holds(team=team, region=region)


def test_only_readers_see_leads():
    assert Access(READERS, Leads.SCOPED) == LEADS
    assert Role.ADMIN not in READERS


def test_nobody_is_sent_to_sign_in_and_then_back(opened):
    client = opened()
    answer = client.get("/leads?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fleads%3Fpage%3D2")
    assert client.get("/api/v1/leads").status_code == 401
    part = client.get("/leads", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in")


def test_every_answer_says_what_a_browser_may_do_with_it(opened):
    client = opened()
    answers = [
        client.get(path) for path in ("/sign-in", "/leads", "/nothing", "/static/site.css", "/api/v1/leads", "/health")
    ]
    answers += [client.post("/say"), client.get("/health", headers={"Host": "evil.example"})]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, answer.url
    policy = ALWAYS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answers[-1].status_code == 400


def test_what_a_page_shows_is_not_kept_and_a_file_is(opened):
    client = opened()
    assert client.get("/sign-in").headers["cache-control"] == "no-store"
    file = client.get("/static/site.css")
    assert "immutable" in file.headers["cache-control"]
    assert "set-cookie" not in file.headers
    assert client.get("/static/../rendering.py").status_code == 404
    assert client.get("/static/htmx.LICENSE").status_code == 404


def test_reports_of_browsers_are_counted_and_not_kept(opened):
    client = opened()
    assert client.post("/csp-report", content=b'{"csp-report": {}}').status_code == 204
    assert client.app.state.counters.csp_reports == 1


def test_a_body_that_is_too_large_is_refused(opened):
    assert opened().post("/csp-report", content=b"x" * 300_000).status_code in {204, 413}
    assert opened().post("/sign-in", data={"name": "x" * 300_000}).status_code == 413
