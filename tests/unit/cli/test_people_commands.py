"""``people`` and the start of ``serve``: rights are checked, secrets come neither by argument nor into output."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from salesworthy.cli.main import run
from salesworthy.ledger.store import Ledger
from salesworthy.runs import settings
from salesworthy.web.sign_in.passwords import is_right

POLICY = Path(settings.__file__).parent / "templates" / "policy"
PASSWORD = "four plain words here"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "salesworthy.toml").write_text('[workspace]\nname = "acme"\n')
    shutil.copytree(POLICY, tmp_path / "policy")
    monkeypatch.setenv("SALESWORTHY_PASSWORD", PASSWORD)
    return tmp_path


@pytest.fixture
def command(folder, capsys):
    """Runs a command: its exit code, its JSON, and everything it printed."""

    def done(*arguments: str):
        code = run(["-w", str(folder), *arguments, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, out + err

    return done


def ledger(folder: Path) -> Ledger:
    return Ledger("sqlite:///ledger.db", folder)


def test_the_first_administrator_comes_in_by_a_command(folder, command):
    code, found, _ = command("people", "add", "M. Weber", "--role", "admin", "--role", "marketing", "--by", "root")
    assert code == 0
    assert (found["name"], found["roles"], found["active"]) == ("M. Weber", ["admin", "marketing"], True)
    assert is_right(PASSWORD, ledger(folder).users.password_hash("M. Weber"))


def test_other_rights_keep_the_password_and_no_output_holds_a_secret(folder, command, monkeypatch):
    _, _, first = command("people", "add", "Kim", "--role", "sales", "--territory", "dach_general")
    stands = ledger(folder).users.password_hash("Kim")
    monkeypatch.delenv("SALESWORTHY_PASSWORD")
    _, found, second = command(
        "people", "add", "Kim", "--role", "sales", "--territory", "nordics", "--signs-as", "sales_leadership"
    )
    assert found["territories"] == ["nordics"]
    assert ledger(folder).users.password_hash("Kim") == stands
    for printed in (first, second):
        assert PASSWORD not in printed
        assert "argon2" not in printed


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["--role", "seller"], ["--role"]),
        (["--role", "sales"], ["--territory"]),
        (["--role", "sales", "--territory", "dach_generl"], ["--territory"]),
        (["--role", "x", "--territory", "y", "--signs-as", "z"], ["--role", "--signs-as", "--territory"]),
    ],
)
def test_rights_that_mean_nothing_are_refused_together(folder, command, arguments, where):
    code, found, _ = command("people", "add", "Kim", *arguments)
    assert code == 3
    assert [each["where"] for each in found["error"]["mistakes"]] == where
    assert ledger(folder).users.all() == ()


def test_a_territory_without_a_policy_is_refused_and_all_of_them_is_not(folder, command):
    shutil.rmtree(folder / "policy")
    assert command("people", "add", "Kim", "--role", "sales", "--territory", "dach_general")[0] == 3
    assert command("people", "add", "Kim", "--role", "sales", "--territory", "*")[0] == 0


@pytest.mark.parametrize("password", ["short", "kim berg 2026"])
def test_a_password_that_is_easy_to_guess_is_refused(folder, command, monkeypatch, password):
    monkeypatch.setenv("SALESWORTHY_PASSWORD", password)
    assert command("people", "add", "Kim Berg 2026", "--role", "admin")[0] == 2
    assert ledger(folder).users.all() == ()


def test_no_password_is_asked_for_where_a_proxy_signs_people_in(folder, command, monkeypatch):
    monkeypatch.delenv("SALESWORTHY_PASSWORD")
    with (folder / "salesworthy.toml").open("a") as file:
        file.write('[web]\nsign_in = "proxy"\nproxies = ["10.0.0.5"]\n')
    code, found, _ = command("people", "add", "Kim", "--role", "marketing")
    assert (code, found["has_password"]) == (0, False)


def test_somebody_is_shut_out_let_in_and_given_another_password(folder, command, monkeypatch):
    command("people", "add", "Kim", "--role", "marketing")
    key = ledger(folder).users.open_session("Kim", now=1)
    assert command("people", "disable", "Kim")[1]["active"] is False
    assert ledger(folder).users.session(key) is None
    assert ledger(folder).users.password_hash("Kim") is None
    assert command("people", "enable", "Kim")[1]["active"] is True
    monkeypatch.setenv("SALESWORTHY_PASSWORD", "other plain words now")
    assert command("people", "password", "Kim")[0] == 0
    assert is_right("other plain words now", ledger(folder).users.password_hash("Kim"))
    assert command("people", "disable", "Kym")[0] == 2


def test_a_token_is_shown_once_and_taken_back(folder, command):
    code, issued, _ = command("people", "token", "crm", "--role", "sales", "--territory", "nordics", "--days", "30")
    assert code == 0
    _, listed, printed = command("people", "list")
    assert issued["token"] not in printed
    assert [each["consumer"] for each in listed["tokens"]] == ["crm"]
    assert command("people", "revoke", issued["token_id"])[1]["revoked_at"] is not None
    assert command("people", "revoke", issued["token_id"])[0] == 5
    assert command("people", "revoke", "nonsense")[0] == 2
    assert command("audit", "verify")[0] == 0


def test_pages_that_others_could_read_along_do_not_open(command):
    code, found, _ = command("serve", "--host", "0.0.0.0")  # noqa: S104
    assert code == 3
    assert [each["where"] for each in found["error"]["mistakes"]] == ["--host"]


def test_an_address_that_is_taken_is_explained(command):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, found, _ = command("serve", "--port", str(taken.getsockname()[1]))
    assert code == 3
    assert "--port" in found["error"]["todo"]
