"""The schema: what migrations make is what the code expects, old ledgers are brought up, newer ones refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from salesworthy.domain.errors import UserError
from salesworthy.ledger.connection import _engine, open_database, reading, workspace_url, writing
from salesworthy.ledger.migrations.versions import v0001_models_and_runs as first
from salesworthy.ledger.schema import KNOWN, MIGRATIONS, VERSION_TABLE, schema_of
from salesworthy.ledger.store import Ledger
from salesworthy.ledger.tables import METADATA, WORKING
from salesworthy.ledger.triggers import keys_of

URL = "sqlite:///ledger.db"


def ignoring_version_table(object_: object, name: str | None, kind: str, reflected: bool, against: object) -> bool:
    return not (kind == "table" and name == VERSION_TABLE)


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "include_object": ignoring_version_table}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


@contextmanager
def empty(folder: Path) -> Iterator[Connection]:
    with writing(_engine(workspace_url(URL, folder))) as connection:
        yield connection


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of the first schema, which did not write down its number, with a model in it."""
    with empty(tmp_path) as connection, Operations.context(MigrationContext.configure(connection)):
        first.upgrade()
    row = ("v1", "ab", 1, "cd", "{}", None, 1)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("INSERT INTO model_versions VALUES (1, ?, ?, ?, ?, ?, ?, ?)", row)
    return tmp_path


def test_the_known_schemas_are_those_that_migrations_lead_through() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert [each.revision for each in script.walk_revisions()][::-1] == list(KNOWN)
    assert script.get_heads() == [KNOWN[-1]]


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with reading(engine) as connection:
        assert schema_of(connection) == KNOWN[-1]
        assert differences(connection) == []


def test_a_column_that_no_migration_makes_is_noticed(tmp_path: Path) -> None:
    engine = open_database(URL, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("ALTER TABLE votes DROP COLUMN note")
    with reading(engine) as connection:
        assert [each[0] for each in differences(connection)] == ["add_column"]


def test_every_table_of_the_record_refuses_what_would_change_it(tmp_path: Path) -> None:
    open_database(URL, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    record = set(METADATA.tables) - {table.name for table in WORKING}
    assert found == {f"{table}_refuses_{what}" for table in record for what in ("update", "delete", "replace")}


def test_everything_that_names_a_row_is_guarded_against_replacement() -> None:
    assert keys_of(METADATA.tables["decisions"]) == [["sequence"], ["run_id", "lead_key"]]
    assert keys_of(METADATA.tables["audit"]) == [["sequence"], ["hash"]]


def test_an_old_ledger_is_brought_up_and_keeps_its_rows(old: Path) -> None:
    with reading(_engine(workspace_url(URL, old))) as connection:
        assert schema_of(connection) is None
    ledger = Ledger(URL, old)
    assert [model.version for model in ledger.models()] == ["v1"]
    ledger.promote("v1", "J. Doe", 2)
    with reading(_engine(workspace_url(URL, old))) as connection:
        assert schema_of(connection) == KNOWN[-1]
        assert differences(connection) == []


def test_a_migration_that_fails_leaves_the_old_schema(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(old / "ledger.db") as connection:
        connection.execute("CREATE TABLE votes (x INTEGER)")
    with pytest.raises(UserError, match="votes already exists"):
        Ledger(URL, old)
    with sqlite3.connect(old / "ledger.db") as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"model_versions", "promotions", "runs", "audit", "votes"}


def test_a_ledger_of_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Ledger(URL, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0999'")
    before = (tmp_path / "ledger.db").read_bytes()
    with pytest.raises(UserError, match="written by a newer salesworthy") as refused:
        Ledger(URL, tmp_path)
    assert "upgrade salesworthy" in refused.value.todo
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("CREATE TABLE runs (run_uuid TEXT)")
    with pytest.raises(UserError, match="a table 'runs' that is not the ledger's") as refused:
        Ledger(URL, tmp_path)
    assert refused.value.todo == "give the ledger a database of its own"
