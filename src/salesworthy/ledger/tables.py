"""The ledger's tables, and the triggers that refuse to update, delete or replace a row."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import DDL, BigInteger, Column, Dialect, Integer, MetaData, String, Table, Text, event
from sqlalchemy.types import TypeDecorator

METADATA = MetaData()


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value: sorted keys, no spaces.

    Example:
        >>> canonical_json({"b": 1, "a": [0.5, None]})
        '{"a":[0.5,null],"b":1}'

    Raises:
        ValueError: When the value holds a number that JSON cannot write (NaN, infinity).
        TypeError: When the value holds something that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class CanonicalJson(TypeDecorator[Any]):
    """JSON kept as text in its one spelling, so that it hashes alike on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        """Write a value."""
        return canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Read a value."""
        return json.loads(value)


def _sequence() -> Column[int]:
    return Column("sequence", Integer, primary_key=True, autoincrement=False)


def _text(name: str, *, unique: bool = False) -> Column[str]:
    return Column(name, String, nullable=False, unique=unique)


def _maybe(name: str) -> Column[str]:
    return Column(name, String, nullable=True)


def _micros(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _json(name: str) -> Column[Any]:
    return Column(name, CanonicalJson, nullable=False)


MODEL_VERSIONS = Table(
    "model_versions",
    METADATA,
    _sequence(),
    _text("version", unique=True),
    _text("bundle_sha256"),
    _micros("trained_as_of"),
    _text("data_fingerprint"),
    _json("figures"),
    _maybe("mlflow_run_id"),
    _micros("registered_at"),
)
PROMOTIONS = Table(
    "promotions",
    METADATA,
    _sequence(),
    _text("version"),
    _maybe("previous_version"),
    _text("by"),
    _micros("at"),
    _text("action"),
    _text("note"),
)
RUNS = Table(
    "runs",
    METADATA,
    _sequence(),
    _text("run_id", unique=True),
    _text("kind"),
    _micros("as_of"),
    _text("model_version"),
    _maybe("policy_version"),
    _text("data_fingerprint"),
    _text("manifest_sha256"),
    _json("counts"),
    _micros("recorded_at"),
)
AUDIT = Table(
    "audit",
    METADATA,
    _sequence(),
    _micros("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    Column("details", Text, nullable=False),
    _text("previous_hash"),
    _text("hash", unique=True),
)


def _sqlite_trigger(table: Table, name: str, moment: str, when: str = "") -> str:
    message = f"the ledger is append-only: {table.name} refuses to {name}"
    return (
        f"CREATE TRIGGER {table.name}_refuses_{name} BEFORE {moment} ON {table.name} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _refuse_on_sqlite(table: Table) -> list[str]:
    # INSERT OR REPLACE deletes without firing delete triggers, hence the third.
    unique = [column.name for column in table.columns if column.primary_key or column.unique]
    taken = " OR ".join(f"{name} = NEW.{name}" for name in unique)
    return [
        _sqlite_trigger(table, "update", "UPDATE"),
        _sqlite_trigger(table, "delete", "DELETE"),
        _sqlite_trigger(table, "replace", "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {taken})"),
    ]


_POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION salesworthy_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = 'the ledger is append-only: ' || TG_TABLE_NAME || ' refuses to ' || TG_OP; "
    "END $$"
)


def _refuse_on_postgresql(table: Table) -> list[str]:
    refuse = "EXECUTE FUNCTION salesworthy_append_only()"
    return [
        _POSTGRESQL_FUNCTION,
        f"CREATE TRIGGER {table.name}_refuses_change BEFORE UPDATE OR DELETE ON {table.name} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table.name}_refuses_truncate BEFORE TRUNCATE ON {table.name} FOR EACH STATEMENT {refuse}",
    ]


def _make_append_only(table: Table) -> None:
    for dialect, statements in (
        ("sqlite", _refuse_on_sqlite(table)),
        ("postgresql", _refuse_on_postgresql(table)),
    ):
        for statement in statements:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


for _table in METADATA.tables.values():
    _make_append_only(_table)
