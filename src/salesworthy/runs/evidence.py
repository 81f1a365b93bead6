"""Evidence for packets: what MQLs did, who else is active at their sites, and what they agreed to.

All of it is asked for the MQLs of a run at once, as of its moment, and then handed out a few leads at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.engines.protocol import Engine
from salesworthy.features.acts import AGE, ASKED, Asking, act_column, acts_as_of
from salesworthy.features.condition_kinds import ColumnRef
from salesworthy.features.facts import facts_of, known_fact
from salesworthy.features.readable_tables import Tables, column_of
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.lead_facts import CONTENT_TYPES, MARKETING
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.rules.consents import latest_states, objectors
from salesworthy.rules.person_acts import by_person
from salesworthy.runs.evidence_rows import MQLS, ORDERED, PART, Evidence, evidence_from

WITHIN = 180 * MICROSECONDS_PER_DAY
"""How far back the acts of a packet reach."""
ACTIVE = 90 * MICROSECONDS_PER_DAY
"""A colleague who did something since is active."""
LEAD_COLUMNS = ("role", "department", "specialty", "product", "use_case", "timeframe", "source")
SITE_COLUMNS = ("name", "facility_type", "region", "country", "beds", "specialties", "parent_account_id")
ACT_COLUMNS = (
    ColumnRef("", "kind"),
    ColumnRef("content", "topic"),
    ColumnRef("content", "buying_step"),
    ColumnRef("content", "product"),
)
_ROWS = 2_000


def evidence_of(
    engine: Engine, tables: Tables, mqls: pa.Table, policy: PolicyInForce, *, as_of: int
) -> Iterator[tuple[pa.Table, Evidence]]:
    """A few of the MQLs at a time, in their order, each time with the evidence for them.

    Args:
        engine: Where the tables live.
        tables: Checked tables.
        mqls: ``lead_id`` and ``account_id``, and further columns that are handed back.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
    """
    if not mqls.num_rows:
        return
    asked = engine.from_arrow(MQLS, mqls.select(["lead_id", "account_id"]))
    found = {
        "people": engine.materialise("packet_people", _people(tables, asked, as_of)),
        "acts": engine.materialise("packet_acts", _acts(tables, asked, as_of)),
        "colleagues": engine.materialise("packet_colleagues", _colleagues(tables, asked, policy, as_of)),
        "consents": engine.materialise("packet_consents", consents_of(tables, asked, policy, as_of=as_of)),
    }
    for start in range(0, mqls.num_rows, _ROWS):
        part = mqls.slice(start, _ROWS)
        chosen = engine.from_arrow(PART, part.select(["lead_id", "account_id"]))
        yield part, _evidence(engine, found, chosen)


def _evidence(engine: Engine, found: dict[str, ir.Table], chosen: ir.Table) -> Evidence:
    def rows(name: str, key: str, order: Sequence[str]) -> list[dict[str, Any]]:
        wanted = chosen.filter(chosen[key].notnull()).select(wanted=chosen[key]).distinct()
        table = found[name].semi_join(wanted, found[name][key] == wanted.wanted)
        return list(engine.to_arrow(table.order_by([key, *order])).to_pylist())

    return evidence_from({name: rows(name, key, order) for name, (key, *order) in ORDERED.items()})


def _people(tables: Tables, asked: ir.Table, as_of: int) -> ir.Table:
    """Who and where each MQL is, as far as it was known then."""
    question = asked.select("lead_id", as_of=ibis.literal(as_of, "int64"))
    refs = [ColumnRef("leads", name) for name in LEAD_COLUMNS]
    if "accounts" in tables:
        refs += [ColumnRef("accounts", name) for name in SITE_COLUMNS]
    facts = facts_of(question, tables, refs)
    return facts.select("lead_id", **{str(ref): known_fact(facts, ref, "") for ref in refs})


def _acts(tables: Tables, asked: ir.Table, as_of: int) -> ir.Table:
    """Acts of the MQLs by people, views left out: they are never readiness."""
    acts = _acts_of(tables, asked.select("lead_id"), as_of, WITHIN)
    return acts.filter(acts.kind != "view")


def _colleagues(tables: Tables, asked: ir.Table, policy: PolicyInForce, as_of: int) -> ir.Table:
    """People at the sites of the MQLs, with how active they were lately; nobody who objected is among them."""
    sites = asked.filter(asked.account_id.notnull()).select(site=asked.account_id).distinct()
    leads = tables["leads"]
    role, department = (column_of(tables, "leads", name).cast("string") for name in ("role", "department"))
    account = column_of(tables, "leads", "account_id").cast("string")
    people = leads.select("lead_id", "created_at", account_id=account, role=role, department=department)
    people = people.filter(people.created_at <= as_of).semi_join(sites, people.account_id == sites.site)
    if CONSENTS in tables:
        people = people.anti_join(objectors(tables, policy.policy.consent.states, as_of=as_of), "lead_id")
    acts = _acts_of(tables, people.select("lead_id"), as_of, ACTIVE)
    active = acts.group_by(active_lead=acts.lead_id).agg(acts=acts.count(), last_at=acts["at"].max())
    joined = people.left_join(active, people.lead_id == active.active_lead)
    return joined.select(
        "lead_id", "account_id", "role", "department", acts=joined.acts.fill_null(0).cast("int64"), last_at="last_at"
    )


def _acts_of(tables: Tables, leads: ir.Table, as_of: int, within: int) -> ir.Table:
    """``lead_id, at, kind, topic, buying_step, product`` of acts by people, as known then."""
    refs = [ref for ref in ACT_COLUMNS if not ref.table or ref.table in tables]
    given = {ref.name: ibis.null("string") for ref in ACT_COLUMNS}
    if "engagements" not in tables:
        return leads.filter(ibis.literal(False)).select("lead_id", at=ibis.literal(as_of, "int64"), **given)
    questions = leads.select(**{ASKED[0]: leads.lead_id, ASKED[1]: ibis.literal(as_of, "int64")})
    person = by_person()
    asking = Asking("engagements", "lead", {*refs, *person.columns}, within, (as_of, as_of))
    acts = acts_as_of(asking, tables, questions)
    acts = acts.filter(person.to_ibis(lambda ref: acts[act_column(ref)]))
    given |= {ref.name: acts[act_column(ref)].cast("string") for ref in refs}
    return acts.select(lead_id=acts[ASKED[0]], at=(ibis.literal(as_of, "int64") - acts[AGE]).cast("int64"), **given)


def consents_of(tables: Tables, asked: ir.Table, policy: PolicyInForce, *, as_of: int) -> ir.Table:
    """The latest state per lead, channel and sort of content; channels are those that the consent matrix names.

    Grain: one row per lead, channel and sort of content: ``lead_id, channel, content_type, state, at``.

    Args:
        tables: Checked tables.
        asked: ``lead_id``, one row per lead.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
    """
    parts = []
    for channel in channels_of(policy):
        for content_type in CONTENT_TYPES:
            named = asked.select(
                "lead_id", channel=ibis.literal(channel, "string"), content_type=ibis.literal(content_type, "string")
            )
            if CONSENTS not in tables:
                parts.append(named.mutate(state=ibis.null("string"), at=ibis.null("int64")))
                continue
            states = latest_states(
                tables,
                policy.policy.consent.states,
                as_of=as_of,
                channel=channel,
                purpose=MARKETING,
                content_type=content_type,
            ).rename(other="lead_id")
            parts.append(named.left_join(states, named.lead_id == states.other).drop("other"))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def channels_of(policy: PolicyInForce) -> tuple[str, ...]:
    """The channels that the consent matrix names; e-mail where it names none."""
    named = dict.fromkeys(channel for rule in policy.policy.consent.matrix for channel in rule.channels)
    return tuple(named) or ("email",)
