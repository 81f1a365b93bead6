"""The reason taxonomy: families, codes and titles that sales and marketing share.

It has two levels. A reason is what people talk about: few enough that the four for and two against that are shown hold
most of what moved a score, and so wide that features which say nearly the same stand in the same one. Then it stays the
same reason when a retrained model shifts weight between them. Its sentence is that of the feature that carries most.

Features may name a subject, which is finer: ``EVALUATION_REQUEST`` belongs to the reason ``REQUEST``. SHAP values are
summed per reason.
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


def _reasons(family: Family, **titles: str) -> dict[str, ReasonCode]:
    return {code: ReasonCode(code, family, title) for code, title in titles.items()}


TAXONOMY: dict[str, ReasonCode] = {
    **_reasons(
        Family.FIT,
        ROLE_FIT="Role and specialty",
        FACILITY="Type, size and region of the site",
        USE_CASE="Use case and product",
    ),
    **_reasons(
        Family.INTEREST,
        REQUEST="Requests and questions about purchasing",
        ACTIVITY="What they read and attended, and how recently",
    ),
    **_reasons(Family.TIMING, TIMEFRAME="Time frame and age of the lead"),
    **_reasons(Family.ACCOUNT, ACCOUNT="Colleagues and history at the site"),
    **_reasons(Family.SOURCE, SOURCE="How the lead came to us"),
    **_reasons(Family.OTHER, OTHER="Other facts"),
}
"""The reasons."""


@dataclass(frozen=True)
class Subject:
    """What a feature may name instead of a reason: its title, and the reason it belongs to."""

    title: str
    reason: str


def _subjects(reason: str, **titles: str) -> dict[str, Subject]:
    return {code: Subject(title, reason) for code, title in titles.items()}


SUBJECTS: dict[str, Subject] = {
    **_subjects("ROLE_FIT", ROLE_FIT="Role and department", SPECIALTY_FIT="Clinical specialty"),
    **_subjects("FACILITY", FACILITY_TYPE="Type of facility", FACILITY_SIZE="Size of facility", REGION_FIT="Region"),
    **_subjects("USE_CASE", USE_CASE="Use case"),
    **_subjects(
        "REQUEST",
        EVALUATION_REQUEST="Asked for an evaluation",
        DEMO_REQUEST="Asked for a demonstration",
        SAMPLE_REQUEST="Asked for a sample",
        PROCUREMENT="Procurement and contract questions",
    ),
    **_subjects(
        "ACTIVITY",
        CLINICAL_EVIDENCE="Clinical evidence",
        WEBINAR="Webinars",
        EVENT="Events and booths",
        IMPLEMENTATION="Implementation and training",
        CONTENT_ENGAGEMENT="Content read or downloaded",
        EMAIL_ENGAGEMENT="E-mail",
        SITE_ACTIVITY="Web site visits",
        RECENT_ACTIVITY="How recent the activity is",
        MOMENTUM="Rising or falling activity",
    ),
    **_subjects("TIMEFRAME", TIMEFRAME="Stated time frame", LEAD_AGE="Age of the lead"),
    **_subjects(
        "ACCOUNT",
        BUYING_GROUP="Buying group at the site",
        ACCOUNT_ACTIVITY="Activity at the site",
        ACCOUNT_HISTORY="History with the site",
    ),
    **_subjects(
        "SOURCE", LEAD_SOURCE="Where the lead came from", CAMPAIGN="Campaign", FORM_DETAIL="Detail given in forms"
    ),
    **_subjects("OTHER", OTHER="Other facts"),
}
"""The subjects; each feature of the shipped set has one."""


def reason_of(code: str) -> str:
    """The reason that a feature's code belongs to: a subject's reason, any other code itself.

    Example:
        >>> reason_of("WEBINAR"), reason_of("ACTIVITY"), reason_of("PARKING_SPACES")
        ('ACTIVITY', 'ACTIVITY', 'PARKING_SPACES')
    """
    subject = SUBJECTS.get(code)
    return subject.reason if subject else code


def reason_code(code: str) -> ReasonCode:
    """The entry of that code, be it a reason or a subject; any other belongs to the family OTHER, under its own name.

    Example:
        >>> reason_code("REQUEST").title, reason_code("WEBINAR").title
        ('Requests and questions about purchasing', 'Webinars')
        >>> reason_code("PARKING_SPACES")
        ReasonCode(code='PARKING_SPACES', family=<Family.OTHER: 'OTHER'>, title='Parking spaces')
    """
    if code in TAXONOMY:
        return TAXONOMY[code]
    if code in SUBJECTS:
        return ReasonCode(code, TAXONOMY[SUBJECTS[code].reason].family, SUBJECTS[code].title)
    return ReasonCode(code, Family.OTHER, code.replace("_", " ").strip().capitalize())
