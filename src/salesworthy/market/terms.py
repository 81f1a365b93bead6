"""The true log-odds: a sum of terms, each of which belongs to one reason code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from salesworthy.market.arrays import Floats, Worth
from salesworthy.market.facts import Facts

INTERCEPT = -6.6
OUTCOME_RATE_FALL = -0.9
FITTING_ROLES = ("department_head", "physician", "nurse_manager", "procurement")

ROLE: Worth = {
    "department_head": 0.6,
    "physician": 0.35,
    "procurement": 0.3,
    "nurse_manager": 0.25,
    "biomedical_engineer": 0.1,
    "administrator": 0.0,
    "other": -0.5,
    "researcher": -0.6,
    "student": -1.4,
    None: -0.4,
}
FACILITY_TYPE: Worth = {
    "ambulatory_surgery_centre": 0.45,
    "university_hospital": 0.35,
    "acute_care_hospital": 0.25,
    "childrens_hospital": 0.1,
    "imaging_centre": -0.1,
    "clinical_laboratory": -0.1,
    "critical_access_hospital": -0.25,
    "physician_clinic": -0.5,
    "psychiatric_hospital": -1.0,
    None: -0.3,
}
USE_CASE: Worth = {"replacement": 0.45, "new_installation": 0.4, "expansion": 0.3, "research": -0.8, None: -0.2}
PRODUCT: Worth = {"surgical_robot": -0.7}
REGION: Worth = {
    "dach": 0.25,
    "nordics": 0.15,
    "north_america": 0.1,
    "uk_ireland": 0.0,
    "southern_europe": -0.4,
    "asia_pacific": -0.8,
    None: -0.2,
}
TIMEFRAME: Worth = {
    "now": 0.75,
    "3_months": 0.55,
    "6_months": 0.15,
    "12_months": -0.3,
    "just_looking": -0.9,
    None: -0.1,
}
SOURCE: Worth = {
    "referral": 0.8,
    "partner": 0.4,
    "web_form": 0.35,
    "webinar": 0.1,
    "event": 0.1,
    "paid_search": -0.1,
    "content_syndication": -0.6,
    "purchased_list": -1.2,
}
CAMPAIGN: Worth = {
    "executive_briefing": 0.4,
    "peer_reference": 0.35,
    "webinar_series": 0.15,
    "trade_show": 0.1,
    "partner_comarketing": 0.0,
    "email_nurture": -0.05,
    "paid_search": -0.2,
    "content_syndication": -0.4,
    None: -0.05,
}
EMAIL_KIND: Worth = {"corporate": 0.1, "academic": -0.15, "personal": -0.4}


@dataclass(frozen=True)
class Term:
    """One summand: ``coefficient`` (``shifted`` after a concept shift) times ``shape`` of the facts."""

    name: str
    code: str
    coefficient: float
    shape: Callable[[Facts], Floats]
    shifted: float | None = None


def _word(name: str, of: Worth) -> Callable[[Facts], Floats]:
    return lambda facts: facts.words[name].values(of)


def _plain(name: str) -> Callable[[Facts], Floats]:
    return lambda facts: facts.numbers[name]


def _log(name: str, unit: float = 1.0) -> Callable[[Facts], Floats]:
    return lambda facts: np.log1p(facts.numbers[name] / unit)


def _evaluation_by_fitting_role(facts: Facts) -> Floats:
    return (facts.at_least_one("evaluations_30d") & facts.words["role"].among(FITTING_ROLES)).astype(float)


def _evidence_and_webinar(facts: Facts) -> Floats:
    return (facts.at_least_one("evidence_30d") & facts.at_least_one("outcome_webinars_90d")).astype(float)


TERMS = (
    Term("role", "ROLE_FIT", 1.0, _word("role", ROLE)),
    Term("department_fits_product", "ROLE_FIT", 0.35, _plain("department_fits")),
    Term("evaluation_by_fitting_role_half", "ROLE_FIT", 0.25, _evaluation_by_fitting_role),
    Term("specialty_fits_product", "SPECIALTY_FIT", 0.45, _plain("specialty_fits")),
    Term("facility_type", "FACILITY_TYPE", 1.0, _word("facility_type", FACILITY_TYPE)),
    Term("beds", "FACILITY_SIZE", 0.22, _log("beds")),
    Term("use_case", "USE_CASE", 1.0, _word("use_case", USE_CASE)),
    Term("product", "USE_CASE", 1.0, _word("product", PRODUCT)),
    Term("region", "REGION_FIT", 1.0, _word("region", REGION)),
    Term("timeframe", "TIMEFRAME", 1.0, _word("timeframe", TIMEFRAME)),
    Term("evaluations_30d", "EVALUATION_REQUEST", 0.85, _log("evaluations_30d"), shifted=0.0),
    Term("evaluations_90d", "EVALUATION_REQUEST", 0.5, _log("evaluations_90d"), shifted=0.0),
    Term("evaluation_by_fitting_role_other_half", "EVALUATION_REQUEST", 0.25, _evaluation_by_fitting_role, shifted=0.0),
    Term("demos_30d", "DEMO_REQUEST", 0.6, _log("demos_30d"), shifted=0.0),
    Term("demos_90d", "DEMO_REQUEST", 0.35, _log("demos_90d"), shifted=0.0),
    Term("samples_90d", "SAMPLE_REQUEST", 0.35, _log("samples_90d")),
    Term("pricing_requests_30d", "PROCUREMENT", 0.7, _log("pricing_requests_30d")),
    Term("procurement_resources_90d", "PROCUREMENT", 0.25, _log("procurement_resources_90d")),
    Term("evidence_30d", "CLINICAL_EVIDENCE", 0.35, _log("evidence_30d"), shifted=0.9),
    Term("evidence_90d", "CLINICAL_EVIDENCE", 0.2, _log("evidence_90d"), shifted=0.4),
    Term("evidence_and_webinar_half", "CLINICAL_EVIDENCE", 0.2, _evidence_and_webinar),
    Term("webinars_90d", "WEBINAR", 0.4, _log("webinars_90d"), shifted=0.9),
    Term("evidence_and_webinar_other_half", "WEBINAR", 0.2, _evidence_and_webinar),
    Term("booths_90d", "EVENT", 0.35, _log("booths_90d")),
    Term("implementation_90d", "IMPLEMENTATION", 0.3, _log("implementation_90d")),
    Term("downloads_90d", "CONTENT_ENGAGEMENT", 0.2, _log("downloads_90d")),
    Term("industry_news_90d", "CONTENT_ENGAGEMENT", -0.2, _log("industry_news_90d")),
    Term("clicks_30d", "EMAIL_ENGAGEMENT", 0.15, _log("clicks_30d")),
    Term("views_30d", "SITE_ACTIVITY", 0.15, _log("views_30d")),
    Term("silence_days", "RECENT_ACTIVITY", -0.38, _log("silence_days")),
    Term("momentum", "MOMENTUM", 0.3, _plain("momentum")),
    Term("lead_age_days", "LEAD_AGE", -0.15, _log("lead_age_days", unit=30.0)),
    Term("site_people_90d", "BUYING_GROUP", 0.3, _log("site_people_90d")),
    Term("site_acts_30d", "ACCOUNT_ACTIVITY", 0.12, _log("site_acts_30d")),
    Term("existing_customer", "ACCOUNT_HISTORY", 0.4, _plain("existing_customer")),
    Term("competitor_installed", "ACCOUNT_HISTORY", -0.5, _plain("competitor_installed")),
    Term("source", "LEAD_SOURCE", 1.0, _word("source", SOURCE)),
    Term("campaign_type", "CAMPAIGN", 1.0, _word("campaign_type", CAMPAIGN)),
    Term("form_fields", "FORM_DETAIL", 0.07, _plain("form_fields")),
    Term("email_kind", "FORM_DETAIL", 1.0, _word("email_kind", EMAIL_KIND)),
)
