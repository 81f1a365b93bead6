"""Triggers by which the database itself refuses to change, delete or replace what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, UniqueConstraint

Keys = Sequence[Sequence[str]]
"""Sets of columns, each of which names one row."""

_POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION salesworthy_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = 'the ledger is append-only: ' || TG_TABLE_NAME || ' refuses to ' || TG_OP; "
    "END $$"
)
_REFUSE = "EXECUTE FUNCTION salesworthy_append_only()"


def keys_of(table: Table) -> list[list[str]]:
    """What names a row of a table: its primary key and everything that is unique."""
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    found = [list(table.primary_key.columns.keys()), *(list(each.columns.keys()) for each in unique)]
    return sorted(found, key=lambda key: (key != found[0], key))


def append_only(dialect: str, table: str, keys: Keys, *, delete_when: str = "") -> list[str]:
    """Statements that make a table append-only.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        table: Its name.
        keys: What names a row.
        delete_when: A condition over ``OLD`` under which a row may be deleted all the same.
    """
    if dialect == "sqlite":
        return list(_on_sqlite(table, keys, delete_when))
    return list(_on_postgresql(table, delete_when))


def _on_sqlite(table: str, keys: Keys, delete_when: str) -> Iterable[str]:
    yield _sqlite(table, "update", "UPDATE")
    yield _sqlite(table, "delete", "DELETE", f"WHEN NOT ({delete_when}) " if delete_when else "")
    # INSERT OR REPLACE deletes without firing delete triggers. One query per key lets SQLite use the index of each.
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_equal(key)})" for key in keys)
    yield _sqlite(table, "replace", "INSERT", f"WHEN {taken} ")


def _equal(key: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" = NEW."{name}"' for name in key)


def _sqlite(table: str, name: str, moment: str, when: str = "") -> str:
    message = f"the ledger is append-only: {table} refuses to {name}"
    return (
        f"CREATE TRIGGER {table}_refuses_{name} BEFORE {moment} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _on_postgresql(table: str, delete_when: str) -> Iterable[str]:
    yield _POSTGRESQL_FUNCTION
    if delete_when:
        yield f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE ON {table} FOR EACH ROW {_REFUSE}"
        yield _postgresql_condition(table, delete_when)
        yield (
            f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION {table}_may_delete()"
        )
    else:
        yield f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {_REFUSE}"
    yield f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {_REFUSE}"


def _postgresql_condition(table: str, delete_when: str) -> str:
    """A function, because a trigger's own condition may not look into another table there."""
    return (
        f"CREATE OR REPLACE FUNCTION {table}_may_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT ({delete_when}) THEN "
        f"RAISE EXCEPTION USING MESSAGE = 'the ledger is append-only: {table} refuses to delete'; END IF; "
        "RETURN OLD; END $$"
    )
