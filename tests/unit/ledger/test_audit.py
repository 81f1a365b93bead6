"""The audit trail: every row has its event, and whatever is changed behind the ledger's back is found."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from salesworthy.ledger.audit import FIRST_HASH, event_hash
from salesworthy.ledger.records import LedgerDamaged
from salesworthy.ledger.store import Ledger

TABLES = ("model_versions", "promotions", "runs", "audit")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger("sqlite:///ledger.db", tmp_path)
    for number in (1, 2, 3):
        ledger.register_model(
            f"v{number}",
            bundle_sha256="ab",
            trained_as_of=number,
            data_fingerprint="cd",
            figures={"n": number},
            now=number,
        )
        ledger.promote(f"v{number}", "J. Doe", number)
        ledger.record_run(
            f"run {number}",
            kind="score",
            as_of=number,
            model_version=f"v{number}",
            policy_version=None,
            data_fingerprint="cd",
            manifest_sha256="ef",
            counts={"SCORED": number},
            now=number,
        )
    ledger.rollback("J. Doe", 4)
    return ledger


def behind_its_back(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


def test_an_untouched_ledger_holds(ledger: Ledger) -> None:
    events = ledger.audit_events()
    check = ledger.verify_audit()
    assert (check.events, check.head) == (len(events), events[-1].hash) == (10, events[-1].hash)
    assert events[0].previous_hash == FIRST_HASH
    assert [event.action for event in events[-2:]] == ["record_run", "rollback"]


def test_an_empty_ledger_holds(tmp_path: Path) -> None:
    assert Ledger("sqlite:///ledger.db", tmp_path).verify_audit().events == 0


def test_every_field_of_an_event_is_in_its_hash(ledger: Ledger) -> None:
    event = vars(ledger.audit_events()[0])
    for field in event.keys() - {"hash"}:
        assert event_hash({**event, field: f"{event[field]} "}) != event["hash"]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE model_versions SET figures = '{\"n\":9}' WHERE sequence = 2", "model_versions row 2"),
        ("UPDATE promotions SET by = 'M. Mallory' WHERE sequence = 1", "promotions row 1"),
        ("DELETE FROM promotions WHERE sequence = 4", "promotions row 4"),
        ("INSERT INTO promotions VALUES (5, 'v3', 'v2', 'M. Mallory', 9, 'promote', '')", "promotions row 5"),
        ("UPDATE runs SET policy_version = '' WHERE sequence = 3", "runs row 3"),
        ("UPDATE audit SET actor = 'M. Mallory' WHERE sequence = 5", "audit event 5"),
        ("UPDATE audit SET details = details || ' ' WHERE sequence = 5", "audit event 5"),
        ("DELETE FROM audit WHERE sequence = 1", "audit event 2"),
        ("DELETE FROM audit WHERE sequence = 4", "audit event 5"),
        ("DELETE FROM audit WHERE sequence = 10", "promotions row 4"),
        ("DELETE FROM audit", "model_versions row 1"),
        ("UPDATE audit SET sequence = 12 WHERE sequence = 10", "audit event 12"),
    ],
)
def test_a_change_is_found_and_its_row_is_named(ledger: Ledger, tmp_path: Path, statement: str, names: str) -> None:
    behind_its_back(tmp_path, statement)
    with pytest.raises(LedgerDamaged, match=names):
        ledger.verify_audit()


def flip(rng: random.Random, connection: sqlite3.Connection, table: str) -> list[str]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column, row = rng.choice(columns), rng.choice(connection.execute(f"SELECT sequence FROM {table}").fetchall())[0]
    value = connection.execute(f"SELECT {column} FROM {table} WHERE sequence = {row}").fetchone()[0]
    changed = value + rng.randrange(1, 1000) if isinstance(value, int) else f"'{value or ''}{rng.randrange(10)}'"
    return [f"UPDATE {table} SET {column} = {changed} WHERE sequence = {row}"]


def delete(rng: random.Random, connection: sqlite3.Connection, table: str) -> list[str]:
    row = rng.choice(connection.execute(f"SELECT sequence FROM {table}").fetchall())[0]
    return [f"DELETE FROM {table} WHERE sequence = {row}"]


def reorder(rng: random.Random, connection: sqlite3.Connection, table: str) -> list[str]:
    one, other = rng.sample([row[0] for row in connection.execute(f"SELECT sequence FROM {table}")], 2)
    return [
        f"UPDATE {table} SET sequence = -1 WHERE sequence = {one}",
        f"UPDATE {table} SET sequence = {one} WHERE sequence = {other}",
        f"UPDATE {table} SET sequence = {other} WHERE sequence = -1",
    ]


def truncate(rng: random.Random, connection: sqlite3.Connection, table: str) -> list[str]:
    highest = connection.execute(f"SELECT max(sequence) FROM {table}").fetchone()[0]
    return [f"DELETE FROM {table} WHERE sequence > {rng.randrange(highest)}"]


@pytest.mark.parametrize("mutate", [flip, delete, reorder, truncate])
def test_random_changes_of_one_table_are_all_found(
    ledger: Ledger, tmp_path: Path, mutate: Callable[..., list[str]]
) -> None:
    rng = random.Random(mutate.__name__)  # noqa: S311
    intact = (tmp_path / "ledger.db").read_bytes()
    for _ in range(25):
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
            statements = mutate(rng, connection, rng.choice(TABLES))
        behind_its_back(tmp_path, *statements)
        with pytest.raises(LedgerDamaged):
            print(statements, ledger.verify_audit())
        (tmp_path / "ledger.db").write_bytes(intact)
    ledger.verify_audit()
