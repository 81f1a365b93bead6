"""Settings of the pages: mistakes are told together, and pages that anybody could get into do not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesworthy.domain.errors import ConfigurationMistakes
from salesworthy.runs.settings import load_settings
from salesworthy.runs.settings_web import OIDC_SECRET, PROXY_SECRET, check_serving

LONG = "x" * 24
PUBLIC = 'public_url = "https://leads.acme.example"\n'
PROXY = PUBLIC + 'sign_in = "proxy"\nproxies = ["10.0.0.5"]\n'
OIDC = PUBLIC + 'sign_in = "oidc"\n[web.oidc]\nissuer = "https://id.acme.example"\nclient_id = "salesworthy"\n'


def settings(folder: Path, text: str):
    (folder / "salesworthy.toml").write_text(f"[web]\n{text}")
    return load_settings(folder, {}).web


def refused(folder: Path, text: str, *, host: str = "127.0.0.1", **environ: str) -> list[str]:
    try:
        check_serving(settings(folder, text), host=host, environ=environ)
    except ConfigurationMistakes as error:
        return [mistake.where for mistake in error.mistakes]
    return []


@pytest.mark.parametrize(
    ("text", "host", "environ", "expected"),
    [
        ("", "127.0.0.1", {}, []),
        ("", "::1", {}, []),
        ("", "localhost", {}, []),
        ("", "0.0.0.0", {}, ["--host"]),  # noqa: S104
        ("", "192.168.1.7", {}, ["--host"]),
        ("", "leads.acme.example", {}, ["--host"]),
        (PUBLIC, "0.0.0.0", {}, []),  # noqa: S104
        (PROXY, "10.0.0.4", {PROXY_SECRET: LONG}, []),
        (PROXY, "10.0.0.4", {PROXY_SECRET: "short"}, [PROXY_SECRET]),
        (PROXY, "10.0.0.4", {}, [PROXY_SECRET]),
        ('sign_in = "proxy"', "0.0.0.0", {}, ["--host", "salesworthy.toml: web.proxies", PROXY_SECRET]),  # noqa: S104
        (OIDC, "10.0.0.4", {OIDC_SECRET: "s"}, []),
        (OIDC, "10.0.0.4", {}, [OIDC_SECRET]),
        (
            OIDC.replace("https://id", "http://id"),
            "10.0.0.4",
            {OIDC_SECRET: "s"},
            ["salesworthy.toml: web.oidc.issuer"],
        ),
        (
            'sign_in = "oidc"',
            "127.0.0.1",
            {},
            ["salesworthy.toml: web.oidc.issuer", "salesworthy.toml: web.oidc.client_id", OIDC_SECRET],
        ),
    ],
)
def test_pages_that_anybody_could_get_into_do_not_open(tmp_path, text, host, environ, expected):
    assert refused(tmp_path, text, host=host, **environ) == expected


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ('sign_in = "none"', ":2", "sign_in must be"),
        ('public_url = "http://leads.acme.example"', ":2", "is no address of pages"),
        ('public_url = "https://leads.acme.example/path"', ":2", "is no address of pages"),
        ('proxies = ["10.0.0.5", "proxy.acme.example"]', ":2", "neither an address nor a network"),
        ('proxies = ["0.0.0.0/0"]', ":2", "trusts everybody"),
        ('[web.proxy]\nuser_header = "X Forwarded"', ":3", "user_header"),
        ("password = 1", ":2", "unknown key 'password'"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, where, says):
    with pytest.raises(ConfigurationMistakes) as error:
        settings(tmp_path, text)
    (mistake,) = error.value.mistakes
    assert mistake.where.endswith(where)
    assert says in mistake.what


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(ConfigurationMistakes) as error:
        settings(tmp_path, 'sign_in = "none"\npublic_url = "x"\nproxies = ["x"]\n')
    assert len(error.value.mistakes) == 3
