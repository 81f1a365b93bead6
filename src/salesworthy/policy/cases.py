"""Worked cases: a sentence, the facts of one lead, and what must come of it. They run as tests and stand in the review.

A case tells facts and dated acts as a marketer would; features are computed from the acts as for any lead, unless the
case states a feature itself. Running cases needs rules and decisions, and lives above this layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from salesworthy.domain.decisions import Decision
from salesworthy.policy.parts import Code, Day, Part, Text, Word

Value = bool | int | float | str | None
Verdict = Literal["PASS", "FAIL", "UNKNOWN", "NOT_IN_FORCE"]
DaysAgo = Annotated[float, Field(ge=0, le=36_500)]


class CaseAct(Part):
    """An act of the lead or of a colleague, so many days before the day of the case.

    Attributes:
        known_days_ago: When we came to know it; with the act by default.
        agent: Hint at the software that made the click.
    """

    days_ago: DaysAgo
    kind: Word
    topic: Word | None = None
    buying_step: Word | None = None
    product: Word | None = None
    campaign_type: Word | None = None
    known_days_ago: DaysAgo | None = None
    agent: Text | None = None


class CaseConsent(Part):
    """A change of consent, so many days before the day of the case."""

    days_ago: DaysAgo
    state: Word
    channel: Word = "email"
    purpose: Word = "marketing"
    content_type: Word = "all"


class CaseHandoff(Part):
    """An earlier handover to sales."""

    days_ago: DaysAgo
    path: Word = "rule"
    first_contact_days_ago: DaysAgo | None = None


class Colleague(Part):
    """Another lead at the same site."""

    lead_id: Word | None = None
    facts: Mapping[str, Value] = Field(default_factory=dict)
    acts: tuple[CaseAct, ...] = ()
    owner: Word | None = None


class Expected(Part):
    """What must come of the lead; what is not named is not looked at.

    Attributes:
        decided_by: Code of the rule that decided, or ``propensity``, ``points``, ``matrix``, ``override:CODE``.
        verdicts: Rule -> verdict.
        missing: Facts whose absence holds the lead.
        points: Total points, to a hundredth.
        may_contact: Whether some channel may be used.
        channels: Channel -> whether it may be used.
        scored: Whether the lead is scored at all; one who objected is not.
        assets: Assets that the packet or track suggests, in any order.
        not_assets: Assets that must not be suggested.
    """

    decision: Decision | None = None
    decided_by: Word | None = None
    fit_grade: Literal["A", "B", "C", "D"] | None = None
    interest_grade: Literal["1", "2", "3", "4"] | None = None
    criteria: Code | None = None
    buying_step: Word | None = None
    tier: Code | None = None
    owner: Word | None = None
    path: Word | None = None
    respond_within_hours: float | None = None
    next_step: Text | None = None
    call_plan: tuple[Text, ...] | None = None
    track: Code | None = None
    points: float | None = None
    verdicts: Mapping[Code, Verdict] = Field(default_factory=dict)
    missing: tuple[Word, ...] | None = None
    may_contact: bool | None = None
    channels: Mapping[Word, bool] = Field(default_factory=dict)
    scored: bool | None = None
    assets: tuple[Code, ...] = ()
    not_assets: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _expects_something(self) -> Expected:
        if not self.model_fields_set:
            raise ValueError("it expects nothing: give decision: or another result")
        return self


class Case(Part):
    """A worked case.

    Attributes:
        code: Stable; tests and the review name it.
        says: The case as a sentence.
        as_of: The day of the question, at its first instant.
        created_days_ago: Since when the lead is known.
        facts: Column (``leads.role``) or feature -> value; a feature stated here replaces the computed one.
        propensity: What the model would say; None for no model: points decide then.
        full_owners: Owners whose capacity of the week is used up.
        site_owner: Who works the site already.
    """

    code: Code
    says: Text
    as_of: Day
    created_days_ago: DaysAgo = 90
    facts: Mapping[str, Value] = Field(default_factory=dict)
    acts: tuple[CaseAct, ...] = ()
    consents: tuple[CaseConsent, ...] = ()
    handoffs: tuple[CaseHandoff, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    propensity: Annotated[float, Field(ge=0, le=1)] | None = None
    full_owners: tuple[Word, ...] = ()
    site_owner: Word | None = None
    expect: Expected
