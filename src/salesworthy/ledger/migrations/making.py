"""What migrations share: a table, with the triggers that make it append-only."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy.schema import SchemaItem

from salesworthy.ledger.triggers import append_only, keys_of


def make_table(name: str, *items: SchemaItem, delete_when: str = "") -> None:
    """Create a table that refuses to change, delete or replace rows.

    Args:
        name: Its name.
        items: Columns and constraints.
        delete_when: A condition over ``OLD`` under which a row may be deleted all the same.
    """
    table: Any = op.create_table(name, *items)
    for statement in append_only(op.get_bind().dialect.name, name, keys_of(table), delete_when=delete_when):
        op.execute(statement)
