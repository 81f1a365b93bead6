"""Rules: one condition or sequence of acts each, with a stable code, a sentence per verdict and a review date.

| kind | true of a lead means | what it is for |
|---|---|---|
| require | PASS | a fit requirement that criteria sets name |
| exclude | FAIL | a hard exclusion: BLOCKED or DISQUALIFIED |
| award | PASS | gives points on the fit or the interest axis |
| deduct | FAIL | takes points, up to a cap, halved with time |
| action | PASS | a high-intent act, which alone makes an MQL of a lead that fits |
| tier | PASS | places the site in an account tier; the first that holds counts |
| step | PASS | evidence for a buying step; the highest that holds counts |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field, field_validator

from salesworthy.domain.decisions import Decision
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.dated import DatedDays, DatedPoints
from salesworthy.policy.parts import Code, Condition, Day, Decided, Part, Text, Word


class RuleKind(StrEnum):
    """What a rule is for."""

    REQUIRE = "require"
    EXCLUDE = "exclude"
    AWARD = "award"
    DEDUCT = "deduct"
    ACTION = "action"
    TIER = "tier"
    STEP = "step"


NEGATIVE = (RuleKind.EXCLUDE, RuleKind.DEDUCT)
"""Kinds that name what is wrong with a lead: it FAILs when their condition is true of it."""
KEYS: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.REQUIRE: (),
    RuleKind.EXCLUDE: ("decision", "when_unknown"),
    RuleKind.AWARD: ("axis", "points", "per", "cap"),
    RuleKind.DEDUCT: ("points", "per", "cap", "half_life", "since"),
    RuleKind.ACTION: ("path", "next_step", "call_plan", "nurture_until"),
    RuleKind.TIER: ("target", "track"),
    RuleKind.STEP: ("step",),
}
"""Keys of each kind, beside those that every rule may have."""
NEEDED: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.EXCLUDE: ("decision",),
    RuleKind.AWARD: ("points",),
    RuleKind.DEDUCT: ("points", "half_life"),
    RuleKind.ACTION: ("next_step",),
    RuleKind.STEP: ("step",),
}

Path = Literal["sales", "samples", "literature", "medical_information"]
"""The road that a lead takes: sample requests go another way than requests for sales, off-label questions a third."""


class Says(Part):
    """What a rule says of a lead; ``{days}`` stands for the days since the last act of its sequence."""

    when_pass: Text = Field(alias="pass")
    when_fail: Text = Field(alias="fail")
    when_unknown: Text | None = Field(None, alias="unknown")


class Act(Part):
    """One act of a sequence: a condition on the table of acts."""

    where: Condition


class Rule(Decided):
    """A rule.

    Attributes:
        code: Stable; never used again for another rule.
        when: Condition on features by name, and on ``leads.x``, ``accounts.x`` and ``campaigns.x``.
        sequence: Acts in order, each strictly later than the one before. With ``when``, both must hold.
        of: Table of the acts.
        within: All acts of the sequence are younger than this.
        says: A sentence per verdict.
        review: By when somebody looks at the rule again.
        axis: For ``award``: the axis it gives points on.
        points: Given or taken.
        per: Number expression; the points are multiplied with it.
        cap: The most that the rule gives or takes.
        half_life: For ``deduct``: after this long half of the points are left.
        since: Number expression: days since the fact behind a deduction; the last act of a sequence by default.
        decision: For ``exclude``: BLOCKED or DISQUALIFIED.
        when_unknown: For ``exclude``: whether a missing input holds the lead or is let be.
        path: For ``action``: the road that the request takes.
        next_step: For ``action``: what sales is told to do.
        call_plan: For ``action``: how a call goes, in order.
        nurture_until: For ``action``: the lead stays in its track beside the call until there is evidence of this
            buying step; without it a track runs only once sales has missed the response window.
        target: For ``tier``: whether sites of the tier are target accounts, tracked until interest rises.
        track: For ``tier``: the track that educates the site meanwhile.
        step: For ``step``: the buying step.
    """

    code: Code
    title: Text
    kind: RuleKind
    when: Condition | None = None
    sequence: tuple[Act, ...] = ()
    of: Literal["engagements", "consents", "handoffs"] = "engagements"
    within: DatedDays | None = None
    says: Says
    review: Day
    axis: Literal["fit", "interest"] = "interest"
    points: DatedPoints | None = None
    per: Condition | None = None
    cap: DatedPoints | None = None
    half_life: DatedDays | None = None
    since: Condition | None = None
    decision: Literal[Decision.BLOCKED, Decision.DISQUALIFIED] | None = None
    when_unknown: Literal["hold", "ignore"] = "hold"
    path: Path = "sales"
    next_step: Text | None = None
    call_plan: tuple[Text, ...] = ()
    nurture_until: Word | None = None
    target: bool = False
    track: Code | None = None
    step: Word | None = None

    @field_validator("half_life")
    @classmethod
    def _half_life_is_a_time(cls, half_life: DatedDays | None) -> DatedDays | None:
        if half_life is not None and any(version.value <= 0 for version in half_life.versions):
            raise ValueError("a half-life of 0 days is none; give 1d or more")
        return half_life

    @property
    def is_negative(self) -> bool:
        """Whether a lead of whom the rule is true FAILs it."""
        return self.kind in NEGATIVE

    @property
    def acts_on(self) -> Verdict:
        """The verdict with which the rule does something: excludes, awards, deducts, makes an MQL."""
        return Verdict.FAIL if self.is_negative else Verdict.PASS

    def sentence(self, verdict: Verdict, days: float | None = None) -> str:
        """What the rule says of a lead.

        Args:
            verdict: Its verdict.
            days: Days since the last act of its sequence, where there is one.
        """
        if verdict == Verdict.NOT_IN_FORCE:
            return f"{self.title}: not in force on that day"
        if verdict == Verdict.UNKNOWN:
            return self.says.when_unknown or f"It is not known: {self.title}"
        text = self.says.when_pass if verdict == Verdict.PASS else self.says.when_fail
        return text.replace("{days} days ago", _ago(days)).replace("{days}", _whole(days))


def _ago(days: float | None) -> str:
    whole = None if days is None else int(days)
    return {None: "some time ago", 0: "today", 1: "1 day ago"}.get(whole, f"{whole} days ago")


def _whole(days: float | None) -> str:
    return "some" if days is None else str(int(days))
