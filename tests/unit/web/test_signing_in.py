"""Signing in: passwords, sessions and their end, form tokens, cookies, throttling."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from salesworthy.web.form_tokens import masked, secret_of
from salesworthy.web.sign_in.attempt import FREE_PER_ACCOUNT, FREE_PER_ADDRESS, WRONG
from salesworthy.web.sign_in.doorkeepers import IDLE, WHOLE
from salesworthy.web.sign_in.pages import is_ours
from salesworthy.web.sign_in.passwords import hashed, is_right, mistake

PASSWORD = "four plain words here"
SECOND = 1_000_000


def token(client, path="/sign-in"):
    return re.search(r'name="csrf" value="(\w+)"', client.get(path).text).group(1)


def sign_in(client, name="Kim", password=PASSWORD, **more):
    return client.post("/sign-in", data={"csrf": token(client), "name": name, "password": password, **more})


def test_somebody_signs_in_sees_their_own_and_signs_out(opened):
    client = opened()
    answer = sign_in(client, next="/leads")
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads")
    assert client.get("/leads").text == "Scope(territories=frozenset({'dach'}))"
    assert client.get("/secret").status_code == 403
    assert client.get("/sign-in").status_code == 303
    old = dict(client.cookies)
    assert client.post("/sign-out", data={"csrf": token(client, "/me")}).status_code == 303
    assert client.get("/leads").status_code == 303
    client.cookies.update(old)
    assert client.get("/leads").status_code == 303


def test_roles_see_what_is_theirs(opened):
    expected = {"Kim": (200, 403), "Mo": (200, 403), "Ada": (403, 200)}
    for name, statuses in expected.items():
        client = opened()
        sign_in(client, name)
        assert (client.get("/leads").status_code, client.get("/secret").status_code) == statuses, name


def test_a_wrong_name_and_a_wrong_password_are_told_alike(opened):
    client = opened()
    answers = [sign_in(client, "Kim", "not the password"), sign_in(client, "Nobody <b>", "not the password")]
    for answer in answers:
        assert answer.status_code == 401
        assert WRONG in answer.text
    assert "Nobody <b>" not in answers[1].text


def test_attempts_are_slowed_down_per_account_also_when_right(opened, clock):
    client = opened()
    for _ in range(FREE_PER_ACCOUNT):
        assert sign_in(client, password="wrong").status_code == 401
    for name in ("Kim", "kim"):
        refused = sign_in(client, name)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) == 1
    assert sign_in(opened(), "Mo").status_code == 303
    clock.passes(1)
    assert sign_in(client).status_code == 303


def test_attempts_are_slowed_down_per_address_over_all_names(opened):
    client, elsewhere = opened(address="10.0.0.1"), opened(address="10.0.0.2")
    form = token(client)
    for number in range(FREE_PER_ADDRESS):
        assert client.post("/sign-in", data={"csrf": form, "name": f"n{number}", "password": "x"}).status_code == 401
    refused = client.post("/sign-in", data={"csrf": form, "name": "Mo", "password": PASSWORD})
    assert refused.status_code == 429
    spoofed = {"X-Forwarded-For": "10.9.9.9"}
    assert client.post("/sign-in", data={"csrf": form, "name": "Mo"}, headers=spoofed).status_code == 429
    assert sign_in(elsewhere, "Mo").status_code == 303


def test_a_session_that_is_not_used_ends(opened, clock):
    client = opened()
    sign_in(client)
    clock.now += IDLE
    assert client.get("/leads").status_code == 200
    clock.now += IDLE + SECOND
    assert client.get("/leads").status_code == 303


def test_a_session_ends_however_much_it_is_used(opened, clock):
    client = opened()
    sign_in(client)
    for _ in range(WHOLE // IDLE):
        clock.now += IDLE
        assert client.get("/leads").status_code == 200
    clock.now += SECOND
    assert client.get("/leads").status_code == 303


def test_rights_that_are_taken_away_are_gone_at_once(opened, ledger):
    client = opened()
    sign_in(client, "Mo")
    stands = ledger.users.find("Mo")
    ledger.users.record(replace(stands, roles=("admin",)), by="Ada", now=2)
    assert client.get("/leads").status_code == 403
    ledger.users.record(replace(stands, active=False), by="Ada", now=3)
    assert client.get("/leads").status_code == 303
    assert sign_in(client, "Mo").status_code == 401


def test_a_role_that_is_not_known_gives_no_right(opened, ledger):
    ledger.users.record(replace(ledger.users.find("Mo"), roles=("owner of everything",)), by="Ada", now=2)
    client = opened()
    sign_in(client, "Mo")
    assert client.get("/leads").status_code == 403


CHANGES = [
    ("no token", {}, {}),
    ("an invented token", {"csrf": masked(secret_of("another cookie"))}, {}),
    ("not a token", {"csrf": "é"}, {}),
    ("another site", None, {"Origin": "https://evil.example"}),
    ("a sandboxed page", None, {"Origin": "null"}),
    ("a subdomain", None, {"Sec-Fetch-Site": "same-site"}),
    ("a cross-site form", None, {"Sec-Fetch-Site": "cross-site"}),
]


@pytest.mark.parametrize(("who", "form", "headers"), CHANGES, ids=[each[0] for each in CHANGES])
@pytest.mark.parametrize("path", ["/say", "/sign-out", "/me", "/sign-in"])
def test_a_change_that_another_site_sends_is_refused(opened, path, who, form, headers):
    client = opened()
    sign_in(client)
    sent = {"csrf": token(client, "/me")} if form is None else form
    answer = client.post(path, data=sent, headers=headers)
    assert answer.status_code == 403
    assert "did not come from these pages" in answer.text
    assert client.get("/leads").status_code == 200


def test_a_change_from_our_own_form_or_script_is_taken(opened):
    client = opened()
    sign_in(client)
    given = token(client, "/me")
    same = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/say", data={"csrf": given}, headers=same).status_code == 303
    assert client.post("/say", headers={"X-CSRF-Token": given, "Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert client.post("/say", data={"csrf": token(client, "/me")}).status_code == 303


def test_a_browser_without_any_cookie_has_no_valid_token(opened):
    client = opened()
    assert client.post("/sign-in", data={"csrf": masked(secret_of("")), "name": "Kim"}).status_code == 403


def test_a_form_token_differs_on_every_page(opened):
    client = opened()
    sign_in(client)
    assert token(client, "/me") != token(client, "/me")


def test_cookies_are_out_of_reach(opened):
    client = opened()
    form = client.get("/sign-in").headers["set-cookie"]
    assert "HttpOnly; SameSite=Strict" in form
    session = sign_in(client).headers["set-cookie"]
    assert "HttpOnly; SameSite=Lax" in session
    assert "Secure" not in session


def test_over_https_cookies_are_bound_to_the_host(opened):
    client = opened(origin="https://leads.acme.example")
    answer = client.get("/sign-in")
    assert answer.headers["set-cookie"].startswith("__Host-salesworthy-form=")
    assert answer.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict; Secure")
    assert answer.headers["strict-transport-security"]
    session = sign_in(client).headers["set-cookie"]
    assert session.startswith("__Host-salesworthy-session=")
    assert session.endswith("Secure")
    assert client.get("/leads").status_code == 200


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "", "ü"]
)
def test_signing_in_leads_to_our_own_pages_only(opened, next_):
    assert not is_ours(next_)
    assert sign_in(opened(), next=next_).headers["location"] == "/"


def test_somebody_changes_their_password(opened):
    client, other = opened(), opened()
    sign_in(client)
    sign_in(other)
    new = "other plain words now"
    wrong = {"present": "wrong", "password": new, "again": new}
    assert client.post("/me", data={"csrf": token(client, "/me"), **wrong}).status_code == 401
    for password, again in (("short", "short"), (new, new + "x"), ("kim", "kim")):
        sent = {"present": PASSWORD, "password": password, "again": again}
        assert client.post("/me", data={"csrf": token(client, "/me"), **sent}).status_code == 400
    right = {"present": PASSWORD, "password": new, "again": new}
    assert client.post("/me", data={"csrf": token(client, "/me"), **right}).status_code == 303
    assert client.get("/leads").status_code == 200
    assert other.get("/leads").status_code == 303
    assert sign_in(opened(), password=PASSWORD).status_code == 401
    assert sign_in(opened(), password=new).status_code == 303


def test_an_administrator_shuts_out_and_lets_in(opened, ledger):
    ada, kim = opened(), opened()
    sign_in(ada, "Ada")
    sign_in(kim, "Kim")
    page = ada.get("/people").text
    assert "Kim" in page
    shut = {"csrf": token(ada, "/people"), "name": "Kim", "active": "false"}
    assert ada.post("/people/active", data=shut).status_code == 303
    assert kim.get("/leads").status_code == 303
    assert ada.post("/people/active", data={**shut, "name": "Ada"}).status_code == 409
    assert ada.post("/people/active", data={**shut, "name": "Nobody"}).status_code == 404
    assert ada.post("/people/active", data={**shut, "active": "true"}).status_code == 303
    assert sign_in(kim, "Kim").status_code == 303
    given, _ = ledger.tokens.issue("crm", roles=("marketing",), by="Ada", now=1)
    revoke = {"csrf": token(ada, "/people"), "token_id": given.token_id}
    assert ada.post("/people/tokens/revoke", data=revoke).status_code == 303
    assert ada.post("/people/tokens/revoke", data=revoke).status_code == 409
    assert kim.post("/people/active", data={**shut, "csrf": token(kim, "/me")}).status_code == 403


def test_an_error_of_ours_tells_nothing(opened, caplog):
    client = opened()
    sign_in(client)
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "Mary" not in answer.text
    assert "no-store" in answer.headers.get("cache-control", "no-store")


def test_a_token_opens_the_api_and_no_page(opened, ledger, clock):
    client = opened()
    _, secret = ledger.tokens.issue(
        "crm", roles=("sales",), territories=("nordics",), expires_at=clock.now + SECOND, by="Ada", now=1
    )
    headers = {"Authorization": f"Bearer {secret}"}
    assert "nordics" in client.get("/api/v1/leads", headers=headers).json()["scope"]
    assert client.get("/leads", headers=headers).status_code == 303
    assert client.get("/api/v1/leads", headers={"Authorization": f"Basic {secret}"}).status_code == 401
    clock.passes(1)
    assert client.get("/api/v1/leads", headers=headers).status_code == 401


def test_a_session_opens_no_api(opened):
    client = opened()
    sign_in(client, "Mo")
    assert client.get("/api/v1/leads").status_code == 401


@pytest.mark.parametrize(("password", "says"), [("x" * 11, "at least"), ("x" * 513, "at most"), ("a" * 20, "too easy")])
def test_a_password_that_is_easy_to_guess_is_refused(password, says):
    assert says in mistake(password, name="Kim")
    assert "too easy" in mistake("Kim Berg 2026", name="kim berg 2026")


def test_a_password_is_kept_as_argon2id_with_its_own_salt():
    one, other = hashed(PASSWORD), hashed(PASSWORD)
    assert one != other
    assert one.startswith("$argon2id$")
    assert is_right(PASSWORD, one)
    assert not is_right(PASSWORD + "x", one)
    assert not is_right("nobody's password, never accepted", None)
    assert not is_right(PASSWORD, "not a hash")
