"""Opening the ledger's database, and the transactions that read and write it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from salesworthy.domain.errors import RunLocked, UserError
from salesworthy.ledger.schema import is_present, migrate

_WHERE = "salesworthy.toml: ledger.url"
_PATIENCE_SECONDS = 60
_BUSY = "database is locked"  # as SQLite says it
_WRITERS_KEY = 0x5A1E5  # any number that other programs are unlikely to lock on the same server


def workspace_url(url: str, root: Path) -> URL:
    """The database URL with a relative SQLite path taken from the workspace's folder.

    Raises:
        UserError: When it is no database URL, or names a SQLite database without a file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        todo = "write sqlite:///ledger.db or postgresql+psycopg://USER@HOST/DATABASE"
        raise UserError(f"{url!r} is not a database URL", where=_WHERE, todo=todo) from error
    if parsed.get_backend_name() != "sqlite":
        return parsed
    if parsed.database in {None, "", ":memory:"}:
        raise UserError("a ledger in memory records nothing", where=_WHERE, todo="write sqlite:///ledger.db")
    return parsed.set(database=str(root.resolve() / str(parsed.database)))


def open_database(url: str, root: Path) -> Engine:
    """Connect to the ledger's database and bring it to the present schema.

    Safe when several processes do so at once. No connection is kept between uses, so the engine survives a fork.

    Raises:
        UserError: When the URL is wrong, its driver is not installed, the database cannot be opened, or a newer
            salesworthy wrote it.
    """
    parsed = workspace_url(url, root)
    engine = _engine(parsed)
    with reading(engine) as connection:
        present = is_present(connection)
    if not present:
        with writing(engine) as connection:
            migrate(connection)
    return engine


def _engine(url: URL) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    try:
        connect_args = {"timeout": _PATIENCE_SECONDS} if sqlite else {}
        engine = create_engine(url, poolclass=NullPool, connect_args=connect_args)
    except (ImportError, NoSuchModuleError) as error:
        todo = "install the driver, for example: pip install 'psycopg[binary]', and write postgresql+psycopg://..."
        raise UserError(f"no driver for {url.drivername}: {error}", where=_WHERE, todo=todo) from error
    if sqlite:
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _leave_transactions_to_us(connection: Any, record: object) -> None:  # noqa: ARG001
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")  # what an erasure removes is overwritten, not only unlinked


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails when another wrote in between; IMMEDIATE waits instead.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is alone in writing; all of it is recorded, or nothing.

    Raises:
        RunLocked: When another process has held SQLite's lock for longer than we wait.
        UserError: When the database cannot be opened or written.
    """
    with _explained(engine), engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_KEY})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the ledger throughout.

    Raises:
        UserError: When the database cannot be opened.
    """
    one_state = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with _explained(engine), engine.connect().execution_options(**one_state) as connection, connection.begin():
        yield connection


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as error:
        place = engine.url.render_as_string(hide_password=True)
        if str(error.orig) == _BUSY:
            what = f"another process has been writing to the ledger for {_PATIENCE_SECONDS} seconds"
            todo = "repeat when it is done; with many writers, keep the ledger in PostgreSQL"
            raise RunLocked(what, where=place, todo=todo) from error
        todo = "see that the place exists, has room, and that you may write there"
        raise UserError(f"the ledger cannot be used: {error.orig}", where=place, todo=todo) from error
