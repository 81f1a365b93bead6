"""The ledger on a real PostgreSQL server: the same schema, promises and refusals as on SQLite.

``SALESWORTHY_TEST_POSTGRES`` names a server whose user may create databases; without it a server is started from
binaries on this machine, and without those the tests are skipped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError

from salesworthy.domain.errors import UserError
from salesworthy.ledger.connection import open_database, reading, writing
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.ledger.records import ChampionChanged, LedgerDamaged
from salesworthy.ledger.schema import VERSION_TABLE
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.tables import METADATA

pytestmark = pytest.mark.slow
VARIABLE = "SALESWORTHY_TEST_POSTGRES"


def binaries() -> Path | None:
    """Where the server's programs are: on the path, or where Debian puts them."""
    found = shutil.which("initdb")
    places = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


def as_server(arguments: list[str]) -> None:
    """Run a program of the server; it refuses to be root."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*user, *arguments], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    if VARIABLE in os.environ:
        yield make_url(os.environ[VARIABLE])
        return
    programs = binaries()
    if programs is None:
        pytest.skip(f"{VARIABLE} names no server, and PostgreSQL is not installed here")
    folder = Path("/tmp") / f"salesworthy-pg-{os.getpid()}"  # noqa: S108  # a socket's path must be short
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    data = str(folder / "data")
    try:
        as_server([str(programs / "initdb"), "-D", data, "-U", "tester", "--auth=trust", "--no-sync", "-E", "UTF8"])
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        as_server([str(programs / "pg_ctl"), "-D", data, "-o", options, "-w", "-l", str(folder / "log"), "start"])
        try:
            yield make_url(f"postgresql+psycopg://tester@/postgres?host={folder}")
        finally:
            as_server([str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(server: URL) -> Iterator[str]:
    """A database of its own."""
    name = f"salesworthy_test_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def register(ledger: Ledger, *versions: str) -> None:
    for version in versions:
        ledger.register_model(version, bundle_sha256="", trained_as_of=0, data_fingerprint="", figures={}, now=0)


def hand(ledger: Ledger, lead: str, run: str) -> None:
    decision = HandedDecision(run, lead, 1, "MQL", "propensity", "sales", propensity=0.1 + 0.2, reasons=("WEBINAR",))
    ledger.record_run(
        run, kind="score", as_of=1, model_version="v1", policy_version=None, data_fingerprint="", manifest_sha256="m",
        counts={"ü": 1}, now=2, decisions=[decision],
    )  # fmt: skip


def test_migrations_make_the_tables_that_the_code_expects(url: str, tmp_path: Path) -> None:
    with reading(open_database(url, tmp_path)) as connection:
        options = {"compare_type": True, "include_object": lambda _, name, kind, *rest: name != VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_what_is_recorded_holds_and_can_be_erased(url: str, tmp_path: Path) -> None:
    ledger = Ledger(url, tmp_path)
    register(ledger, "v1")
    hand(ledger, "L1", "run")
    said = Feedback("L1", 2**50, "K", "disposition", "accepted", None, {"WEBINAR": True}, "run", 7, "a note")
    assert len(ledger.feedback.record([said], by="x", now=3, came_by="x")) == 1
    assert ledger.feedback.record([said], by="x", now=3, came_by="x") == ()
    assert ledger.decisions.of_lead("L1")[0].propensity == 0.1 + 0.2
    head = ledger.verify_audit().head
    ledger.people.erase("L1", by="x", now=4)
    assert [(each.lead_id, each.note) for each in ledger.feedback.all()] == [(None, None)]
    assert ledger.verify_audit(head=head).events == 6


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["runs", "decisions", "audit", "lead_ids"])
def test_no_program_changes_what_was_recorded(url: str, tmp_path: Path, statement: str, table: str) -> None:
    ledger = Ledger(url, tmp_path)
    hand(ledger, "L1", "run")
    key = next(iter(METADATA.tables[table].primary_key)).name
    engine = open_database(url, tmp_path)
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement.format(table, key, key)))
    ledger.verify_audit()


@pytest.mark.parametrize("table", ["runs", "decisions", "audit", "lead_ids", "leads"])
def test_a_change_behind_its_back_is_found(url: str, tmp_path: Path, table: str) -> None:
    ledger = Ledger(url, tmp_path)
    hand(ledger, "L1", "run")
    hand(ledger, "L2", "later")
    with writing(open_database(url, tmp_path)) as connection:
        connection.execute(text("SET session_replication_role = replica"))
        key = next(iter(METADATA.tables[table].primary_key)).name
        connection.execute(text(f"UPDATE {table} SET {key} = {key} + 10 WHERE {key} = 2"))
    with pytest.raises(LedgerDamaged, match=table.removesuffix("s")):
        ledger.verify_audit()


def test_processes_that_open_a_new_ledger_at_once_all_succeed(url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: register(Ledger(url, tmp_path), f"v{number}"), range(6)))
    ledger = Ledger(url, tmp_path)
    assert {model.version for model in ledger.models()} == {f"v{number}" for number in range(6)}
    assert ledger.verify_audit().events == 6


def test_of_six_promoters_at_once_the_best_stands(url: str, tmp_path: Path) -> None:
    versions = [f"v{place}" for place in range(6)]
    register(Ledger(url, tmp_path), *versions)

    def promote(version: str) -> None:
        ledger = Ledger(url, tmp_path)
        while True:
            champion = ledger.champion()
            stands = None if champion is None else champion.version
            if stands is not None and stands >= version:
                return
            try:
                ledger.promote(version, version, 1, expected=stands)
            except ChampionChanged:
                continue

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(promote, versions))
    champion = Ledger(url, tmp_path).champion()
    assert champion is not None
    assert champion.version == "v5"


def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    with writing(open_database(url, tmp_path)) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0999'"))
    with pytest.raises(UserError, match="written by a newer salesworthy"):
        Ledger(url, tmp_path)
