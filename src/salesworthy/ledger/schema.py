"""The schema of a ledger's database: made, brought up to date, or refused, when the ledger is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from salesworthy.domain.errors import UserError

VERSION_TABLE = "ledger_version"
"""Not Alembic's usual name: MLflow uses that, and may share the server."""
KNOWN = ("0001", "0002", "0003")
"""Every schema that there was, oldest first; the last is the present one."""
FIRST_TABLES = {"model_versions", "promotions", "runs", "audit"}
MIGRATIONS = Path(__file__).parent / "migrations"


def is_present(connection: Connection) -> bool:
    """Whether the database has the present schema.

    Raises:
        UserError: When a newer salesworthy wrote it.
    """
    found = schema_of(connection)
    if found is not None and found not in KNOWN:
        raise UserError(
            f"this ledger has the schema {found}, written by a newer salesworthy; this one knows {KNOWN[-1]}",
            where=_place(connection),
            todo="upgrade salesworthy; nothing was changed",
        )
    return found == KNOWN[-1]


def schema_of(connection: Connection) -> str | None:
    """The schema that the database says it has; None where it does not say."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return found


def migrate(connection: Connection) -> None:
    """Bring the database to the present schema, in the caller's transaction; rows that stand are left as they are.

    Raises:
        UserError: When the database holds tables of another program, or a newer salesworthy wrote it.
    """
    if is_present(connection):
        return
    stands = None if schema_of(connection) is not None else _unnamed_schema(connection)
    from alembic.operations import Operations

    context, script = _migration_context(connection)
    if stands is not None:
        context.stamp(script, stands)
    with Operations.context(context):
        context.run_migrations()


def _unnamed_schema(connection: Connection) -> str | None:
    """The first schema did not write down its number; an empty database has none."""
    taken = FIRST_TABLES & set(inspect(connection).get_table_names())
    if taken == FIRST_TABLES:
        return KNOWN[0]
    if taken:
        raise UserError(
            f"this database holds a table {min(taken)!r} that is not the ledger's",
            where=_place(connection),
            todo="give the ledger a database of its own",
        )
    return None


def _migration_context(connection: Connection) -> tuple[Any, Any]:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(MIGRATIONS))

    def steps(revision: Any, context: Any) -> Any:  # noqa: ARG001
        return script._upgrade_revs(KNOWN[-1], revision)

    options = {"version_table": VERSION_TABLE, "fn": steps, "script": script}
    return MigrationContext.configure(connection, opts=options), script


def _place(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)
