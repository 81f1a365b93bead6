"""A small ledger with a row of every sort, and random changes made to its file behind its back."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from salesworthy.ledger.approvals import SignedPolicy
from salesworthy.ledger.decisions import HandedDecision, OverrideSeen
from salesworthy.ledger.feedback import Feedback
from salesworthy.ledger.reviews import InForce, Proposal, Review, Vote
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.users import User

PERSONAL = ("lead_ids", "texts")
WORKING = ("passwords", "sessions", "attempts")
"""Not part of the record."""


def build(folder: Path, *, runs: int = 4, leads: int = 6) -> Ledger:
    """A ledger of some runs, with decisions, feedback, signatures, a review and an erasure."""
    ledger = Ledger("sqlite:///ledger.db", folder)
    for number in range(1, runs + 1):
        version = f"v{number}"
        ledger.register_model(
            version, bundle_sha256="ab", trained_as_of=number, data_fingerprint="cd", figures={"n": number}, now=number
        )
        ledger.promote(version, f"person {number}", number)
        decisions = [decision(f"run{number}", f"L{lead}", lead) for lead in range(number, number + leads)]
        ledger.record_run(
            f"run{number}", kind="score", as_of=number, model_version=version, policy_version="1",
            data_fingerprint="cd", manifest_sha256="ef", counts={"MQL": leads}, now=number, decisions=decisions,
            overrides=[OverrideSeen(f"KEY_{number}", f"hash {number}", "MQL", "H. L.", "2026-01-01", "2026-02-01")],
        )  # fmt: skip
        said = [
            Feedback(f"L{lead}", 100 + lead, "K. Berg", "disposition", "rejected", "timing", {"WEBINAR": lead % 2 == 0},
                     f"run{number}", None, f"note {number}.{lead}" if lead % 2 else None)
            for lead in range(number, number + 3)
        ]  # fmt: skip
        ledger.feedback.record(said, by="feedback", now=200 + number, came_by=f"file{number}.csv")
    ledger.rollback("person", 300)
    for role in ("sales_leadership", "compliance"):
        ledger.approvals.record(SignedPolicy("1", "policy hash", role, f"head of {role}", "2026-01-01", 301))
    review(ledger)
    access(ledger)
    ledger.people.erase("L2", by="privacy officer", now=400)
    return ledger


def decision(run_id: str, lead: str, number: int) -> HandedDecision:
    return HandedDecision(
        run_id, lead, 10 + number, "MQL", "propensity", "sales", "ALL", None, "dach", 0.1 + number / 7, 1.0,
        ("WEBINAR", "ROLE_FIT"), "A", "1", "dach_team", 99 + number, "v1", "1", "packets/part-0000.jsonl", number, "ab",
    )  # fmt: skip


def review(ledger: Ledger) -> None:
    ledger.reviews.open(Review("2026-Q1", 1, "evidence", "M. Weber", 310))
    for number in (1, 2):
        name = f"P{number}"
        ledger.reviews.propose(
            Proposal(name, "2026-Q1", "thresholds", "hash", None, "replay", {"at": 0.2 + number}, "M. Weber", 311)
        )
        for role in ("sales_leadership", "compliance"):
            ledger.reviews.vote(Vote(name, role, "approve", "", f"head of {role}", 312))
        ledger.reviews.adopt(
            name,
            by="M. Weber",
            now=313,
            expected=0 if number == 1 else 2,  # the first one records what it found, too
            stands=InForce("old hash" if number == 1 else "hash", "v1"),
            roles=("sales_leadership", "compliance"),
        )
    ledger.reviews.revert(by="M. Weber", now=314, expected=3)


def access(ledger: Ledger) -> None:
    for name, role in (("M. Weber", "marketing"), ("C. Brandt", "compliance")):
        ledger.users.record(User(name, (role,), ("dach",)), by="admin", now=320, password_hash=f"hash of {name}")
    for consumer in ("crm", "warehouse"):
        token, _ = ledger.tokens.issue(consumer, roles=("marketing",), expires_at=999, by="admin", now=321)
    ledger.tokens.revoke(token.token_id, by="admin", now=322)


def without_triggers(path: Path) -> None:
    """What somebody with the file can do first."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.commit()


def tables(connection: sqlite3.Connection) -> list[str]:
    """Every table of the record that has rows."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    kept = [name for (name,) in names if name not in {"ledger_version", *WORKING} and name[:7] != "sqlite_"]
    return [name for name in kept if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]]


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def row_ids(connection: sqlite3.Connection, table: str) -> list[int]:
    return [row[0] for row in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]


def flip(rng: random.Random, connection: sqlite3.Connection, table: str) -> str:
    """One value of one row becomes another."""
    column, row = rng.choice(columns(connection, table)), rng.choice(row_ids(connection, table))
    value = connection.execute(f'SELECT "{column}" FROM {table} WHERE rowid = {row}').fetchone()[0]
    changed = rng.choice([other for other in _others(rng, value) if other != value])
    connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = {row}', (changed,))
    return f"{table}.{column} of row {row}"


def _others(rng: random.Random, value: object) -> list[object]:
    if value is None:
        return ["x"]
    if isinstance(value, int):
        return [value + rng.randrange(1, 1000), -value - 1]
    if isinstance(value, float):
        return [value * (1 + 2**-50), -value, value + 1]
    text = str(value)
    place = rng.randrange(len(text) + 1)
    return [f"{text} ", f"{text[:place]}x{text[place:]}", text[:-1] if text else "y", text.upper(), text[::-1], b"x"]


def delete(rng: random.Random, connection: sqlite3.Connection, table: str) -> str:
    """One row goes."""
    row = rng.choice(row_ids(connection, table))
    connection.execute(f"DELETE FROM {table} WHERE rowid = {row}")
    return f"{table} row {row}"


def reorder(rng: random.Random, connection: sqlite3.Connection, table: str) -> str:
    """Two rows change places; in tables without an order, what they hold does."""
    found = row_ids(connection, table)
    if len(found) < 2:
        return delete(rng, connection, table)
    one, other = rng.sample(found, 2)
    key = "sequence" if table not in PERSONAL else columns(connection, table)[0]
    keys = {
        row: connection.execute(f"SELECT {key} FROM {table} WHERE rowid = {row}").fetchone()[0] for row in (one, other)
    }
    spare = -1 if isinstance(keys[one], int) else "spare"
    for was, becomes in ((keys[one], spare), (keys[other], keys[one]), (spare, keys[other])):
        connection.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (becomes, was))
    return f"{table} rows {one} and {other}"


def truncate(rng: random.Random, connection: sqlite3.Connection, table: str) -> str:
    """The end goes."""
    first = rng.choice(row_ids(connection, table))
    connection.execute(f"DELETE FROM {table} WHERE rowid >= {first}")
    return f"{table} from row {first}"


def forge(rng: random.Random, connection: sqlite3.Connection, table: str) -> str:
    """A row comes that nobody wrote: like one that stands, under a new key."""
    names, row_id = columns(connection, table), rng.choice(row_ids(connection, table))
    row = dict(zip(names, connection.execute(f"SELECT * FROM {table} WHERE rowid = {row_id}").fetchone(), strict=True))
    for name, value in row.items():
        if name == "sequence":
            row[name] = max(row_ids(connection, table)) + 1
        elif name == "lead_key" and table in {"erasures", "lead_ids"}:
            row[name] = value + 100
        elif isinstance(value, str) and name not in {"previous_hash", "details"}:
            row[name] = f"{value}{rng.randrange(10)}"
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", list(row.values()))
    return f"{table}: a new row"


MUTATIONS: dict[str, Callable[[random.Random, sqlite3.Connection, str], str]] = {
    "flip": flip,
    "delete": delete,
    "reorder": reorder,
    "truncate": truncate,
    "forge": forge,
}


def mutate(path: Path, kind: str, rng: random.Random) -> str:
    """Make one random change of a sort; says what it was."""
    with closing(sqlite3.connect(path)) as connection:
        told = MUTATIONS[kind](rng, connection, rng.choice(tables(connection)))
        connection.commit()
    return told


def cut(path: Path, rng: random.Random) -> str:
    """Cut off the end of the trail with every row that it speaks of: what no chain can show without its old head."""
    with closing(sqlite3.connect(path)) as connection:
        events = connection.execute("SELECT sequence, action, details FROM audit ORDER BY sequence").fetchall()
        first = rng.randrange(2, len(events) + 1)
        _undo(connection, [event for event in events if event[0] >= first])
        connection.execute(f"DELETE FROM audit WHERE sequence >= {first}")
        connection.commit()
    return f"from event {first}"


def _undo(connection: sqlite3.Connection, events: list[tuple[int, str, str]]) -> None:
    import json

    from salesworthy.ledger.audit import LINKED, TOLD

    for _, action, details in events:
        told = json.loads(details)
        first = told.get("first", told.get("sequence"))
        name = (LINKED | TOLD)[action].name
        if action == "record_feedback":
            gone = f"SELECT text_key FROM feedback WHERE sequence >= {first}"
            connection.execute(f"DELETE FROM texts WHERE text_key IN ({gone})")
        if action == "record_leads":
            connection.execute(f"DELETE FROM lead_ids WHERE lead_key >= {first}")
        connection.execute(f"DELETE FROM {name} WHERE sequence >= {first}")
