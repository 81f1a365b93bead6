"""Building a packet from an MQL, the evidence around it, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesworthy.domain.decisions import EXPLORATION
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.verdicts import Verdict
from salesworthy.features.sentences import title
from salesworthy.policy.consent import consent_answer
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.deciding import BY_MATRIX, BY_OVERRIDE, BY_POINTS, BY_PROPENSITY
from salesworthy.qualification.follow_up import content_type_of, sendable
from salesworthy.qualification.lead_facts import EMAIL, MARKETING
from salesworthy.qualification.packet import Around, Behind, HandoffPacket, Row

MOST_ACTS = 25
"""Acts that a packet lists, the latest ones."""
FOR, AGAINST = 4, 2
"""Reasons that a packet lists."""
MOST_COLLEAGUES = 12
SITE = "accounts."
LEAD = "leads."


def build_packet(lead: Row, around: Around, behind: Behind) -> HandoffPacket:
    """The packet of one MQL.

    Args:
        lead: What ``handover.hand_over`` gave.
        around: Evidence.
        behind: Policy, moment and versions.
    """
    policy = behind.policy
    trigger = lead["trigger"]
    consent = consent_lines(around.consents, policy, lead["region"], behind.as_of)
    return HandoffPacket(
        lead_id=lead["lead_id"],
        account_id=lead["account_id"],
        as_of=format_moment(behind.as_of),
        decision=lead["decision"],
        why=_why(lead, policy),
        trigger=None if trigger is None else _trigger(lead, policy, behind.as_of),
        owner=lead["owner"],
        path=lead["path"],
        respond_by=_moment(lead["respond_by"]),
        next_step=lead["next_step"],
        call_plan=list(policy.by_code[trigger].rule.call_plan) if trigger else [],
        actions=[_act(act, behind.as_of) for act in around.acts[-MOST_ACTS:]],
        use_case=_named(around.person, LEAD, ("product", "use_case", "timeframe")),
        person=_named(around.person, LEAD, ("role", "department", "specialty", "source")),
        site=_site(around, policy),
        colleagues=_colleagues(lead, around, behind.as_of),
        deal=_deal(lead),
        consent=consent,
        assets=_assets(lead, policy),
        nurture=_nurture(lead, consent, policy),
        reasons=_reasons(around.reasons),
        model_version=behind.model_version,
        policy_version=behind.policy_version,
        draft=behind.draft,
        run_id=behind.run_id,
    )


def why_sentence(lead: Row, policy: PolicyInForce) -> str:
    """Why a lead is an MQL, as a sentence."""
    by = lead["decided_by"]
    if by in policy.by_code:
        return str(policy.by_code[by].rule.sentence(Verdict.PASS, lead["trigger_days"]))
    if by.startswith(BY_OVERRIDE):
        found = (each for each in policy.policy.overrides if f"{BY_OVERRIDE}{each.code}" == by)
        told = (f"{each.owner} decided so until {each.expires}: {each.reason}" for each in found)
        return next(told, str(by))
    says = {
        BY_PROPENSITY: "The chance that sales accepts it is over the threshold, and it fits",
        BY_POINTS: "Its points are over the threshold, and it fits",
        BY_MATRIX: "Fit and interest recommend it",
        EXPLORATION: (
            f"Fits, and is below the threshold for an MQL: drawn at random, as {lead['sent_probability']:.1%} of such "
            "leads are, to keep learning. Work it like any other, and say what came of it"
        ),
    }
    return says.get(by, str(by))


def _why(lead: Row, policy: PolicyInForce) -> dict[str, Any]:
    return {
        "decided_by": lead["decided_by"],
        "sentence": why_sentence(lead, policy),
        "criteria": lead["criteria"],
        "fit_grade": lead["fit_grade"],
        "interest_grade": lead["interest_grade"],
        "propensity": lead["propensity"],
        "points": lead["points"],
        "buying_step": lead["buying_step"],
        "sent_probability": lead["sent_probability"],
    }


def _trigger(lead: Row, policy: PolicyInForce, as_of: int) -> dict[str, Any]:
    rule, days = policy.by_code[lead["trigger"]].rule, lead["trigger_days"]
    at = None if days is None else format_moment(round((as_of - days * MICROSECONDS_PER_DAY) / 1e6) * 1_000_000)
    return {
        "code": rule.code,
        "title": rule.title,
        "sentence": rule.sentence(Verdict.PASS, days),
        "at": at,
        "served_by": lead["desk"],
    }


def _act(act: Row, as_of: int) -> dict[str, Any]:
    about = f": {title(act['topic']).lower()}" if act["topic"] else ""
    return {
        "at": format_moment(act["at"]),
        "days_ago": (as_of - act["at"]) // MICROSECONDS_PER_DAY,
        "what": f"{title(act['kind'])}{about}",
        "kind": act["kind"],
        "topic": act["topic"],
        "buying_step": act["buying_step"],
        "product": act["product"],
    }


def _named(person: Row, table: str, names: Sequence[str]) -> dict[str, Any]:
    return {name: person.get(f"{table}{name}") for name in names}


def _site(around: Around, policy: PolicyInForce) -> dict[str, Any]:
    tier = policy.by_code[around.site_tier].rule if around.site_tier else None
    active = [each for each in around.colleagues if each["acts"]]
    return {
        **_named(around.person, SITE, ("name", "facility_type", "region", "country", "beds", "parent_account_id")),
        "tier": around.site_tier,
        "tier_title": None if tier is None else tier.title,
        "is_target": tier is not None and tier.target,
        "people": len(around.colleagues),
        "people_active": len(active),
        "roles_active": sorted({each["role"] for each in active if each["role"]}),
    }


def _colleagues(lead: Row, around: Around, as_of: int) -> list[dict[str, Any]]:
    others = [each for each in around.colleagues if each["lead_id"] != lead["lead_id"]]
    ranked = sorted(others, key=lambda each: (-(each["last_at"] or 0), each["lead_id"]))
    return [
        {
            "lead_id": each["lead_id"],
            "role": each["role"],
            "department": each["department"],
            "acts_90d": each["acts"],
            "last_active_days_ago": None
            if each["last_at"] is None
            else (as_of - each["last_at"]) // MICROSECONDS_PER_DAY,
            "decision": around.decisions.get(each["lead_id"]),
        }
        for each in ranked[:MOST_COLLEAGUES]
    ]


def _deal(lead: Row) -> dict[str, Any]:
    return {
        "primary": lead["primary_lead"],
        "is_primary": lead["primary_lead"] == lead["lead_id"],
        "leads": lead["deal_leads"],
        "stands_in_for": lead["stands_in_for"],
        "is_over_capacity": lead["is_over_capacity"],
    }


def consent_lines(
    consents: Sequence[Row], policy: PolicyInForce, region: str | None, as_of: int
) -> list[dict[str, Any]]:
    """Per channel and sort of content: whether it may be used for marketing, by which rule, and why.

    Args:
        consents: ``channel, content_type, state, at``.
        policy: What is in force on the day.
        region: Where the site is.
        as_of: The moment of the question, in microseconds.
    """
    lines = []
    for each in consents:
        days = None if each["at"] is None else (as_of - each["at"]) / MICROSECONDS_PER_DAY
        answer = consent_answer(
            policy.policy.consent,
            policy.day,
            state=each["state"],
            days=days,
            region=region,
            channel=each["channel"],
            purpose=MARKETING,
            content_type=each["content_type"],
        )
        lines.append(
            {
                "channel": each["channel"],
                "content_type": each["content_type"],
                "allowed": answer.allowed,
                "rule": answer.rule,
                "says": answer.says,
            }
        )
    return lines


def _assets(lead: Row, policy: PolicyInForce) -> list[dict[str, Any]]:
    """Assets for the lead's step; for the first step where there is no evidence of one."""
    step = lead["buying_step"] or policy.policy.buying_steps[0].code
    found = policy.assets_for(product=lead["product"], region=lead["region"], step=step)
    return [{"id": each.id, "title": each.title, "kind": each.kind} for each in found]


def _nurture(lead: Row, consent: Sequence[Row], policy: PolicyInForce) -> dict[str, Any]:
    track = policy.track(lead["suiting_track"]) if lead["suiting_track"] else None
    if track is None:
        return {"track": None, "state": "stopped", "says": "Nothing may be sent: consent, region or product forbid it"}
    allowed = [each["content_type"] for each in consent if each["allowed"] and each["channel"] == EMAIL]
    assets = sendable(policy, track.code, product=lead["product"], region=lead["region"], content_types=allowed)
    starts = lead["nurture_starts"]
    return {
        "track": track.code,
        "state": lead["nurture_state"],
        "says": lead["nurture_says"],
        "starts": None if starts is None else format_moment(starts),
        "call_to_action": track.call_to_action,
        "steps": [{"asset": each.id, "title": each.title, "content_type": content_type_of(each)} for each in assets],
    }


def _reasons(reasons: Sequence[Row]) -> dict[str, list[str]]:
    """What speaks for and against; without a model all points speak in the order of their weight."""
    speaks_for = [each["sentence"] for each in reasons if each["log_odds"] is None or each["log_odds"] >= 0]
    against = [each["sentence"] for each in reasons if each["log_odds"] is not None and each["log_odds"] < 0]
    return {"for": speaks_for[:FOR], "against": against[:AGAINST]}


def _moment(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))
