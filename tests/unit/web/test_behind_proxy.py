"""Behind a proxy: only the proxy is believed, by its address and its secret, and only whom the ledger knows gets in."""

from __future__ import annotations

import re

import pytest

from salesworthy.web.serving import SignIn

SECRET = "a secret that the proxy shows"
PROXY = "10.0.0.5"
BEHIND = SignIn("proxy", (PROXY,), "X-Forwarded-User", SECRET)
SHOWN = {"X-Salesworthy-Proxy-Secret": SECRET, "X-Forwarded-User": "Kim"}


@pytest.mark.parametrize("lacks", [SignIn("proxy", (), "X", SECRET), SignIn("proxy", (PROXY,), "X", "")])
def test_pages_do_not_open_without_address_and_secret(opened, lacks):
    with pytest.raises(ValueError, match="one of them is missing"):
        opened(lacks)


def test_the_proxy_says_who_it_is(opened):
    client = opened(BEHIND, address=PROXY)
    answer = client.get("/leads", headers=SHOWN)
    assert answer.status_code == 200
    assert "dach" in answer.text
    assert client.get("/secret", headers=SHOWN).status_code == 403
    assert client.get("/secret", headers={**SHOWN, "X-Forwarded-User": "Ada"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.0.0.6", SHOWN, 403),
        ("10.0.0.6", {**SHOWN, "X-Forwarded-For": PROXY}, 403),
        (PROXY, {"X-Forwarded-User": "Kim"}, 403),
        (PROXY, {**SHOWN, "X-Salesworthy-Proxy-Secret": SECRET[:-1]}, 403),
        (PROXY, {**SHOWN, "X-Salesworthy-Proxy-Secret": ""}, 403),
        (PROXY, {**SHOWN, "X-Forwarded-User": "Stranger"}, 403),
        (PROXY, {**SHOWN, "X-Forwarded-User": " "}, 401),
        (PROXY, {"X-Salesworthy-Proxy-Secret": SECRET}, 401),
    ],
)
def test_nobody_else_is_believed(opened, address, headers, status):
    client = opened(BEHIND, address=address)
    for path in ("/leads", "/me"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        assert "set-cookie" not in answer.headers


def test_a_name_given_twice_is_nobodys(opened):
    client = opened(BEHIND, address=PROXY)
    twice = [("X-Salesworthy-Proxy-Secret", SECRET), ("X-Forwarded-User", "Kim"), ("X-Forwarded-User", "Ada")]
    assert client.get("/leads", headers=twice).status_code == 401


def test_there_is_no_password_behind_a_proxy(opened):
    client = opened(BEHIND, address=PROXY)
    assert client.get("/sign-in", headers=SHOWN).headers["location"] == "/"
    assert client.post("/sign-in", headers=SHOWN, data={"name": "Kim"}).status_code == 405
    assert "Another password" not in client.get("/me", headers=SHOWN).text


def test_a_form_serves_the_person_it_was_made_for(opened):
    client = opened(BEHIND, address=PROXY)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/me", headers=SHOWN).text).group(1)
    assert client.post("/say", headers={**SHOWN, "X-Forwarded-User": "Mo"}, data={"csrf": token}).status_code == 403
    assert client.post("/say", headers=SHOWN, data={"csrf": token}).status_code == 303
    client.cookies.clear()
    assert client.post("/say", headers=SHOWN, data={"csrf": token}).status_code == 403


def test_tokens_are_taken_from_the_proxy_alone(opened, ledger):
    _, secret = ledger.tokens.issue("crm", roles=("marketing",), by="Ada", now=1)
    sent = {"Authorization": f"Bearer {secret}"}
    assert opened(BEHIND, address="10.0.0.6").get("/api/v1/leads", headers=sent).status_code == 403
    assert opened(BEHIND, address=PROXY).get("/api/v1/leads", headers={**sent, **SHOWN}).status_code == 200
