"""The policy as one typed document, whatever files it was written in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import Field

from salesworthy.domain.reasons import TAXONOMY, ReasonCode
from salesworthy.policy.cases import Case
from salesworthy.policy.consent import Consent
from salesworthy.policy.criteria import (
    BlockedRegion,
    CampaignType,
    Criteria,
    Facts,
    Grades,
    Motion,
    Product,
    Region,
    Scoring,
)
from salesworthy.policy.governance import ROLES, Approval, Header, Override, ReasonEntry, Retention
from salesworthy.policy.nurture import Asset, BuyingStep, Track
from salesworthy.policy.parts import Condition, Day, Part
from salesworthy.policy.routing import Owner, ResponseWindow, Route
from salesworthy.policy.rule import Rule
from salesworthy.policy.wording import Wording

if TYPE_CHECKING:
    from salesworthy.policy.in_force import PolicyInForce

UNSIGNED = ("approvals", "cases")
"""Sections that are not part of the content which people sign."""


class Policy(Part):
    """Everything that people decided about leads. ``at`` gives what is in force on a day.

    Every field is a section of the policy's files; lists keep the order in which they are written, files in the order
    of their names.
    """

    policy: Header
    approvals: tuple[Approval, ...] = ()
    facts: Facts = Facts()
    conditions: Mapping[str, Condition] = Field(default_factory=dict)
    products: tuple[Product, ...] = ()
    campaign_types: tuple[CampaignType, ...] = ()
    regions: tuple[Region, ...] = ()
    blocked_regions: tuple[BlockedRegion, ...] = ()
    motions: tuple[Motion, ...] = ()
    scoring: Scoring
    grades: Grades
    criteria: tuple[Criteria, ...]
    rules: tuple[Rule, ...]
    buying_steps: tuple[BuyingStep, ...]
    consent: Consent
    owners: tuple[Owner, ...]
    routes: tuple[Route, ...]
    response_windows: tuple[ResponseWindow, ...]
    assets: tuple[Asset, ...] = ()
    tracks: tuple[Track, ...] = ()
    reasons: tuple[ReasonEntry, ...] = ()
    wording: Wording = Wording()
    retention: tuple[Retention, ...] = ()
    overrides: tuple[Override, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def version(self) -> str:
        """What people call it."""
        return self.policy.version

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what people sign: everything but signatures and worked cases, whatever the formatting.

        A policy that says nothing about wording has the hash that it had before policies could.
        """
        silent = {"wording"} if self.wording == Wording() else set()
        content = self.model_dump(mode="json", by_alias=True, exclude={*UNSIGNED, *silent})
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()

    @property
    def signed_by(self) -> Mapping[str, Approval]:
        """Role -> the latest signature of the present content."""
        return {each.role: each for each in self.approvals if each.content == self.content_hash}

    @property
    def unsigned_roles(self) -> tuple[str, ...]:
        """Roles that have not signed the present content."""
        return tuple(role for role in ROLES if role not in self.signed_by)

    @property
    def is_approved(self) -> bool:
        """Whether all three roles signed the present content; it is a draft otherwise."""
        return not self.unsigned_roles

    @property
    def taxonomy(self) -> Mapping[str, ReasonCode]:
        """The reasons of the product, with those that the policy adds or words otherwise."""
        return {**TAXONOMY, **{entry.code: entry.as_reason() for entry in self.reasons}}

    def to_json(self) -> str:
        """The whole policy as one JSON document; ``from_json`` gives it back."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Policy:
        """The policy that ``to_json`` wrote, with the same content hash."""
        return cls.model_validate_json(text)

    def at(self, day: Day) -> PolicyInForce:
        """What is in force on a day: plain numbers, and the look-ups that decisions ask for."""
        from salesworthy.policy.in_force import PolicyInForce

        return PolicyInForce(self, day)

    def has_started(self, day: Day) -> bool:
        """Whether the policy as a whole may be in force on that day."""
        return self.policy.starts <= day
