"""Settings of the pages: where they are, and how people sign in; secrets come from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from salesworthy.domain.errors import MistakeCollector
from salesworthy.intake.settings_parts import Part

PROXY_SECRET = "SALESWORTHY_PROXY_SECRET"  # noqa: S105  # the name of a variable
"""The variable with what the proxy shows."""
OIDC_SECRET = "SALESWORTHY_OIDC_SECRET"  # noqa: S105
"""The variable with what the identity provider gave us."""
_SHORTEST = 24
_FILE = "salesworthy.toml"


class ProxySettings(Part):
    """The header in which a proxy names who is signed in."""

    user_header: str = Field("X-Forwarded-User", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")


class OidcSettings(Part):
    """The identity provider, what it calls us, and which of its claims is a person's name here."""

    issuer: str = ""
    client_id: str = ""
    name_claim: str = Field("email", min_length=1)


class WebSettings(Part):
    """How the pages are reached.

    ``public_url`` is where browsers find them, when that is not this machine; ``proxies`` are addresses or networks
    that are believed where a request comes from, and with ``sign_in = "proxy"`` who sent it.
    """

    sign_in: Literal["password", "proxy", "oidc"] = "password"
    public_url: str = ""
    proxies: tuple[str, ...] = ()
    proxy: ProxySettings = ProxySettings()
    oidc: OidcSettings = OidcSettings()

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query):
            raise ValueError(f"{value!r} is no address of pages; write https://HOST, without a path")
        return value.rstrip("/")

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                network = ip_network(each)
            except ValueError as error:
                raise ValueError(f"{each!r} is neither an address nor a network, such as 10.0.0.5") from error
            if network.prefixlen == 0:
                raise ValueError(f"{each!r} trusts everybody; name the proxy")
        return value


def check_serving(web: WebSettings, *, host: str, environ: Mapping[str, str]) -> None:
    """Refuse to open pages that anybody could get into.

    Args:
        web: The settings.
        host: The address that the pages listen at.
        environ: The environment, with the secrets.

    Raises:
        ConfigurationMistakes: With everything that is missing.
    """
    mistakes = MistakeCollector(of="the set-up of the pages")
    if not is_this_machine(host) and not web.public_url:
        todo = 'write public_url = "https://HOST" under [web], with a proxy there that speaks HTTPS; or leave it away'
        mistakes.add("--host", f"{host} is reached from other machines, and passwords would travel in the clear", todo)
    if web.sign_in == "proxy":
        if not web.proxies:
            todo = 'write proxies = ["10.0.0.5"] under [web]'
            mistakes.add(f"{_FILE}: web.proxies", "a proxy signs people in, and its address is missing", todo)
        _check_secret(PROXY_SECRET, environ, "the proxy shows a secret, and it is missing or short", mistakes)
    if web.sign_in == "oidc":
        _check_oidc(web, environ, mistakes)
    mistakes.raise_if_any()


def is_this_machine(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_oidc(web: WebSettings, environ: Mapping[str, str], mistakes: MistakeCollector) -> None:
    for key, value in (("issuer", web.oidc.issuer), ("client_id", web.oidc.client_id)):
        if not value:
            todo = f'write {key} = "..." under [web.oidc]'
            mistakes.add(f"{_FILE}: web.oidc.{key}", "an identity provider signs people in, and this is missing", todo)
    issuer = urlsplit(web.oidc.issuer)
    if web.oidc.issuer and issuer.scheme != "https" and not is_this_machine(issuer.hostname or ""):
        mistakes.add(f"{_FILE}: web.oidc.issuer", "it is not reached by HTTPS", "write https://...")
    _check_secret(OIDC_SECRET, environ, "the identity provider gave a secret, and it is missing", mistakes, shortest=1)


def _check_secret(
    name: str, environ: Mapping[str, str], what: str, mistakes: MistakeCollector, *, shortest: int = _SHORTEST
) -> None:
    if len(environ.get(name, "")) < shortest:
        todo = f"set it in the environment, {shortest} letters or more" if shortest > 1 else "set it in the environment"
        mistakes.add(name, what, todo)
