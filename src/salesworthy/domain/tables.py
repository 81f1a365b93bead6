"""The tables of a workspace: their grain, their columns, and what each column holds.

This is the vocabulary; contracts (``intake``), features and documentation are all derived from it. Columns that are not
listed are carried along under the name they came with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from salesworthy.domain.approved_use import APPROVED, NoScore


class Kind(StrEnum):
    """What a column holds. ``MOMENT`` is integer microseconds since the epoch, UTC, once a table is checked."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    MOMENT = "moment"


class Disposition(StrEnum):
    """What sales did with a handed-over lead."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    DUPLICATE = "duplicate"
    UNTOUCHED = "untouched"
    OPEN = "open"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    required: bool = False
    says: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """A table: its grain in words, its key (unique when given), its columns."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that every kept row fills."""
        return tuple(column.name for column in self.columns if column.required)


def _id(name: str, *, required: bool = False, says: str = "") -> Column:
    return Column(name, Kind.ID, required, says)


def _text(name: str, says: str = "", *, required: bool = False, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, Kind.TEXT, required, says, allowed)


def _number(name: str, says: str = "") -> Column:
    return Column(name, Kind.NUMBER, False, says)


def _moment(name: str, says: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.MOMENT, required, says)


ACCOUNTS = TableSpec(
    "accounts",
    "one row per site",
    (
        _id("account_id", required=True),
        _id("parent_account_id", says="health system the site belongs to"),
        _text("name"),
        _text("facility_type", "hospital, ambulatory surgery centre, lab, clinic ..."),
        _text("specialties", "service lines, separated by ;"),
        _text("region"),
        _text("country"),
        _number("beds", "licensed beds"),
        _moment("created_at", "when the site became known to us"),
    ),
    key=("account_id",),
)
LEADS = TableSpec(
    "leads",
    "one row per person at one account",
    (
        _id("lead_id", required=True),
        _moment("created_at", "first interest", required=True),
        _id("account_id"),
        _text("role"),
        _text("department"),
        _text("specialty"),
        _text("source", "how the lead came to us"),
        _id("campaign_id"),
        _text("product"),
        _text("use_case"),
        _text("timeframe", "when they mean to decide"),
    ),
    key=("lead_id",),
)
ENGAGEMENTS = TableSpec(
    "engagements",
    "one row per dated act of a lead",
    (
        _id("lead_id", required=True),
        _moment("occurred_at", "when it happened", required=True),
        _text("kind", "view, form, webinar, download, click, open, booth, ...", required=True),
        _moment("known_at", "when we came to know it; occurred_at when not given"),
        _id("content_id"),
        _id("campaign_id"),
        _text("agent", "hint at the software that made the click"),
        _number("value", "a quantity that goes with the act"),
        Column("machine", Kind.YES_NO, says="made by a machine: where the source says so, and as ``check`` finds it"),
        _text("no_score", "why it scores nothing, as ``check`` finds it or the source says", allowed=tuple(NoScore)),
    ),
)
CONTENT = TableSpec(
    "content",
    "one row per item of content",
    (
        _id("content_id", required=True),
        _text(
            "buying_step",
            allowed=("awareness", "clinical_evaluation", "procurement_review", "contract_setup"),
        ),
        _text("topic"),
        _text("product"),
        _moment("tagged_at", "when its tags were set"),
        _text(
            "approved_use",
            "whether it keeps to what the product is approved for; what does not scores nothing",
            allowed=(APPROVED, NoScore.OFF_LABEL, NoScore.TRANSFER_OF_VALUE),
        ),
    ),
    key=("content_id",),
)
CAMPAIGNS = TableSpec(
    "campaigns",
    "one row per campaign",
    (
        _id("campaign_id", required=True),
        _text("type"),
        _moment("approved_at"),
    ),
    key=("campaign_id",),
)
CONSENTS = TableSpec(
    "consents",
    "one row per change of a consent state",
    (
        _id("lead_id", required=True),
        _moment("at", required=True),
        _text("state", required=True),
        _text("channel"),
        _text("purpose"),
        _text("content_type"),
        _text("notice_version"),
        _text("region"),
    ),
)
HANDOFFS = TableSpec(
    "handoffs",
    "one row per lead given to sales on one occasion",
    (
        _id("lead_id", required=True),
        _moment("handed_at", required=True),
        _text("path", "rule, model or exploration"),
        _number("probability", "of being sent, where sending was random"),
        _text("policy_version"),
        _text("model_version"),
    ),
)
OUTCOMES = TableSpec(
    "outcomes",
    "one row per disposition of a handoff",
    (
        _id("lead_id", required=True),
        _moment("at", "when the disposition was recorded"),
        _text("disposition", required=True, allowed=tuple(Disposition)),
        _text("reason"),
        Column("reason_matched", Kind.YES_NO, False, "did the stated reason match what sales found"),
        _moment("first_contact_at"),
    ),
)

TABLES: dict[str, TableSpec] = {
    table.name: table for table in (ACCOUNTS, LEADS, ENGAGEMENTS, CONTENT, CAMPAIGNS, CONSENTS, HANDOFFS, OUTCOMES)
}
