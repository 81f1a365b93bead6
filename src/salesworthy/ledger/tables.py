"""The ledger's tables, as they are after all migrations; ``migrations/`` is what makes them.

Four sorts:

- *told* tables (``model_versions``, ``promotions``, ``runs``, ``approvals``, ``overrides``, ``reviews``, ``proposals``,
  ``votes``, ``adoptions``, ``erasures``, ``users``, ``tokens``): every row stands a second time in its audit event.
- *linked* tables (``leads``, ``decisions``, ``feedback``): every row carries the hash of itself and the row before, and
  one audit event per batch holds the last hash.
- *personal* tables (``lead_ids``, ``texts``): what an erasure removes. Linked rows hold a key and a salted hash of it,
  so that the rest stays provable without it.
- *working* tables (``passwords``, ``sessions``, ``attempts``): what stands only until it changes, and is no record. A
  password's hash is sealed in the row of its user all the same.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

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

METADATA = MetaData()

MODEL_VERSIONS = Table(
    "model_versions",
    METADATA,
    sequence(),
    text("version", unique=True),
    text("bundle_sha256"),
    micros("trained_as_of"),
    text("data_fingerprint"),
    as_json("figures"),
    maybe("mlflow_run_id"),
    micros("registered_at"),
)
PROMOTIONS = Table(
    "promotions",
    METADATA,
    sequence(),
    text("version"),
    maybe("previous_version"),
    text("by"),
    micros("at"),
    text("action"),
    text("note"),
)
RUNS = Table(
    "runs",
    METADATA,
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
AUDIT = Table(
    "audit",
    METADATA,
    sequence(),
    micros("at"),
    text("actor"),
    text("action"),
    text("subject"),
    Column("details", Text, nullable=False),
    text("previous_hash"),
    text("hash", unique=True),
)

LEADS = Table(
    "leads",
    METADATA,
    sequence(),
    text("seal"),
    text("hash"),
)
DECISIONS = Table(
    "decisions",
    METADATA,
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
    Index("decisions_of_lead", "lead_key"),
)
FEEDBACK = Table(
    "feedback",
    METADATA,
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
    Index("feedback_of_lead", "lead_key"),
)

LEAD_IDS = Table(
    "lead_ids",
    METADATA,
    Column("lead_key", Integer, primary_key=True, autoincrement=False),
    text("salt"),
    text("lead_id", unique=True),
)
TEXTS = Table(
    "texts",
    METADATA,
    Column("text_key", String, primary_key=True),
    whole("lead_key"),
    text("salt"),
    Column("text", Text, nullable=False),
)

ERASURES = Table(
    "erasures",
    METADATA,
    sequence(),
    whole("lead_key", unique=True),
    text("by"),
    micros("at"),
    as_json("removed"),
)
APPROVALS = Table(
    "approvals",
    METADATA,
    sequence(),
    text("policy_version"),
    text("content_sha256"),
    text("role"),
    text("by"),
    text("day"),
    micros("at"),
    UniqueConstraint("content_sha256", "role", "by", name="approvals_once"),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
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
REVIEWS = Table(
    "reviews",
    METADATA,
    sequence(),
    text("review_id", unique=True),
    micros("as_of"),
    text("evidence_sha256"),
    text("by"),
    micros("at"),
)
PROPOSALS = Table(
    "proposals",
    METADATA,
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
VOTES = Table(
    "votes",
    METADATA,
    sequence(),
    text("proposal_id"),
    text("role"),
    text("vote"),
    text("note"),
    text("by"),
    micros("at"),
    UniqueConstraint("proposal_id", "role", name="votes_once"),
)
ADOPTIONS = Table(
    "adoptions",
    METADATA,
    sequence(),
    text("action"),
    maybe("proposal_id"),
    maybe("policy_sha256"),
    maybe("model_version"),
    text("by"),
    micros("at"),
    text("note"),
)

USERS = Table(
    "users",
    METADATA,
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
TOKENS = Table(
    "tokens",
    METADATA,
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
PASSWORDS = Table(
    "passwords",
    METADATA,
    Column("name", String, primary_key=True),
    Column("hash", Text, nullable=False),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_sha256", String, primary_key=True),
    text("name"),
    micros("opened_at"),
    micros("seen_at"),
    Index("sessions_by_name", "name"),
)
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("key", String, primary_key=True),
    whole("failures"),
    micros("last_at"),
)

LINKED = (LEADS, DECISIONS, FEEDBACK)
"""Tables whose rows are chained to each other."""
PERSONAL = {LEAD_IDS: "lead_key", TEXTS: "lead_key"}
"""Tables that an erasure removes rows from, with the column that names whose they are."""
WORKING = (PASSWORDS, SESSIONS, ATTEMPTS)
"""Tables that change: they hold no record."""
