"""Settings of duplicates: which columns say who somebody is, and from what probability on two entries are one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from salesworthy.intake.settings_parts import Part


class PeopleColumns(Part):
    """Carried columns of ``leads`` that say who a person is; "" leaves one out, None looks for one that is marked."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    job_title: str | None = None


class SiteColumns(Part):
    """Carried columns of ``accounts`` that say where a site is; "" leaves one out, None looks for one by its name."""

    domain: str | None = None
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None


class DuplicateSettings(Part):
    """How entries of one person, and of one site, are found and joined; see ``intake.duplicates_model``.

    Attributes:
        on: ``found``: where a field map marks a name or a mail address, or ``people`` names one.
        merge_at: From this probability on two entries are joined,
        review_at: and from this one on people are asked.
        expected_people: Share of the leads that are entered a second time, as far as anybody can guess.
        expected_sites: The same of sites.
        objections: States of consent that a twin's yes does not lift.
        nicknames: Further short names, such as ``{ Wolle = "Wolfgang" }``.
        people: Columns of leads.
        sites: Columns of accounts.
    """

    on: Literal["found"] | bool = "found"
    merge_at: float = Field(0.85, gt=0.5, lt=1)
    review_at: float = Field(0.3, gt=0, lt=1)
    expected_people: float = Field(0.03, gt=0, lt=1)
    expected_sites: float = Field(0.02, gt=0, lt=1)
    objections: tuple[str, ...] = ("objected", "withdrawn")
    nicknames: dict[str, str] = Field(default_factory=dict)
    people: PeopleColumns = PeopleColumns()
    sites: SiteColumns = SiteColumns()

    @field_validator("objections")
    @classmethod
    def _lowered(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each.strip().lower() for each in value)

    @model_validator(mode="after")
    def _in_order(self) -> DuplicateSettings:
        if self.review_at >= self.merge_at:
            raise ValueError("review_at must be below merge_at: between them people are asked")
        return self
