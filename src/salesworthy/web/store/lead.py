"""One lead with everything that stands behind its decision, as pages, exports and the API tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesworthy.policy.consent import ConsentStates
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.lead_facts import CONTENT_TYPES, EMAIL, MARKETING
from salesworthy.qualification.packet_building import consent_lines
from salesworthy.qualification.rule_path import rule_path
from salesworthy.web.scope import Scope
from salesworthy.web.store.index import Index, Row
from salesworthy.web.store.queue import lead_row, leads_at
from salesworthy.web.store.site import site_facts

MOST_ACTS = 60
"""Acts of a lead that are told, the latest."""
MOST_COLLEAGUES = 8
_ALL = "all"
_BEFORE = "was_"


def lead_of(index: Index, scope: Scope, lead_id: str) -> dict[str, Any] | None:
    """A lead; None where there is none, or not for this reader.

    Returns:
        ``lead`` (its row), ``as_of``, ``base_log_odds``, ``reasons`` (heaviest first), ``rule_path``, ``packet``,
        ``acts`` (oldest first), ``acts_left_out``, ``consent``, ``colleagues``,
        ``site``, ``before`` (None where the lead was not scored then), ``handoffs`` and ``outcomes``.
    """
    lead = lead_row(index, scope, lead_id)
    if lead is None:
        return None
    position, policy = lead["pos"], index.policy
    acts = index.packed("act", position)
    verdict = index.packed("verdict", position)
    others = _colleagues(index, scope, lead)
    return {
        "lead": {name: value for name, value in lead.items() if not name.startswith(_BEFORE) and name != "pos"},
        "as_of": index.as_of,
        "base_log_odds": index.manifest["base_log_odds"],
        "reasons": index.packed("reason", position),
        "rule_path": _path(lead, verdict, policy),
        "packet": index.packet(position),
        "acts": acts[-MOST_ACTS:],
        "acts_left_out": max(0, len(acts) - MOST_ACTS),
        "consent": _consent(index, lead, policy),
        "colleagues": others,
        "site": site_facts(index, scope, lead["account_id"]),
        "before": _before(lead),
        "handoffs": index.packed("handoff", position),
        "outcomes": index.packed("outcome", position),
    }


def _path(lead: Row, verdict: Sequence[Row], policy: PolicyInForce | None) -> dict[str, Any] | None:
    if policy is None or not verdict:
        return None
    return rule_path(verdict[0], policy, decided_by=lead["decided_by"])


def _colleagues(index: Index, scope: Scope, lead: Row) -> dict[str, Any]:
    if lead["account_id"] is None:
        return {"rows": [], "more": False}
    found = leads_at(index, scope, lead["account_id"], limit=MOST_COLLEAGUES + 1)
    others = [each for each in found.rows if each["lead_id"] != lead["lead_id"]]
    return {"rows": others[:MOST_COLLEAGUES], "more": found.more or len(others) > MOST_COLLEAGUES}


def _before(lead: Row) -> Row | None:
    """What the run before said; None where it did not know the lead."""
    if not lead["was_there"]:
        return None
    return {name.removeprefix(_BEFORE): value for name, value in lead.items() if name.startswith(_BEFORE)}


def _consent(index: Index, lead: Row, policy: PolicyInForce | None) -> list[dict[str, Any]]:
    """Per channel and sort of content: whether it may be used, and why."""
    if policy is None:
        return []
    said = [row for row in index.packed("consent", lead["pos"]) if row["at"] <= index.as_of]
    channels = dict.fromkeys(channel for rule in policy.policy.consent.matrix for channel in rule.channels)
    states = policy.policy.consent.states
    rows = [
        {"channel": channel, "content_type": kind, **latest_state(said, states, channel=channel, content_type=kind)}
        for channel in channels or (EMAIL,)
        for kind in CONTENT_TYPES
    ]
    return consent_lines(rows, policy, lead["region"], index.as_of)


def latest_state(rows: Sequence[Row], states: ConsentStates, *, channel: str, content_type: str) -> Row:
    """What somebody said last of marketing by a channel with a sort of content; the plain words of ``rules.consents``.

    Args:
        rows: ``at, state, channel, purpose, content_type``, known by the moment of the question.
        states: How the data spell what people said.
        channel: Such as email.
        content_type: Such as clinical.

    Returns:
        ``state`` and ``at``, both None where nothing is on record.
    """
    fitting = [
        row
        for row in rows
        if (row["channel"] or channel) == channel
        and (row["purpose"] or MARKETING) == MARKETING
        and (row["content_type"] or _ALL) in (content_type, _ALL)
    ]
    if not fitting:
        return {"state": None, "at": None}
    known = (states.opt_in, states.implied, states.unreachable, states.refused, states.objected)
    ranks = {word: rank for rank, word in enumerate(dict.fromkeys(word for group in known for word in group), start=1)}
    last = max(fitting, key=lambda row: (row["at"], ranks.get(row["state"], 0)))
    return {"state": last["state"] if last["state"] in ranks else None, "at": last["at"]}
