"""Signing in at a small identity provider that is real: it listens, signs, and takes each code once, with PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from salesworthy.ledger.users import User
from salesworthy.web.serving import SignIn

CLIENT, CLIENT_SECRET = "salesworthy", "what the provider gave us"
KEY = RSAKey.generate_key(2048, parameters={"kid": "first"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "first"})


@dataclass
class Provider:
    """What the provider does; tests make it do something else.

    Attributes:
        claims: Added to the token, or in place of what stands there.
        key: What tokens are signed with.
        header: Of tokens.
        published: Keys that it publishes.
        codes: Code -> what it was given for.
    """

    issuer: str = ""
    claims: dict = field(default_factory=dict)
    key: object = field(default_factory=lambda: KEY)
    header: dict = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    published: tuple = (KEY,)
    codes: dict = field(default_factory=dict)
    name: str = "kim@acme.example"

    def described(self) -> dict:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in names.items()},
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def sign_in(self, address: str) -> dict[str, str]:
        """What a browser does there: somebody signs in, and is sent back with a code."""
        question = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (question["client_id"], question["response_type"]) == (CLIENT, "code")
        assert question["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = question
        return {"code": code, "state": question["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict | None:
        """A token for a code, once, for whoever shows the secret and the verifier."""
        expected = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = asked and asked["code_challenge"] == challenge and asked["redirect_uri"] == form.get("redirect_uri")
        if not known or authorization != f"Basic {expected}":
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "s1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= {"email": self.name, "email_verified": True} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict) -> str:
        if self.header["alg"] == "none":
            parts = (json.dumps(each).encode() for each in (self.header, claims))
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        return jwt.encode(self.header, claims, self.key, algorithms=["RS256", "HS256"])


def handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def answer(self, document, status=200):
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self):
            if self.path == "/.well-known/openid-configuration":
                self.answer(provider.described())
            elif self.path == "/keys":
                self.answer({"keys": [key.as_dict(private=False) for key in provider.published]})
            else:
                self.answer({}, 404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            token = provider.token(form, self.headers.get("Authorization", ""))
            self.answer(token or {"error": "invalid_grant"}, 200 if token else 400)

    return Handler


@pytest.fixture
def provider():
    found = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(found))
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(opened, provider, ledger, clock):
    clock.now = int(time.time()) * 1_000_000
    ledger.users.record(User("kim@acme.example", ("sales",), ("dach",)), by="Ada", now=2)
    return opened(SignIn("oidc", issuer=provider.issuer, client_id=CLIENT, client_secret=CLIENT_SECRET))


def go(client, provider, next_: str = "/leads"):
    start = client.get("/sign-in/start", params={"next": next_})
    assert start.status_code == 303
    return client.get("/sign-in/back", params=provider.sign_in(start.headers["location"]))


def test_somebody_signs_in_there_and_sees_their_own_here(client, provider):
    assert client.get("/leads").headers["location"].startswith("/sign-in?")
    assert "/sign-in/start?next=/leads" in client.get("/sign-in?next=/leads").text
    answer = go(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads")
    assert "dach" in client.get("/leads").text
    assert "Another password" not in client.get("/me").text


def test_nobody_without_rights_here_gets_in(client, provider, ledger):
    provider.name = "stranger@acme.example"
    assert go(client, provider).status_code == 403
    ledger.users.record(User("stranger@acme.example", ("sales",), active=False), by="Ada", now=3)
    assert go(client, provider).status_code == 403
    assert client.get("/leads").status_code == 303


WRONG = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "somebody else"}},
    "another authorized party": {"claims": {"aud": [CLIENT, "x"], "azp": "x"}},
    "another nonce": {"claims": {"nonce": "replayed"}},
    "no nonce": {"claims": {"nonce": None}},
    "over": {"claims": {"exp": 1_000_000}},
    "no end": {"claims": {"exp": None}},
    "from the future": {"claims": {"iat": 9_999_999_999}},
    "another key": {"key": OTHER},
    "no signature": {"header": {"alg": "none"}},
    "an unknown key": {"header": {"alg": "RS256", "kid": "unknown"}},
    "a token of another exchange": {"claims": {"at_hash": "AAAA"}},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_is_not_as_it_must_be_lets_nobody_in(client, provider, wrong):
    for name, value in WRONG[wrong].items():
        setattr(provider, name, value)
    answer = go(client, provider)
    assert answer.status_code == 400, answer.text
    assert client.get("/leads").status_code == 303


@pytest.mark.parametrize("claims", [{"email_verified": None}, {"email_verified": False}, {"email": None}, {"email": 7}])
def test_a_name_that_is_not_certain_lets_nobody_in(client, provider, claims):
    provider.claims = claims
    assert go(client, provider).status_code == 403
    assert client.get("/leads").status_code == 303


def test_an_answer_to_somebody_elses_question_lets_nobody_in(client, provider, opened):
    elsewhere = opened(SignIn("oidc", issuer=provider.issuer, client_id=CLIENT, client_secret=CLIENT_SECRET))
    theirs = provider.sign_in(elsewhere.get("/sign-in/start").headers["location"])
    assert client.get("/sign-in/back", params=theirs).status_code == 400
    client.get("/sign-in/start")
    assert client.get("/sign-in/back", params=theirs).status_code == 400
    assert client.get("/sign-in/back", params={**theirs, "state": ""}).status_code == 400
    assert client.get("/leads").status_code == 303


def test_a_code_serves_once(client, provider):
    start = client.get("/sign-in/start")
    given = provider.sign_in(start.headers["location"])
    asked = dict(client.cookies)
    assert client.get("/sign-in/back", params=given).status_code == 303
    client.cookies.clear()
    client.cookies.update(asked)
    assert client.get("/sign-in/back", params=given).status_code == 502
    assert client.get("/leads").status_code == 303


def test_a_new_key_of_the_provider_is_looked_up(client, provider):
    assert go(client, provider).status_code == 303
    second = RSAKey.generate_key(2048, parameters={"kid": "second"})
    provider.key, provider.header, provider.published = second, {"alg": "RS256", "kid": "second"}, (KEY, second)
    assert go(client, provider).status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_used(client, provider):
    described = provider.described()
    provider.described = lambda: {**described, "issuer": "https://evil.example"}
    assert client.get("/sign-in/start").status_code == 502


@pytest.mark.parametrize("cookie", ["nonsense", base64.urlsafe_b64encode(b'{"state": 1}').decode(), ""])
def test_a_cookie_that_holds_no_question_is_refused(client, cookie):
    client.cookies.set("salesworthy-asked", cookie)
    assert client.get("/sign-in/back", params={"code": "x", "state": "y"}).status_code == 400


def test_signing_in_there_leads_to_our_own_pages_only(client, provider):
    assert go(client, provider, "https://evil.example").headers["location"] == "/"


def test_signing_out_here_is_not_signing_in_again(client, provider):
    import re

    go(client, provider)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/me").text).group(1)
    assert client.post("/sign-out", data={"csrf": token}).headers["location"] == "/sign-in"
    assert client.get("/sign-in").status_code == 200
