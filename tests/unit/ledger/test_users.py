"""People, passwords, sessions and tokens in the ledger: rights are recorded, secrets unreadable, all of it ends."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.ledger.attempts import LONGEST_SECONDS, wait_seconds
from salesworthy.ledger.records import LedgerDamaged
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.users import User

KIM = User("Kim", ("sales",), ("dach", "nordics"), "sales_leadership")
SECOND = 1_000_000


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger("sqlite:///ledger.db", tmp_path)


@pytest.fixture
def database(ledger: Ledger, tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_the_latest_record_of_a_person_counts(ledger: Ledger) -> None:
    assert ledger.users.find("Kim") is None
    ledger.users.record(KIM, by="Ada", now=1, password_hash="h1")
    ledger.users.record(replace(KIM, roles=("sales", "marketing"), has_password=True), by="Ada", now=2)
    found = ledger.users.find("Kim")
    assert found == replace(KIM, roles=("marketing", "sales"), has_password=True, by="Ada", at=2)
    assert ledger.users.all() == (found,)
    assert ledger.users.password_hash("Kim") == "h1"
    assert ledger.verify_audit().events == 2


@pytest.mark.parametrize(
    ("change", "password", "stands"),
    [
        (replace(KIM, has_password=True, territories=("dach",)), None, True),
        (replace(KIM, has_password=True), "h2", False),
        (replace(KIM, has_password=True, active=False), None, False),
        (replace(KIM, has_password=False), None, False),
    ],
)
def test_a_session_ends_with_what_it_rests_on(
    ledger: Ledger, change: User, password: str | None, *, stands: bool
) -> None:
    ledger.users.record(KIM, by="Ada", now=1, password_hash="h1")
    key = ledger.users.open_session("Kim", now=2)
    assert ledger.users.session(key) is not None
    ledger.users.record(change, by="Ada", now=3, password_hash=password)
    session = ledger.users.session(key)
    assert (session is not None) is stands
    if session is not None:
        assert session.user.territories == ("dach",)


def test_sessions_end_by_age_and_on_request(ledger: Ledger) -> None:
    ledger.users.record(KIM, by="Ada", now=1, password_hash="h1")
    old, idle, fresh, out = (ledger.users.open_session("Kim", now=at) for at in (10, 50, 60, 60))
    ledger.users.touch_session(old, now=100)
    ledger.users.touch_session(fresh, now=100)
    ledger.users.end_session(out)
    ledger.users.end_sessions(opened_before=20, seen_before=60)
    assert [ledger.users.session(key) is not None for key in (old, idle, fresh, out)] == [False, False, True, False]


def test_no_secret_is_readable_in_the_database(ledger: Ledger, database: Path) -> None:
    ledger.users.record(KIM, by="Ada", now=1, password_hash="h1")
    key = ledger.users.open_session("Kim", now=1)
    _, secret = ledger.tokens.issue("crm", roles=("marketing",), by="Ada", now=1)
    content = database.read_bytes()
    assert key.encode() not in content
    assert secret.encode() not in content
    assert b"Kim" in content


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE passwords SET hash = 'h2'", "not the password that was recorded"),
        ("DELETE FROM passwords", "it is gone"),
        ("INSERT INTO passwords VALUES ('Eve', 'h3')", "not the password that was recorded"),
    ],
)
def test_a_password_put_there_behind_its_back_is_found_and_does_not_count(
    ledger: Ledger, database: Path, statement: str, says: str
) -> None:
    ledger.users.record(KIM, by="Ada", now=1, password_hash="h1")
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    with pytest.raises(LedgerDamaged, match=says):
        ledger.verify_audit()
    assert ledger.users.password_hash("Kim") in {None, "h1"}
    assert ledger.users.password_hash("Eve") is None


def test_a_token_lets_in_until_it_ends(ledger: Ledger) -> None:
    token, secret = ledger.tokens.issue("crm", roles=("sales",), territories=("dach",), expires_at=10, by="Ada", now=1)
    assert ledger.tokens.find(secret, now=9) == token
    assert ledger.tokens.find(secret, now=10) is None
    assert ledger.tokens.find(secret + "x", now=9) is None
    assert ledger.tokens.find("", now=9) is None


def test_a_token_is_revoked_once(ledger: Ledger) -> None:
    token, secret = ledger.tokens.issue("crm", roles=("marketing",), by="Ada", now=1)
    other, kept = ledger.tokens.issue("crm", roles=("marketing",), by="Ada", now=2)
    assert ledger.tokens.revoke(token.token_id, by="Ada", now=3).revoked_at == 3
    assert ledger.tokens.find(secret, now=4) is None
    assert ledger.tokens.find(kept, now=4) == other
    assert [each.revoked_at for each in ledger.tokens.all()] == [3, None]
    with pytest.raises(GateRefused, match="revoked before"):
        ledger.tokens.revoke(token.token_id, by="Ada", now=5)
    with pytest.raises(WrongUsage, match="no token"):
        ledger.tokens.revoke("nonsense", by="Ada", now=5)
    assert ledger.verify_audit().events == 3


def test_attempts_wait_longer_and_longer_per_key(ledger: Ledger) -> None:
    account, place = {"account kim": 3}, {"address 10.0.0.1": 5}
    keys = account | place
    assert [ledger.attempts.begin(keys, now=number) for number in range(4)] == [0, 0, 0, 1]
    assert ledger.attempts.begin({"account lee": 3}, now=3) == 0
    assert ledger.attempts.begin(keys, now=2 + SECOND) == 0
    assert ledger.attempts.begin(keys, now=2 + SECOND) == 2
    ledger.attempts.succeeded("account kim", others=place)
    assert ledger.attempts.begin(keys, now=2 + SECOND) == 0
    assert ledger.attempts.begin({"address 10.0.0.1": 5}, now=2 + SECOND) == 0
    assert ledger.attempts.begin({"address 10.0.0.1": 5}, now=2 + SECOND) == 1


def test_attempts_at_once_are_no_way_round_the_wait(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: ledger.attempts.begin({"account kim": 3}, now=7), range(16)))
    assert sorted(waits) == [0] * 3 + [1] * 13


def test_of_two_at_once_the_one_counted_later_may_have_begun_earlier(ledger: Ledger) -> None:
    assert ledger.attempts.begin({"account a": 5, "address x": 20}, now=8) == 0
    assert ledger.attempts.begin({"account b": 5, "address x": 20}, now=7) == 0


def test_attempts_are_forgotten_after_the_longest_wait(ledger: Ledger, database: Path) -> None:
    ledger.attempts.begin({"account kim": 1}, now=0)
    ledger.attempts.begin({"account lee": 1}, now=(LONGEST_SECONDS + 1) * SECOND)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone() == (1,)
    assert b"kim" not in database.read_bytes()


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_a_wait_never_shrinks_and_has_an_end(failures: int, free: int) -> None:
    wait = wait_seconds(failures, free=free)
    assert 0 <= wait <= wait_seconds(failures + 1, free=free) <= LONGEST_SECONDS
    assert (wait == 0) is (failures < free)
