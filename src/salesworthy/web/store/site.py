"""One site: its tier, the people there, what they do, and the deal."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from salesworthy.domain.decisions import Decision
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.web.scope import Scope
from salesworthy.web.store.index import Index, Row
from salesworthy.web.store.queue import leads_at

MOST_LEADS = 50
"""Leads of a site that are told, in the order of the queue."""
ACTIVE_DAYS = 90
"""Days within which an act makes somebody active."""
MOST_ACTS = 40


def site_of(index: Index, scope: Scope, account_id: str) -> dict[str, Any] | None:
    """A site, as far as this reader may see its leads; None where they may see none.

    Returns:
        ``site``, ``leads`` (each with ``acts``, ``last_at`` and ``active``), ``more``, ``roles`` (role -> people and
        how many are active), ``acts`` (the latest at the site, newest first), ``deals`` (packets' deals, each once).
    """
    found = leads_at(index, scope, account_id, limit=MOST_LEADS)
    if not found.rows:
        return None
    acts = {lead["lead_id"]: index.packed("act", lead["pos"]) for lead in found.rows}
    since = index.as_of - ACTIVE_DAYS * MICROSECONDS_PER_DAY
    leads = [_with_acts(lead, acts[lead["lead_id"]], since) for lead in found.rows]
    return {
        "site": site_facts(index, scope, account_id),
        "as_of": index.as_of,
        "leads": leads,
        "more": found.more,
        "roles": _roles(leads),
        "acts": _latest(leads, acts),
        "deals": _deals(index, leads),
    }


def site_facts(index: Index, scope: Scope, account_id: str | None) -> dict[str, Any] | None:
    """What is known of a site, with ``tier_title`` and ``is_target``; None where this reader may see no lead there."""
    if account_id is None or not leads_at(index, scope, account_id, limit=1).rows:
        return None
    found = index.database.execute("SELECT facts FROM account WHERE account_id = ?", (account_id,)).fetchone()
    facts = {"account_id": account_id, **({} if found is None else json.loads(found[0]))}
    tier = facts.get("tier")
    rule = index.policy.by_code[tier].rule if tier and index.policy else None
    return {**facts, "tier_title": rule and rule.title, "is_target": bool(rule and rule.target)}


def _with_acts(lead: Row, acts: list[Row], since: int) -> Row:
    recent = [act for act in acts if act["at"] >= since]
    return {**lead, "acts": len(recent), "last_at": acts[-1]["at"] if acts else None, "active": bool(recent)}


def _roles(leads: list[Row]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"people": 0, "active": 0})
    for lead in leads:
        if lead["role"]:
            found[lead["role"]]["people"] += 1
            found[lead["role"]]["active"] += lead["active"]
    return dict(sorted(found.items(), key=lambda each: (-each[1]["active"], -each[1]["people"], each[0])))


def _latest(leads: list[Row], acts: dict[str, list[Row]]) -> list[Row]:
    every = [{**act, "lead": lead} for lead in leads for act in acts[lead["lead_id"]]]
    return sorted(every, key=lambda act: (-act["at"], act["lead"]["lead_id"]))[:MOST_ACTS]


def _deals(index: Index, leads: list[Row]) -> list[dict[str, Any]]:
    """Deals that leads of the site are part of: their leads that this reader may see, and which of them leads."""
    seen = {lead["lead_id"]: lead for lead in leads}
    found: dict[str, dict[str, Any]] = {}
    for lead in leads:
        packet = index.packet(lead["pos"]) if lead["decision"] == Decision.MQL else None
        if packet is None or packet["deal"]["primary"] is None:
            continue
        primary = packet["deal"]["primary"]
        known = [seen[each] for each in packet["deal"]["leads"] if each in seen]
        found.setdefault(primary, {"primary": seen.get(primary), "owner": packet["owner"], "leads": known})
    return list(found.values())
