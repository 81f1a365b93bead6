"""Models, promotions, runs and the audit trail."""

from __future__ import annotations

from sqlalchemy import Column, Text

from salesworthy.ledger.columns import as_json, maybe, micros, sequence, text
from salesworthy.ledger.migrations.making import make_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    make_table(
        "model_versions",
        sequence(),
        text("version", unique=True),
        text("bundle_sha256"),
        micros("trained_as_of"),
        text("data_fingerprint"),
        as_json("figures"),
        maybe("mlflow_run_id"),
        micros("registered_at"),
    )
    make_table(
        "promotions",
        sequence(),
        text("version"),
        maybe("previous_version"),
        text("by"),
        micros("at"),
        text("action"),
        text("note"),
    )
    make_table(
        "runs",
        sequence(),
        text("run_id", unique=True),
        text("kind"),
        micros("as_of"),
        text("model_version"),
        maybe("policy_version"),
        text("data_fingerprint"),
        text("manifest_sha256"),
        as_json("counts"),
        micros("recorded_at"),
    )
    make_table(
        "audit",
        sequence(),
        micros("at"),
        text("actor"),
        text("action"),
        text("subject"),
        Column("details", Text, nullable=False),
        text("previous_hash"),
        text("hash", unique=True),
    )
