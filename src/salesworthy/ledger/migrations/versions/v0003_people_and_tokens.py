"""Who may look at pages and ask the API: people with their rights, tokens, and what signing in needs."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Index, String, Text, UniqueConstraint

from salesworthy.ledger.columns import as_json, maybe, maybe_micros, micros, sequence, text, whole
from salesworthy.ledger.migrations.making import make_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    _record()
    _working()


def _record() -> None:
    make_table(
        "users",
        sequence(),
        text("name"),
        as_json("roles"),
        as_json("territories"),
        maybe("signs_as"),
        whole("active"),
        maybe("password_seal"),
        text("by"),
        micros("at"),
        Index("users_by_name", "name"),
    )
    make_table(
        "tokens",
        sequence(),
        text("action"),
        text("token_id"),
        text("consumer"),
        as_json("roles"),
        as_json("territories"),
        text("token_sha256"),
        maybe_micros("expires_at"),
        text("by"),
        micros("at"),
        UniqueConstraint("token_id", "action", name="tokens_once"),
        Index("tokens_by_hash", "token_sha256"),
    )


def _working() -> None:
    """Tables without triggers: a password is changed, a session ends, an attempt is forgotten."""
    op.create_table(
        "passwords",
        Column("name", String, primary_key=True),
        Column("hash", Text, nullable=False),
    )
    op.create_table(
        "sessions",
        Column("session_sha256", String, primary_key=True),
        text("name"),
        micros("opened_at"),
        micros("seen_at"),
        Index("sessions_by_name", "name"),
    )
    op.create_table(
        "attempts",
        Column("key", String, primary_key=True),
        whole("failures"),
        micros("last_at"),
    )
