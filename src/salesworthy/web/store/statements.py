"""What the engine is asked for when an index is built: leads in the order of the queue, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Set

from salesworthy.web.store.schema import BEFORE, FROM_LEADS, FROM_SCORES, FROM_SITES, LEAD_COLUMNS, WAS

_NAMES = ("full_name", "name")
_NAME_PARTS = ("first_name", "last_name")

Packed = tuple[Set[str], str | Callable[[Set[str]], str], dict[str, str]]
"""Tables that are needed, the rows, and the columns to pack."""


def scored_sql(leads: Set[str], accounts: Set[str]) -> str:
    """The table ``scored``: every scored lead with its person, its site and its position."""
    person = ", ".join(f"l.{name}" if name in leads else f"NULL AS {name}" for name in FROM_LEADS)
    site = ", ".join(f"a.{name} AS {told}" if accounts else f"NULL AS {told}" for name, told in FROM_SITES.items())
    join = "LEFT JOIN accounts a ON a.account_id = s.account_id" if accounts else ""
    moments = {"respond_by": "epoch_us(s.respond_by) AS respond_by"}
    scores = ", ".join(moments.get(name, f"s.{name}") for name in FROM_SCORES)
    return f"""
        CREATE TEMP TABLE scored AS
        SELECT row_number() OVER (ORDER BY s.lead_id) - 1 AS pos, {scores}, {_name(leads)} AS name, {person}, {site}
        FROM run_scores s LEFT JOIN leads l USING (lead_id) {join}
    """


def _name(leads: Set[str]) -> str:
    for name in _NAMES:
        if name in leads:
            return f"l.{name}"
    parts = ", ".join(f"l.{name}" for name in _NAME_PARTS if name in leads)
    return f"nullif(trim(concat_ws(' ', {parts})), '')" if parts else "NULL"


def leads_sql(was: Set[str]) -> str:
    """Every lead in the order of the queue: what sales was given first, by response window and then by propensity."""
    before = {f"{WAS}{name}": f"w.{name}" for name in BEFORE} | {"was_there": "w.lead_id IS NOT NULL"}
    told = ", ".join(f"{sql if was else 'NULL'} AS {name}" for name, sql in before.items())
    join = "LEFT JOIN was_scores w USING (lead_id)" if was else ""
    order = "s.decision <> 'MQL', s.respond_by NULLS LAST, s.propensity DESC NULLS LAST, s.lead_id"
    return f"""
        WITH deal AS (
            SELECT account_id, arg_min(owner, lead_id) AS owner FROM scored
            WHERE owner IS NOT NULL AND account_id IS NOT NULL GROUP BY account_id
        ),
        told AS (
            SELECT row_number() OVER (ORDER BY {order}) AS no, s.*, coalesce(s.owner, d.owner) AS team,
                   {told}, t.reason, t.reason_code
            FROM scored s LEFT JOIN deal d USING (account_id) {join} LEFT JOIN tops t ON t.pos = s.pos
        )
        SELECT {", ".join(LEAD_COLUMNS)} FROM told ORDER BY no
    """


def _acts(content: Set[str]) -> str:
    told = "c.topic, c.buying_step" if content else "NULL AS topic, NULL AS buying_step"
    join = "LEFT JOIN content c USING (content_id)" if content else ""
    return f"""
        SELECT s.pos, e.occurred_at AS at, e.kind, e.content_id, e.campaign_id, {told}
        FROM engagements e JOIN scored s USING (lead_id) {join}
        WHERE NOT coalesce(e.machine, FALSE) ORDER BY s.pos, e.occurred_at, e.kind, e.content_id
    """


ACTS: Packed = (
    frozenset({"engagements"}),
    _acts,
    {
        "at": "moment",
        "kind": "text",
        "content_id": "text",
        "campaign_id": "text",
        "topic": "text",
        "buying_step": "text",
    },
)
"""What leads did, oldest first; clicks of machines are left out."""
CONSENTS: Packed = (
    frozenset({"consents"}),
    "SELECT s.pos, c.* FROM consents c JOIN scored s USING (lead_id) ORDER BY s.pos, c.at, c.channel, c.content_type",
    {
        "at": "moment",
        "state": "text",
        "channel": "text",
        "purpose": "text",
        "content_type": "text",
        "notice_version": "text",
    },
)
"""Changes of consent, oldest first."""
HANDOFFS: Packed = (
    frozenset({"handoffs"}),
    "SELECT s.pos, h.* FROM handoffs h JOIN scored s USING (lead_id) ORDER BY s.pos, h.handed_at",
    {"handed_at": "moment", "path": "text"},
)
"""When sales was given the lead, oldest first."""
OUTCOMES: Packed = (
    frozenset({"outcomes"}),
    'SELECT s.pos, o.* FROM outcomes o JOIN scored s USING (lead_id) ORDER BY s.pos, o."at"',
    {"at": "moment", "disposition": "text", "reason": "text", "first_contact_at": "moment"},
)
"""What sales made of it, oldest first."""
