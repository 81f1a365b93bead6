"""The packet: what sales receives with an MQL. One JSON document, with nothing in it that was not known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from salesworthy.policy.in_force import PolicyInForce

Row = Mapping[str, Any]


@dataclass(frozen=True)
class HandoffPacket:
    """What sales receives with an MQL; every part is plain and goes into JSON as it is.

    Attributes:
        why: The sentence that decided, by which rule, grades, propensity, points, and the probability of being sent.
        trigger: The high-intent action, when it was, and where it goes if not to the owner.
        actions: What the lead did, oldest first, views left out.
        use_case: What for: product, use case, time frame.
        person: Role, department, specialty.
        site: The account, its tier, and which roles of the buying group are active.
        colleagues: Other people at the site, the most active first.
        deal: Which leads are one deal, and whether this one is its primary.
        consent: Per channel and sort of content: whether it may be used, by which rule, and why.
        assets: What may be sent at this step: approved, not expired, for this product and region.
        nurture: The track beside the call: running, waiting or stopped.
        reasons: What speaks for and against, in sentences.
        draft: Whether the policy behind it is not in force.
    """

    lead_id: str
    account_id: str | None
    as_of: str
    decision: str
    why: dict[str, Any]
    trigger: dict[str, Any] | None
    owner: str | None
    path: str
    respond_by: str
    next_step: str
    call_plan: list[str]
    actions: list[dict[str, Any]]
    use_case: dict[str, Any]
    person: dict[str, Any]
    site: dict[str, Any]
    colleagues: list[dict[str, Any]]
    deal: dict[str, Any]
    consent: list[dict[str, Any]]
    assets: list[dict[str, Any]]
    nurture: dict[str, Any]
    reasons: dict[str, list[str]]
    model_version: str | None
    policy_version: str
    draft: bool
    run_id: str

    def as_dict(self) -> dict[str, Any]:
        """The packet as JSON writes it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True)
class Around:
    """What surrounds a lead: evidence and neighbours, as rows.

    Attributes:
        person: Columns of the lead and its site, as ``leads.x`` and ``accounts.x``.
        acts: ``at, kind, topic, buying_step, product``, oldest first.
        colleagues: ``lead_id, role, department, acts, last_at`` of everybody at the site.
        consents: ``channel, content_type, state, at``.
        reasons: Columns of ``REASONS``, by rank.
        decisions: Lead -> decision, of MQLs and tracked leads of the run.
        site_tier: The best tier of the site's leads.
    """

    person: Row
    acts: Sequence[Row]
    colleagues: Sequence[Row]
    consents: Sequence[Row]
    reasons: Sequence[Row]
    decisions: Mapping[str, str]
    site_tier: str | None


@dataclass(frozen=True)
class Behind:
    """What stands behind a packet: policy, moment and versions."""

    policy: PolicyInForce
    as_of: int
    model_version: str | None
    policy_version: str
    draft: bool
    run_id: str
