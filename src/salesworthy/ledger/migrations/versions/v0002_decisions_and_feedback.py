"""Decisions handed to people, what sales said of them, signatures, and the calibration review."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, String, Text, UniqueConstraint

from salesworthy.ledger.columns import (
    as_json,
    maybe,
    maybe_micros,
    maybe_number,
    maybe_whole,
    micros,
    sequence,
    text,
    whole,
)
from salesworthy.ledger.migrations.making import make_table

revision = "0002"
down_revision = "0001"

ERASED = "EXISTS (SELECT 1 FROM erasures WHERE erasures.lead_key = OLD.lead_key)"


def upgrade() -> None:
    """Make the tables."""
    _leads()
    _decisions()
    _feedback()
    _governance()
    _review()


def _leads() -> None:
    make_table(
        "leads",
        sequence(),
        text("seal"),
        text("hash"),
    )
    make_table(
        "erasures",
        sequence(),
        whole("lead_key", unique=True),
        text("by"),
        micros("at"),
        as_json("removed"),
    )
    make_table(
        "lead_ids",
        Column("lead_key", Integer, primary_key=True, autoincrement=False),
        text("salt"),
        text("lead_id", unique=True),
        delete_when=ERASED,
    )
    make_table(
        "texts",
        Column("text_key", String, primary_key=True),
        whole("lead_key"),
        text("salt"),
        Column("text", Text, nullable=False),
        delete_when=ERASED,
    )


def _decisions() -> None:
    make_table(
        "decisions",
        sequence(),
        text("run_id"),
        whole("lead_key"),
        micros("as_of"),
        text("decision"),
        text("decided_by"),
        text("path"),
        maybe("criteria"),
        maybe("trigger"),
        maybe("region"),
        maybe_number("propensity"),
        maybe_number("probability"),
        as_json("reasons"),
        maybe("fit_grade"),
        maybe("interest_grade"),
        maybe("owner"),
        maybe_micros("respond_by"),
        maybe("model_version"),
        maybe("policy_version"),
        maybe("packet_file"),
        maybe_whole("packet_line"),
        maybe("packet_sha256"),
        text("hash"),
        UniqueConstraint("run_id", "lead_key", name="decisions_once"),
    )
    op.create_index("decisions_of_lead", "decisions", ["lead_key"])


def _feedback() -> None:
    make_table(
        "feedback",
        sequence(),
        whole("lead_key"),
        maybe("run_id"),
        micros("at"),
        text("by"),
        text("kind"),
        maybe("disposition"),
        maybe("reason"),
        as_json("reasons_matched"),
        maybe_micros("first_contact_at"),
        maybe("text_key"),
        maybe("text_seal"),
        text("came_by"),
        micros("received_at"),
        text("content_seal", unique=True),
        text("hash"),
    )
    op.create_index("feedback_of_lead", "feedback", ["lead_key"])


def _governance() -> None:
    make_table(
        "approvals",
        sequence(),
        text("policy_version"),
        text("content_sha256"),
        text("role"),
        text("by"),
        text("day"),
        micros("at"),
        UniqueConstraint("content_sha256", "role", "by", name="approvals_once"),
    )
    make_table(
        "overrides",
        sequence(),
        text("code"),
        text("content_sha256", unique=True),
        text("decision"),
        text("owner"),
        text("starts"),
        text("expires"),
        text("policy_version"),
        text("run_id"),
        micros("at"),
    )


def _review() -> None:
    make_table(
        "reviews",
        sequence(),
        text("review_id", unique=True),
        micros("as_of"),
        text("evidence_sha256"),
        text("by"),
        micros("at"),
    )
    make_table(
        "proposals",
        sequence(),
        text("proposal_id", unique=True),
        text("review_id"),
        text("kind"),
        maybe("policy_sha256"),
        maybe("model_version"),
        text("replay_sha256"),
        as_json("content"),
        text("by"),
        micros("at"),
    )
    make_table(
        "votes",
        sequence(),
        text("proposal_id"),
        text("role"),
        text("vote"),
        text("note"),
        text("by"),
        micros("at"),
        UniqueConstraint("proposal_id", "role", name="votes_once"),
    )
    make_table(
        "adoptions",
        sequence(),
        text("action"),
        maybe("proposal_id"),
        maybe("policy_sha256"),
        maybe("model_version"),
        text("by"),
        micros("at"),
        text("note"),
    )
