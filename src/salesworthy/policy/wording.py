"""Wording: which sentences about a lead may be spoken, where people approve each of them.

The sentences of rules stand in the policy itself and are signed with it. Those of features come with the product or the
workspace; where ``require_approval`` is set, only listed ones are spoken, and a reason without one says its title.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from salesworthy.policy.parts import Day, Part, Text


class ApprovedWording(Part):
    """A sentence that somebody approved, until it expires.

    Attributes:
        id: The sentence by its feature and a hash of its words, as ``policy check`` names it: other words, other id.
        approved_by: Who approved it.
        approved_on: The first day on which it may be spoken.
        expires: The first day on which it no longer may.
    """

    id: str = Field(pattern=r"^\S{1,200}:[0-9a-f]{12}$")
    approved_by: Text
    approved_on: Day
    expires: Day

    @model_validator(mode="after")
    def _expires_later(self) -> ApprovedWording:
        if self.expires <= self.approved_on:
            raise ValueError(f"it expires on {self.expires}, which is not after its approval on {self.approved_on}")
        return self

    def is_approved(self, day: Day) -> bool:
        """Whether it may be spoken on that day."""
        return self.approved_on <= day < self.expires


class Wording(Part):
    """Whether sentences need approval, and which have it; as delivered, all that come with the product do."""

    require_approval: bool = False
    approved: tuple[ApprovedWording, ...] = ()

    def speaks(self, wording: str, day: Day) -> bool:
        """Whether the sentence of that id may be spoken on that day."""
        return not self.require_approval or any(each.id == wording and each.is_approved(day) for each in self.approved)
