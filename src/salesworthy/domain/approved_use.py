"""Approved use: acts that never speak for a lead, since they are off-label, a transfer of value, or not approved."""

from __future__ import annotations

import re
from enum import StrEnum

APPROVED = "approved"
"""The status of content that somebody looked at: its topic may be called what it likes."""


class NoScore(StrEnum):
    """Why an act scores nothing."""

    OFF_LABEL = "off_label"
    TRANSFER_OF_VALUE = "transfer_of_value"
    UNAPPROVED_CAMPAIGN = "unapproved_campaign"


TRANSFERS = frozenset(
    {"meal", "meals", "fee", "fees", "honorarium", "honoraria", "travel", "hospitality", "gift", "gifts"}
    | {"grant", "grants", "sponsorship", "sponsorships", "speaker"}
)
"""Words of kinds, topics and types of campaign that name transfers of value."""
_OFF_LABEL = re.compile(r"off[\W_]*label", re.IGNORECASE)
_TRANSFER_COLUMN = re.compile(
    r"\b(?:honorari(?:um|a)|hospitality|meals|meal (?!plan\b)\w+|gifts?|sponsorships?|speaker"
    r"|open payments?|transfers? of value"
    r"|(?:consult\w*|advisory|travel|lodging|royalt\w*|education) (?:fees?|payments?|grants?|expenses?)"
    r"|fees? (?:paid|received))\b"
)
"""Narrower than the words of acts: nobody can say of a column what somebody can say of content."""


def why_no_score(
    kind: str | None, topic: str | None = None, campaign_type: str | None = None, approved_use: str | None = None
) -> NoScore | None:
    """Why an act scores nothing, by its kind, its content and its campaign; None where it may score.

    Args:
        kind: What was done.
        topic: What its content is about.
        campaign_type: What sort of campaign it belongs to.
        approved_use: The status of its content; ``approved`` stands over what the topic is called.

    Example:
        >>> why_no_score("view", "Off-Label use"), why_no_score("speaker_fee"), why_no_score("webinar", "outcomes")
        (<NoScore.OFF_LABEL: 'off_label'>, <NoScore.TRANSFER_OF_VALUE: 'transfer_of_value'>, None)
        >>> why_no_score("view", "medicare fee schedule", approved_use="approved") is None
        True
    """
    if approved_use in (NoScore.OFF_LABEL, NoScore.TRANSFER_OF_VALUE):
        return NoScore(approved_use)
    text = " ".join(filter(None, (kind, campaign_type, None if approved_use == APPROVED else topic)))
    if _OFF_LABEL.search(text):
        return NoScore.OFF_LABEL
    return None if TRANSFERS.isdisjoint(_words(text)) else NoScore.TRANSFER_OF_VALUE


def names_transfer_of_value(column: str) -> bool:
    """Whether a column says by its name that it holds transfers of value: what a person was given, paid or hired for.

    ``Meal`` alone is the board of a hotel guest as often as a dinner that somebody paid for, and is no such name.

    Example:
        >>> names = ("Speaker_Role__c", "mealsTotal", "meal_value", "license_fee", "Meal")
        >>> [each for each in names if names_transfer_of_value(each)]
        ['Speaker_Role__c', 'mealsTotal', 'meal_value']
    """
    return _TRANSFER_COLUMN.search(" ".join(_words(column))) is not None


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[^\W\d_]+", apart.lower())
