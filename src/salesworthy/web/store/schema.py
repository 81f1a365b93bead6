"""Tables of the index, and what the queue is filtered by."""

from __future__ import annotations

LEAD_COLUMNS = (
    "no",
    "pos",
    "lead_id",
    "account_id",
    "site",
    "team",
    "region",
    "country",
    "name",
    "role",
    "department",
    "specialty",
    "source",
    "campaign_id",
    "product",
    "use_case",
    "timeframe",
    "created_at",
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
    "was_decision",
    "was_propensity",
    "was_fit_grade",
    "was_interest_grade",
    "was_owner",
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
CREATE TABLE account (account_id TEXT PRIMARY KEY, facts TEXT NOT NULL, tier TEXT, leads INTEGER, mqls INTEGER);
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
