"""Settings of machine clicks: what a machine is known by, every threshold in the hands of the workspace."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from salesworthy.intake.settings_parts import Part

HINTS = ("safelinks", "barracuda", "proofpoint", "mimecast", "headless", "bot", "crawler", "spider")
"""Words in an agent that people's browsers do not carry."""


class MachineClickSettings(Part):
    """The rules by which acts are told to be made by machines; see ``intake.machine_clicks``.

    Attributes:
        on: Whether acts are judged. Where they are not, only acts that the data itself marks are by machines.
        kinds: Kinds of acts that opening a link makes. The rules of speed look at these; hints count for every kind.
        hints: Words that an agent of a machine holds, in any case.
        burst_seconds: Clicks of one lead that lie so near each other are one burst.
        burst_clicks: So many clicks make a burst that no person makes,
        burst_links: when they are on so many different links.
        doubtful_clicks: So many are enough at night, or where the mail was not opened.
        night: First hour and hour after the last one, in the workspace's time zone; empty: no hour is night.
        delivered: Kinds of acts that record the delivery of a mail,
        delivery_seconds: and how soon after it no person clicks.
        opens: Kinds of acts that record the opening of a mail, where the data holds it for every mail.
        open_days: A mail opened so long ago is not the one that is clicked in.
        hourly_clicks: More clicks of one lead within an hour do not count.
        site_people: So many leads of one site who click
        site_seconds: within so many seconds are one scanner.
        settle_seconds: Acts that become known later than this are no evidence about others.
        jump_days: Clicks of machines per click of a person in the latest days are held against those before,
        jump_times: and told when it is so many times as large
        jump_clicks: among at least so many clicks.
    """

    on: bool = True
    kinds: tuple[str, ...] = ("click",)
    hints: tuple[str, ...] = HINTS
    burst_seconds: float = Field(15.0, gt=0, le=600)
    burst_clicks: int = Field(3, ge=2)
    burst_links: int = Field(2, ge=1)
    doubtful_clicks: int = Field(2, ge=2)
    night: tuple[int, ...] = (0, 5)
    delivered: tuple[str, ...] = ("delivered", "delivery")
    delivery_seconds: float = Field(5.0, ge=0, le=600)
    opens: tuple[str, ...] = ()
    open_days: float = Field(14.0, gt=0, le=3650)
    hourly_clicks: int = Field(60, ge=1)
    site_people: int = Field(3, ge=2)
    site_seconds: float = Field(1.0, ge=0, le=600)
    settle_seconds: float = Field(45.0, ge=0, le=7 * 86_400)
    jump_days: float = Field(28.0, gt=0, le=3650)
    jump_times: float = Field(2.0, gt=1)
    jump_clicks: int = Field(200, ge=1)

    @field_validator("kinds", "hints", "delivered", "opens")
    @classmethod
    def _words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(each.strip() for each in value):
            raise ValueError("an empty word is in every text")
        return tuple(each.strip().lower() for each in value)

    @field_validator("night")
    @classmethod
    def _hours(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if value and (len(value) != 2 or not all(0 <= hour <= 24 for hour in value)):
            raise ValueError("night is two hours, such as [0, 5], or []")
        return value

    @model_validator(mode="after")
    def _within_a_burst(self) -> MachineClickSettings:
        if self.site_seconds > self.burst_seconds:
            raise ValueError("site_seconds is longer than burst_seconds, after which a click counts")
        return self

    @property
    def waits_seconds(self) -> float:
        """How long after a click it counts: everything that can tell that it was a machine's is known by then."""
        return self.burst_seconds + self.settle_seconds
