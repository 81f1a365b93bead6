"""Tables of the index, and what the queue is filtered by."""

from __future__ import annotations

FROM_SCORES = (
    "lead_id",
    "account_id",
    "decision",
    "decided_by",
    "propensity",
    "propensity_low",
    "propensity_high",
    "log_odds",
    "fit_grade",
    "interest_grade",
    "buying_step",
    "owner",
    "respond_by",
    "next_step",
    "track",
    "sent_probability",
)
"""Columns of the run's scores."""
FROM_LEADS = (
    "role",
    "department",
    "specialty",
    "source",
    "campaign_id",
    "product",
    "use_case",
    "timeframe",
    "created_at",
)
"""Columns of the table ``leads``; those that a workspace does not have are null."""
FROM_SITES = {"name": "site", "region": "region", "country": "country"}
"""Columns of the table ``accounts`` -> what they are called here."""
BEFORE = ("decision", "propensity", "fit_grade", "interest_grade", "owner")
"""Columns of the scores of the run before, which are called ``was_...`` here."""
WAS = "was_"
LEAD_COLUMNS = (
    "no",
    "pos",
    *FROM_SCORES,
    "name",
    *FROM_LEADS,
    *FROM_SITES.values(),
    "team",
    *(f"{WAS}{name}" for name in BEFORE),
    "was_there",
    "reason",
    "reason_code",
)
"""Grain one per lead. ``no`` is its place in the queue, ``pos`` in the order of lead ids; ``team`` owns it, or the deal
at its site; columns ``was_...`` are of the run before; ``reason`` speaks most for it, or decided."""

NUMBERS = {"propensity", "propensity_low", "propensity_high", "log_odds", "sent_probability", "was_propensity"}
MOMENTS = {"no", "pos", "created_at", "respond_by", "was_there"}

FILTERS = ("decision", "fit_grade", "interest_grade", "buying_step", "product", "team", "reason_code")
"""What the queue is filtered by: columns of ``lead``."""
SEARCHED = ("lead_id", "name", "site", "account_id", "role", "department", "specialty", "country", "product")
"""What is searched for: columns of ``lead``."""


def _kind(name: str) -> str:
    return "REAL" if name in NUMBERS else "INTEGER" if name in MOMENTS else "TEXT"


_COLUMNS = ", ".join(f"{name} {_kind(name)}" for name in LEAD_COLUMNS[1:])
TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA page_size = 8192;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE document (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE text (name TEXT, code INTEGER, text TEXT);
CREATE TABLE packed (name TEXT, place INTEGER, column_name TEXT, kind TEXT);
CREATE TABLE lead (no INTEGER PRIMARY KEY, {_COLUMNS});
CREATE TABLE packet (pos INTEGER PRIMARY KEY, file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL);
CREATE TABLE account (account_id TEXT PRIMARY KEY, facts TEXT NOT NULL, tier TEXT);
CREATE TABLE facet (name TEXT, value TEXT, team TEXT, region TEXT, leads INTEGER);
CREATE VIRTUAL TABLE words USING fts5(
  told, content = '', columnsize = 0, detail = none, prefix = '3 4 5', tokenize = "unicode61 remove_diacritics 2"
);
"""
INDEXES = """
CREATE UNIQUE INDEX lead_of_id ON lead (lead_id);
CREATE INDEX lead_of_account ON lead (account_id, no);
ANALYZE;
"""
