"""Governance: the policy's version, its signatures, overrides that expire, the reason taxonomy and retention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from salesworthy.domain.decisions import Decision
from salesworthy.domain.reasons import Family, ReasonCode
from salesworthy.policy.dated import DatedDays
from salesworthy.policy.parts import Code, Day, Decided, Part, Text, Word

ROLES = ("sales_leadership", "marketing_operations", "compliance")
"""Who must sign: all three, each the same content."""
Role = Literal["sales_leadership", "marketing_operations", "compliance"]


class Header(Part):
    """What the policy is called, and the first day on which it may be in force."""

    version: Text
    title: Text
    starts: Day


class Approval(Part):
    """A signature: who, in which role, when, and the hash of the content that they approved."""

    role: Role
    by: Text
    on: Day
    content: str = Field(pattern=r"^[0-9a-f]{64}$")


class Override(Part):
    """A person's decision about one lead or site, against the rules, until a day.

    Attributes:
        starts: The first day on which it holds.
        expires: The first day on which it no longer does.
    """

    code: Code
    lead: Word | None = None
    account: Word | None = None
    decision: Literal[Decision.MQL, Decision.NURTURE, Decision.TRACKED, Decision.DISQUALIFIED, Decision.HELD]
    reason: Text
    owner: Text
    starts: Day
    expires: Day

    @model_validator(mode="after")
    def _is_about_one(self) -> Override:
        if (self.lead is None) == (self.account is None):
            raise ValueError("an override is about one lead or one account: give lead or account")
        if self.expires <= self.starts:
            raise ValueError(f"it expires on {self.expires}, which is not after its start on {self.starts}")
        return self

    def is_in_force(self, day: Day) -> bool:
        """Whether it holds on that day."""
        return self.starts <= day < self.expires

    def is_stale(self, day: Day) -> bool:
        """Whether its time is over and it still stands in the policy."""
        return day >= self.expires


class ReasonEntry(Part):
    """An entry of the reason taxonomy that the policy adds, or words otherwise than the product does."""

    code: Code
    title: Text
    family: Family

    def as_reason(self) -> ReasonCode:
        """The entry as the rest of the product knows it."""
        return ReasonCode(self.code, self.family, self.title)


class Retention(Decided):
    """How long rows of a table are kept."""

    table: Word
    keep: DatedDays
