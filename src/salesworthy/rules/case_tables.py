"""Worked cases as tables: each is a lead at a site of its own, with its acts, consents, handoffs and colleagues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from salesworthy.domain.approved_use import why_no_score
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, parse_moment
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.features.vocabulary import Schema
from salesworthy.policy.cases import Case, CaseAct, Value

ARROW = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.YES_NO: pa.bool_(),
    Kind.MOMENT: pa.int64(),
}
KEYS = {"leads": "lead_id", "accounts": "account_id", "campaigns": "campaign_id"}
"""Tables that facts of a case may stand in, and their keys."""
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def case_tables(cases: Sequence[Case], schema: Schema) -> dict[str, pa.Table]:
    """Tables as ``intake`` would hand them over, holding nothing but these cases.

    The lead of a case is called by the case's code, its site ``CODE/site``, its colleagues ``CODE/1`` and so on.

    Args:
        cases: The cases; each code once.
        schema: Tables and columns of the workspace: every one is there, null where no case says anything.
    """
    rows: Rows = {table: [] for table in TABLES}
    content: dict[tuple[str | None, ...], Row] = {}
    for case in cases:
        for table, row in _rows_of(case, content):
            rows[table].append(row)
    rows["content"] = list(content.values())
    return {table: _table(table, found, schema.get(table, {})) for table, found in rows.items()}


def as_of(case: Case) -> int:
    """The moment of a case, in microseconds."""
    return parse_moment(case.as_of.isoformat())


def stated_features(case: Case) -> dict[str, Value]:
    """Features that the case states itself."""
    return {name: value for name, value in case.facts.items() if "." not in name}


def _rows_of(case: Case, content: dict[tuple[str | None, ...], Row]) -> Iterator[tuple[str, Row]]:
    site = f"{case.code}/site"
    created = _moment(case, case.created_days_ago)
    facts = _by_table(case.facts)
    campaign = f"{case.code}/campaign" if "campaigns" in facts else None
    lead = {"lead_id": case.code, "account_id": site, "created_at": created, "campaign_id": campaign}
    yield "accounts", {"account_id": site, "created_at": created, **facts.get("accounts", {})}
    yield "leads", {**lead, **facts.get("leads", {})}
    if campaign is not None:
        yield "campaigns", {"campaign_id": campaign, "approved_at": 0, **facts["campaigns"]}
    yield from _acts(case, case.code, case.acts, content)
    yield from _consents_and_handoffs(case)
    for number, colleague in enumerate(case.colleagues, start=1):
        name = colleague.lead_id or f"{case.code}/{number}"
        own = _by_table(colleague.facts).get("leads", {})
        yield "leads", {"lead_id": name, "account_id": site, "created_at": created, **own}
        yield from _acts(case, name, colleague.acts, content)


def _acts(
    case: Case, lead: str, acts: Sequence[CaseAct], content: dict[tuple[str | None, ...], Row]
) -> Iterator[tuple[str, Row]]:
    for number, act in enumerate(acts):
        tags = (act.topic, act.buying_step, act.product)
        campaign = f"{lead}/{number}" if act.campaign_type else None
        if campaign is not None:
            yield "campaigns", {"campaign_id": campaign, "type": act.campaign_type, "approved_at": 0}
        known = act.days_ago if act.known_days_ago is None else act.known_days_ago
        yield (
            "engagements",
            {
                "lead_id": lead,
                "occurred_at": _moment(case, act.days_ago),
                "known_at": _moment(case, known),
                "kind": act.kind,
                "agent": act.agent,
                "campaign_id": campaign,
                "content_id": _content(tags, content) if any(tags) else None,
                "no_score": why_no_score(act.kind, act.topic, act.campaign_type),
            },
        )


def _content(tags: tuple[str | None, ...], content: dict[tuple[str | None, ...], Row]) -> str:
    if tags not in content:
        topic, step, product = tags
        name = f"content {len(content) + 1}"
        content[tags] = {"content_id": name, "topic": topic, "buying_step": step, "product": product, "tagged_at": 0}
    return str(content[tags]["content_id"])


def _consents_and_handoffs(case: Case) -> Iterator[tuple[str, Row]]:
    for each in case.consents:
        yield (
            "consents",
            {"lead_id": case.code, "at": _moment(case, each.days_ago), **each.model_dump(exclude={"days_ago"})},
        )
    for handoff in case.handoffs:
        yield "handoffs", {"lead_id": case.code, "handed_at": _moment(case, handoff.days_ago), "path": handoff.path}
        if handoff.first_contact_days_ago is not None:
            contact = _moment(case, handoff.first_contact_days_ago)
            yield "outcomes", {"lead_id": case.code, "at": contact, "disposition": "open", "first_contact_at": contact}


def _by_table(facts: Mapping[str, Value]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for name, value in facts.items():
        table, dot, column = name.partition(".")
        if dot:
            found.setdefault(table, {})[column] = value
    return found


def _moment(case: Case, days_ago: float) -> int:
    return as_of(case) - int(days_ago * MICROSECONDS_PER_DAY)


def _table(table: str, rows: Sequence[Row], schema: Mapping[str, Any]) -> pa.Table:
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    kinds |= {name: facts.kind for name, facts in schema.items()}
    columns = {name: pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in kinds.items()}
    return pa.table(columns)
