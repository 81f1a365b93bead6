"""Figures over all leads, counted once when an index is built: sites, reasons, campaigns, content, tracks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from salesworthy.domain.verdicts import Verdict, verdict_column
from salesworthy.policy.rule import RuleKind

if TYPE_CHECKING:
    from salesworthy.web.store.opened import Opened

Rows = list[dict[str, Any]]
ACCEPTED = "accepted"


def write_figures(opened: Opened, database: sqlite3.Connection) -> None:
    """Write the sites, and a document for everything that is counted over all leads."""
    _write_sites(opened, database)
    for name, count in DOCUMENTS.items():
        rows = count(opened)
        database.execute("INSERT INTO document VALUES (?, ?)", (name, json.dumps(rows, default=str)))


def _write_sites(opened: Opened, database: sqlite3.Connection) -> None:
    """What is known of sites; how many leads they have depends on who asks, and does not stand here."""
    known = "accounts" in opened.sources.tables
    tier = _tiers(opened)
    sites = f"""
        SELECT s.account_id, {tier} AS tier
        FROM scored s {"LEFT JOIN run_verdicts v USING (lead_id)" if tier != "NULL" else ""}
        WHERE s.account_id IS NOT NULL GROUP BY s.account_id
    """
    facts = "SELECT t.*, a.* EXCLUDE (account_id) FROM t LEFT JOIN accounts a USING (account_id)"
    for rows in opened.batches(f"WITH t AS ({sites}) {facts if known else 'SELECT * FROM t'}"):
        told = [(row.pop("account_id"), json.dumps(row, default=str), row["tier"]) for row in rows.to_pylist()]
        database.executemany("INSERT INTO account VALUES (?, ?, ?)", told)


def _tiers(opened: Opened) -> str:
    """The best tier of a site's leads, as SQL: tiers stand in the order of the policy."""
    policy = opened.sources.policy()
    columns = opened.columns("run_verdicts")
    tiers = [] if policy is None else [rule.code for rule in policy.of_kind(RuleKind.TIER)]
    cases = [
        f"WHEN bool_or(v.\"{verdict_column(code)}\" = {int(Verdict.PASS)}) THEN '{code}'"
        for code in tiers
        if verdict_column(code) in columns
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _reasons(opened: Opened) -> Rows:
    return _rows(
        opened,
        """
        SELECT r.code, any_value(r.family) AS family,
               count(*) FILTER (r.log_odds > 0 AND r.degree <> 'slight') AS speaks_for,
               count(*) FILTER (r.log_odds < 0 AND r.degree <> 'slight') AS against,
               count(*) FILTER (
                   s.decision = 'MQL' AND (r.degree = 'decided' OR (r.log_odds > 0 AND r.degree <> 'slight'))
               ) AS mqls,
               count(*) FILTER (r.degree = 'decided') AS decided,
               avg(abs(r.log_odds)) AS weight
        FROM run_reasons r JOIN scored s USING (lead_id) GROUP BY r.code ORDER BY mqls DESC, speaks_for DESC, r.code
        """,
    )


_SETTLED = """
    WITH said AS (SELECT lead_id, bool_or(disposition = 'accepted') AS accepted FROM outcomes
                  WHERE disposition IN ('accepted', 'rejected') GROUP BY lead_id),
         handed AS (SELECT DISTINCT lead_id FROM handoffs)
"""


def _campaigns(opened: Opened) -> Rows:
    """What campaigns brought; leads that are no longer scored count as well."""
    if not {"leads", "campaigns", "outcomes", "handoffs"} <= opened.sources.tables.keys():
        return []
    return _rows(
        opened,
        f"""{_SETTLED}
        SELECT c.campaign_id, any_value(c.type) AS type, any_value(c.approved_at) AS approved_at,
               count(l.lead_id) AS leads, count(s.lead_id) FILTER (s.decision = 'MQL') AS mqls,
               count(h.lead_id) AS handed, count(d.lead_id) AS settled, count(*) FILTER (d.accepted) AS accepted
        FROM campaigns c LEFT JOIN leads l USING (campaign_id) LEFT JOIN scored s USING (lead_id)
             LEFT JOIN handed h USING (lead_id) LEFT JOIN said d USING (lead_id)
        GROUP BY c.campaign_id ORDER BY accepted DESC, leads DESC, c.campaign_id
        """,
    )


def _content(opened: Opened) -> Rows:
    """What content was used, and what became of those who used it."""
    if not {"content", "engagements", "outcomes", "handoffs"} <= opened.sources.tables.keys():
        return []
    return _rows(
        opened,
        f"""{_SETTLED},
        used AS (SELECT content_id, lead_id, count(*) AS acts FROM engagements
                 WHERE content_id IS NOT NULL AND NOT coalesce(machine, FALSE) GROUP BY 1, 2)
        SELECT c.content_id, any_value(c.topic) AS topic, any_value(c.buying_step) AS buying_step,
               any_value(c.product) AS product, any_value(c.tagged_at) AS tagged_at,
               coalesce(sum(u.acts), 0)::BIGINT AS acts, count(u.lead_id) AS leads,
               count(s.lead_id) FILTER (s.decision = 'MQL') AS mqls,
               count(d.lead_id) AS settled, count(*) FILTER (d.accepted) AS accepted
        FROM content c LEFT JOIN used u USING (content_id) LEFT JOIN scored s USING (lead_id)
             LEFT JOIN said d USING (lead_id)
        GROUP BY c.content_id ORDER BY accepted DESC, leads DESC, c.content_id
        """,
    )


def _tracks(opened: Opened) -> Rows:
    return _rows(
        opened,
        """
        SELECT track, decision, buying_step, count(*) AS leads FROM scored
        WHERE track IS NOT NULL GROUP BY ALL ORDER BY track, leads DESC, decision, buying_step
        """,
    )


def _sources(opened: Opened) -> Rows:
    return _rows(
        opened,
        """
        SELECT source, count(*) AS leads, count(*) FILTER (decision = 'MQL') AS mqls FROM scored
        GROUP BY source ORDER BY mqls DESC, leads DESC, source
        """,
    )


DOCUMENTS: dict[str, Callable[[Opened], Rows]] = {
    "reasons": _reasons,
    "campaigns": _campaigns,
    "content": _content,
    "tracks": _tracks,
    "sources": _sources,
}


def _rows(opened: Opened, sql: str) -> Rows:
    return [row for batch in opened.batches(sql) for row in batch.to_pylist()]
