"""An identity provider (OpenID Connect, authorization code with PKCE): asked where somebody signs in, and who it was.

Nothing of its answer is believed before its signature, issuer, audience, nonce and times are checked.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from salesworthy.domain.moments import MICROSECONDS_PER_SECOND
from salesworthy.web.refusals import Refused

SIGNED_WITH = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures that only the provider can make; others are never taken."""
_PATIENCE_SECONDS = 10
_LEEWAY_SECONDS = 60
_AS_JSON = {"Accept": "application/json"}
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Asked:
    """What was asked of the provider; the browser carries it there and back in its cookie.

    Attributes:
        state: Shows that the answer belongs to this browser's question.
        nonce: Shows that the token does.
        verifier: Shows that whoever exchanges the code asked for it.
        then: Where to go afterwards.
    """

    state: str
    nonce: str
    verifier: str
    then: str

    @classmethod
    def new(cls, then: str) -> Asked:
        """A new question."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), then)

    def to_cookie(self) -> str:
        """As a cookie carries it."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def from_cookie(cls, text: str) -> Asked:
        """What a cookie carries.

        Raises:
            Refused: When it carries nothing of the kind.
        """
        try:
            found = cls(**json.loads(base64.urlsafe_b64decode(text.encode())))
        except (ValueError, TypeError) as error:
            raise _again() from error
        if not all(isinstance(value, str) for value in asdict(found).values()):
            raise _again()
        return found


@dataclass
class Provider:
    """An identity provider.

    Attributes:
        issuer: Its name and address.
        client_id: What it calls us.
        secret: What it gave us.
        back: The address of ours that it sends browsers back to.
        name_claim: Which of its claims is the name of a person here.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    back: str = ""
    name_claim: str = "email"
    _metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    _keys: KeySet | None = field(default=None, repr=False)

    def address(self, asked: Asked) -> str:
        """Where the browser goes to sign in.

        Raises:
            Refused: When the provider cannot be reached.
        """
        question = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "openid email profile",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(question)}"

    def name(self, asked: Asked, *, state: str, code: str, now: int) -> str:
        """Who signed in.

        Args:
            asked: What was asked.
            state: What came back with the browser.
            code: What the provider gave it.
            now: Microseconds UTC.

        Raises:
            Refused: When anything about the answer is not as it must be.
        """
        if not code or not hmac.compare_digest(state.encode(), asked.state.encode()):
            raise _again()
        token = self._exchange(code, asked.verifier)
        try:
            claims = self._checked(token, asked.nonce, now // MICROSECONDS_PER_SECOND)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _again() from error
        name = claims.get(self.name_claim)
        verified = self.name_claim != "email" or claims.get("email_verified") is True
        if not isinstance(name, str) or not name or not verified:
            says = "The identity provider did not say for certain who you are."
            raise Refused(403, says, todo=f"An administrator can look at the claim {self.name_claim!r} there.")
        return name

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": verifier,
        }
        return self._fetch("POST", self._endpoint("token_endpoint"), data=given, auth=(self.client_id, self.secret))

    def _checked(self, token: dict[str, Any], nonce: str, now: int) -> dict[str, Any]:
        known = self._described().get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = sorted(SIGNED_WITH & set(known))
        try:
            found = jwt.decode(token["id_token"], self._key_set(), algorithms=algorithms)
        except InvalidKeyIdError:
            found = jwt.decode(token["id_token"], self._key_set(again=True), algorithms=algorithms)
        must: dict[str, Any] = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        told = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(found.claims, found.header, must, told)
        claims.validate(now=now, leeway=_LEEWAY_SECONDS)
        return dict(claims)

    def _key_set(self, *, again: bool = False) -> KeySet:
        if self._keys is None or again:
            self._keys = KeySet.import_key_set(self._fetch("GET", self._endpoint("jwks_uri")))  # type: ignore[arg-type]
        return self._keys

    def _endpoint(self, name: str) -> str:
        found = self._described().get(name)
        if not isinstance(found, str):
            raise _out_of_reach()
        return found

    def _described(self) -> dict[str, Any]:
        if not self._metadata:
            found = self._fetch("GET", self.issuer.rstrip("/") + _WELL_KNOWN)
            if found.get("issuer") != self.issuer:
                raise _out_of_reach()
            self._metadata = found
        return self._metadata

    def _fetch(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            answer = httpx.request(
                method, url, timeout=_PATIENCE_SECONDS, headers={"Accept": "application/json"}, **given
            )
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _out_of_reach() from error
        if not isinstance(found, dict):
            raise _out_of_reach()
        return found


def _again() -> Refused:
    return Refused(400, "This sign-in is too old, or it was not started here.", todo="Please sign in again.")


def _out_of_reach() -> Refused:
    return Refused(502, "The identity provider cannot be used just now.", todo="Try again in a minute.")
