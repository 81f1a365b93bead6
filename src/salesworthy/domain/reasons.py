"""The reason taxonomy: families, codes and titles that sales and marketing share.

Every feature belongs to one code. SHAP values are summed per code, so that a reason is a group of features that say
the same thing, and stays the same reason when a retrained model shifts weight inside the group.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What kind of thing a reason speaks about."""

    FIT = "FIT"
    INTEREST = "INTEREST"
    TIMING = "TIMING"
    ACCOUNT = "ACCOUNT"
    SOURCE = "SOURCE"
    OTHER = "OTHER"


class Degree(StrEnum):
    """How much a reason weighs, in words; ``DECIDED`` for a rule that decided, whatever the model says."""

    STRONG = "strong"
    CLEAR = "clear"
    SLIGHT = "slight"
    DECIDED = "decided"


@dataclass(frozen=True)
class ReasonCode:
    """An entry of the taxonomy."""

    code: str
    family: Family
    title: str


def _codes(family: Family, **titles: str) -> dict[str, ReasonCode]:
    return {code: ReasonCode(code, family, title) for code, title in titles.items()}


TAXONOMY: dict[str, ReasonCode] = {
    **_codes(
        Family.FIT,
        ROLE_FIT="Role and department",
        SPECIALTY_FIT="Clinical specialty",
        FACILITY_TYPE="Type of facility",
        FACILITY_SIZE="Size of facility",
        USE_CASE="Use case",
        REGION_FIT="Region",
    ),
    **_codes(
        Family.INTEREST,
        EVALUATION_REQUEST="Asked for an evaluation",
        DEMO_REQUEST="Asked for a demonstration",
        SAMPLE_REQUEST="Asked for a sample",
        PROCUREMENT="Procurement and contract questions",
        CLINICAL_EVIDENCE="Clinical evidence",
        WEBINAR="Webinars",
        EVENT="Events and booths",
        IMPLEMENTATION="Implementation and training",
        CONTENT_ENGAGEMENT="Content read or downloaded",
        EMAIL_ENGAGEMENT="E-mail",
        SITE_ACTIVITY="Web site visits",
    ),
    **_codes(
        Family.TIMING,
        RECENT_ACTIVITY="How recent the activity is",
        MOMENTUM="Rising or falling activity",
        TIMEFRAME="Stated time frame",
        LEAD_AGE="Age of the lead",
    ),
    **_codes(
        Family.ACCOUNT,
        BUYING_GROUP="Buying group at the site",
        ACCOUNT_ACTIVITY="Activity at the site",
        ACCOUNT_HISTORY="History with the site",
    ),
    **_codes(
        Family.SOURCE,
        LEAD_SOURCE="Where the lead came from",
        CAMPAIGN="Campaign",
        FORM_DETAIL="Detail given in forms",
    ),
    **_codes(Family.OTHER, OTHER="Other facts"),
}


def reason_code(code: str) -> ReasonCode:
    """The entry of that code; a code outside the taxonomy belongs to the family OTHER, under its own name.

    Example:
        >>> reason_code("WEBINAR").title
        'Webinars'
        >>> reason_code("PARKING_SPACES")
        ReasonCode(code='PARKING_SPACES', family=<Family.OTHER: 'OTHER'>, title='Parking spaces')
    """
    known = TAXONOMY.get(code)
    return known or ReasonCode(code, Family.OTHER, code.replace("_", " ").strip().capitalize())
