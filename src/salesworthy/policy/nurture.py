"""Nurture: buying steps, approved assets, and the tracks that carry a lead on until sales is in contact."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from salesworthy.policy.dated import DatedDays
from salesworthy.policy.parts import Code, Day, Decided, Part, Text, Word


class BuyingStep(Part):
    """A buying step, in the order of the document.

    Attributes:
        topics: Topics of content that belong to it, for content whose step nobody tagged.
        next_step: What sales is told to do for a lead at this step whose trigger says nothing else.
        track: The track of leads at this step.
    """

    code: Word
    title: Text
    topics: tuple[Word, ...] = ()
    next_step: Text
    track: Code


class Review(Part):
    """Who reviewed the claims of an asset, and when."""

    on: Day
    by: Text


class Asset(Part):
    """An asset that may be sent: its claims were reviewed, for these regions, until it expires."""

    id: Code
    title: Text
    kind: Literal["brochure", "study_summary", "white_paper", "webinar", "video", "checklist", "case_study", "letter"]
    topic: Word
    buying_step: Word
    products: tuple[Word, ...] = ()
    regions: tuple[Word, ...] = ()
    content_id: Word | None = None
    claims_reviewed: Review | None = None
    expires: Day

    def is_approved(self, day: Day) -> bool:
        """Whether its claims had been reviewed by that day, and it has not expired."""
        return self.claims_reviewed is not None and self.claims_reviewed.on <= day < self.expires

    def suits(self, day: Day, *, product: str | None, region: str | None) -> bool:
        """Whether it may be sent on that day to a lead who asks about that product in that region.

        An asset for some regions or products is never sent where region or product are not known.
        """
        wanted = ((self.products, product), (self.regions, region))
        return self.is_approved(day) and all(not allowed or value in allowed for allowed, value in wanted)


class TrackStep(Part):
    """One message: an asset, so many days after the one before."""

    asset: Code
    after: DatedDays


class Track(Decided):
    """A short sequence of messages with one call to action; it stops at first contact by sales."""

    code: Code
    title: Text
    products: tuple[Word, ...] = ()
    call_to_action: Text
    steps: tuple[TrackStep, ...] = Field(min_length=1, max_length=8)
