"""Criteria sets: what makes an MQL, per product line, sales motion and region; and how grades are read from points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from salesworthy.domain.decisions import Decision
from salesworthy.policy.dated import DatedCount, DatedLeads, DatedPoints, DatedProbability, DatedShare
from salesworthy.policy.parts import Code, Condition, Day, Decided, Part, Text, Word

FIT_GRADES = ("A", "B", "C", "D")
INTEREST_GRADES = ("1", "2", "3", "4")
DIMENSIONS = ("products", "motions", "regions")
Cell = Annotated[str, Field(pattern=r"^[A-D][1-4]$")]
Recommended = Literal[Decision.MQL, Decision.NURTURE, Decision.TRACKED]


class Product(Decided):
    """A product line; leads who ask for it score nothing before it starts."""

    code: Word
    title: Text


class CampaignType(Decided):
    """A type of campaign; leads who came through it score nothing before it starts."""

    code: Word
    title: Text


class Motion(Decided):
    """A way of selling, such as direct or through a distributor; the first whose condition holds applies."""

    code: Word
    title: Text
    when: Condition


class Region(Part):
    """A region, with the countries it consists of."""

    code: Word
    title: Text
    countries: tuple[Word, ...] = ()


class BlockedRegion(Decided):
    """A region whose leads are not worked, from a day on: no approval there, no service, sanctions."""

    region: Word
    review: Day


class Applies(Part):
    """Where a criteria set applies; a dimension that is not named means everywhere."""

    products: tuple[Word, ...] = ()
    motions: tuple[Word, ...] = ()
    regions: tuple[Word, ...] = ()

    @property
    def specificity(self) -> int:
        """How many dimensions are named."""
        return sum(1 for dimension in DIMENSIONS if getattr(self, dimension))

    def covers(self, product: str | None, motion: str | None, region: str | None) -> bool:
        """Whether a lead of that product, motion and region is meant; what is not known matches no named list."""
        asked = dict(zip(DIMENSIONS, (product, motion, region), strict=True))
        return all(not getattr(self, name) or value in getattr(self, name) for name, value in asked.items())

    def overlaps(self, other: Applies) -> bool:
        """Whether some lead is meant by both."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in DIMENSIONS)
        return all(not one or not two or set(one) & set(two) for one, two in pairs)


class Criteria(Decided):
    """What makes an MQL of a lead.

    Attributes:
        fit: Requirements, all of which must PASS; one UNKNOWN holds the lead.
        actions: High-intent actions, each of which makes an MQL of a lead that fits.
        fit_at_least: The fit grade that a required action needs beside it.
        propensity: A lead over it that fits is an MQL, where the matrix says so.
        points: The same for points: the fallback while there is too little data for a model.
        leads_per_week: What sales can work; converted to a threshold on the propensity of waiting leads.
        matrix: What the cells A1 to D4 of fit and interest recommend; NURTURE where a cell is not named.
    """

    code: Code
    title: Text
    applies: Applies = Applies()
    fit: tuple[Code, ...] = Field(min_length=1)
    actions: tuple[Code, ...] = Field(min_length=1)
    fit_at_least: Literal["A", "B", "C", "D"] = "D"
    propensity: DatedProbability | None = None
    points: DatedPoints | None = None
    leads_per_week: DatedLeads | None = None
    matrix: Mapping[Cell, Recommended]

    @model_validator(mode="after")
    def _has_one_threshold(self) -> Criteria:
        if self.propensity is not None and self.leads_per_week is not None:
            raise ValueError("propensity and leads_per_week both set the threshold; keep one")
        if self.points is None:
            raise ValueError("it needs points: what a lead must reach while there is no model")
        return self


class FitGrades(Part):
    """Points on the fit axis from which each grade is reached; D below."""

    a: DatedPoints = Field(alias="A")
    b: DatedPoints = Field(alias="B")
    c: DatedPoints = Field(alias="C")


class InterestGrades(Part):
    """Points on the interest axis from which each grade is reached; 4 below."""

    one: DatedPoints = Field(alias="1")
    two: DatedPoints = Field(alias="2")
    three: DatedPoints = Field(alias="3")


class Grades(Decided):
    """How grades are read from points."""

    fit: FitGrades
    interest: InterestGrades


class Scoring(Decided):
    """Numbers that hold for all criteria sets.

    Attributes:
        negative_cap: The most that all deductions take together.
        minimum_outcomes: Mature outcomes below which points decide, not a model.
        exploration: Share of leads below the threshold that is sent to sales at random, to keep learning.
    """

    negative_cap: DatedPoints
    minimum_outcomes: DatedCount
    exploration: DatedShare


class Facts(Part):
    """Which columns or features hold the facts that criteria sets, routes and consent rules ask for."""

    product: Word = "leads.product"
    region: Word = "accounts.region"
    country: Word = "accounts.country"
    specialty: Word = "leads.specialty"
    campaign_type: Word = "campaigns.type"
