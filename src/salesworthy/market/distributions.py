"""Shares of facilities, people and answers.

The public lists they are shaped after are not shipped; compared with them:

* Facility types: the 5,396 hospitals of the CMS *Hospital General Information* list are 61 % acute care (veterans' and
  military ones included), 25 % critical access, 12 % psychiatric and 2 % children's; the CMS list of ambulatory surgery
  centres has 5,518. Here hospitals are 36 % of the sites and surgery centres 32 %, near the lists' one to one, and the
  hospitals split 61 % acute care (a seventh of them university hospitals, which the list does not tell apart), 25 %,
  11 % and 3 %. The remaining 32 % (clinics, laboratories, imaging centres) are in neither list, and are assumed.
* Clinical wards follow the medical specialties of the FDA's product classification: outside the laboratory, surgery has
  22 % of the product codes, gastroenterology (with urology) 23 %, cardiology 13 %, general hospital (here: intensive
  care) 13 %, orthopaedics 11 %, anaesthesiology 9 % and radiology 8 %. Laboratory tests are 31 % of all product codes,
  but hardly of all buyers: 12 % here.
* All else (roles, sources, time frames, answers) is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping

Shares = Mapping[str | None, float]

FACILITY_TYPES: Shares = {
    "ambulatory_surgery_centre": 0.32,
    "acute_care_hospital": 0.19,
    "physician_clinic": 0.16,
    "critical_access_hospital": 0.09,
    "clinical_laboratory": 0.08,
    "imaging_centre": 0.08,
    "psychiatric_hospital": 0.04,
    "university_hospital": 0.03,
    "childrens_hospital": 0.01,
}
MEDIAN_BEDS = {
    "acute_care_hospital": 190.0,
    "critical_access_hospital": 22.0,
    "childrens_hospital": 150.0,
    "psychiatric_hospital": 110.0,
    "university_hospital": 620.0,
}
"""Facilities that are not listed have no beds."""
FACILITY_NAMES = {
    "acute_care_hospital": "General Hospital",
    "critical_access_hospital": "Community Hospital",
    "childrens_hospital": "Children's Hospital",
    "psychiatric_hospital": "Psychiatric Hospital",
    "university_hospital": "University Hospital",
    "ambulatory_surgery_centre": "Surgery Centre",
    "imaging_centre": "Imaging Centre",
    "clinical_laboratory": "Laboratory",
    "physician_clinic": "Clinic",
}
PEOPLE_WEIGHT = {"university_hospital": 4.0, "acute_care_hospital": 1.6, "childrens_hospital": 1.6}
"""How many people of a site become leads, against a site of 1."""
REGIONS: Shares = {
    "north_america": 0.46,
    "dach": 0.20,
    "uk_ireland": 0.13,
    "nordics": 0.09,
    "southern_europe": 0.12,
}
COUNTRIES: Mapping[str | None, Shares] = {
    "north_america": {"US": 0.9, "CA": 0.1},
    "dach": {"DE": 0.78, "AT": 0.12, "CH": 0.1},
    "uk_ireland": {"GB": 0.88, "IE": 0.12},
    "nordics": {"SE": 0.4, "DK": 0.25, "NO": 0.2, "FI": 0.15},
    "southern_europe": {"IT": 0.45, "ES": 0.4, "PT": 0.15},
    "asia_pacific": {"AU": 0.5, "SG": 0.2, "JP": 0.3},
    None: {None: 1.0},
}
NEW_REGION = "asia_pacific"

CLINICAL = (
    "surgery",
    "cardiology",
    "radiology",
    "anaesthesiology",
    "intensive_care",
    "laboratory",
    "orthopaedics",
    "gastroenterology",
)
_WARDS: Shares = dict(zip(CLINICAL, (0.20, 0.13, 0.07, 0.09, 0.15, 0.12, 0.10, 0.14), strict=True))
SERVICE_LINES: Mapping[str, tuple[str, ...]] = {
    "acute_care_hospital": CLINICAL,
    "critical_access_hospital": ("surgery", "radiology", "laboratory", "intensive_care"),
    "childrens_hospital": ("surgery", "cardiology", "radiology", "anaesthesiology", "intensive_care", "laboratory"),
    "psychiatric_hospital": ("laboratory",),
    "university_hospital": CLINICAL,
    "ambulatory_surgery_centre": ("surgery", "anaesthesiology", "orthopaedics", "gastroenterology"),
    "imaging_centre": ("radiology", "cardiology"),
    "clinical_laboratory": ("laboratory",),
    "physician_clinic": ("cardiology", "gastroenterology", "orthopaedics", "laboratory"),
}

ROLES: Shares = {
    "physician": 0.24,
    "department_head": 0.14,
    "nurse_manager": 0.14,
    "procurement": 0.12,
    "biomedical_engineer": 0.08,
    "administrator": 0.08,
    "researcher": 0.06,
    "student": 0.04,
    "other": 0.06,
    None: 0.04,
}
WEAK_ROLES: Shares = {"student": 0.5, "researcher": 0.25, "other": 0.25}
_CLINICIANS: Shares = {**_WARDS, None: 0.08}
DEPARTMENTS: Mapping[str | None, Shares] = {
    "physician": _CLINICIANS,
    "department_head": _CLINICIANS,
    "nurse_manager": _CLINICIANS,
    "procurement": {"procurement": 0.85, "administration": 0.1, None: 0.05},
    "biomedical_engineer": {"it": 0.35, "intensive_care": 0.2, "laboratory": 0.15, None: 0.3},
    "administrator": {"administration": 0.75, "it": 0.1, None: 0.15},
    "researcher": {"laboratory": 0.4, "cardiology": 0.2, None: 0.4},
    "student": {**_WARDS, None: 0.6},
    "other": {"administration": 0.2, "it": 0.2, None: 0.6},
    None: {**_WARDS, "administration": 0.1, None: 0.5},
}
SPECIALTIES: Mapping[str | None, Shares] = {
    **{ward: {ward: 0.78, "radiology": 0.04, "surgery": 0.04, None: 0.14} for ward in CLINICAL},
    "radiology": {"radiology": 0.85, None: 0.15},
    "surgery": {"surgery": 0.75, "orthopaedics": 0.12, None: 0.13},
    "procurement": {None: 1.0},
    "it": {None: 1.0},
    "administration": {"surgery": 0.05, None: 0.95},
    None: {**dict.fromkeys(CLINICAL, 0.05), None: 0.6},
}
FITTING_WARDS: Mapping[str, tuple[str, ...]] = {
    "endoscopy_tower": ("surgery", "gastroenterology"),
    "patient_monitor": ("intensive_care", "anaesthesiology", "cardiology"),
    "infusion_pump": ("intensive_care", "anaesthesiology", "surgery"),
    "point_of_care_analyser": ("laboratory", "intensive_care", "cardiology"),
}
"""Departments and specialties that each product is made for."""
NEW_PRODUCT = "surgical_robot"
PRODUCTS: Mapping[str | None, Shares] = {
    department: {product: 2.2 if department in wards else 0.6 for product, wards in FITTING_WARDS.items()}
    for department in (*CLINICAL, "procurement", "it", "administration", None)
}

SOURCES: Shares = {
    "web_form": 0.26,
    "webinar": 0.16,
    "content_syndication": 0.15,
    "event": 0.13,
    "paid_search": 0.12,
    "referral": 0.06,
    "partner": 0.06,
    "purchased_list": 0.06,
}
CAMPAIGN_TYPES = (
    "webinar_series",
    "trade_show",
    "paid_search",
    "email_nurture",
    "content_syndication",
    "executive_briefing",
    "peer_reference",
    "partner_comarketing",
)
CAMPAIGN_OF_SOURCE: Mapping[str | None, Shares] = {
    "web_form": {"email_nurture": 0.3, "executive_briefing": 0.12, "peer_reference": 0.1, None: 0.48},
    "webinar": {"webinar_series": 0.9, None: 0.1},
    "content_syndication": {"content_syndication": 0.95, None: 0.05},
    "event": {"trade_show": 0.92, "executive_briefing": 0.08},
    "paid_search": {"paid_search": 0.95, None: 0.05},
    "referral": {"peer_reference": 0.5, "executive_briefing": 0.2, None: 0.3},
    "partner": {"partner_comarketing": 0.9, None: 0.1},
    "purchased_list": {"email_nurture": 0.8, None: 0.2},
    None: {None: 1.0},
}
USE_CASES: Shares = {"replacement": 0.28, "new_installation": 0.24, "expansion": 0.16, "research": 0.08, None: 0.24}
TIMEFRAMES: Shares = {
    "now": 0.08,
    "3_months": 0.14,
    "6_months": 0.18,
    "12_months": 0.15,
    "just_looking": 0.17,
    None: 0.28,
}
EMAIL_KINDS: Shares = {"corporate": 0.78, "personal": 0.12, "academic": 0.1}
FORM_SHARE: Mapping[str | None, float] = {
    "web_form": 1.0,
    "webinar": 0.9,
    "content_syndication": 0.95,
    "paid_search": 0.8,
    "event": 0.4,
    "partner": 0.5,
}
"""How many leads of a source filled in a form; the rest has no number of fields."""
JOB_TITLES: Mapping[str | None, Shares] = {
    "physician": {"Consultant": 0.4, "Attending Physician": 0.35, "Specialist Registrar": 0.25},
    "department_head": {"Head of Department": 0.4, "Chief Physician": 0.35, "Clinical Director": 0.25},
    "nurse_manager": {"Nurse Manager": 0.6, "Ward Manager": 0.25, "Director of Nursing": 0.15},
    "procurement": {"Purchasing Manager": 0.5, "Category Buyer": 0.3, "Head of Procurement": 0.2},
    "biomedical_engineer": {"Biomedical Engineer": 0.7, "Medical Technology Manager": 0.3},
    "administrator": {"Practice Manager": 0.5, "Hospital Administrator": 0.5},
    "researcher": {"Research Fellow": 0.6, "Professor": 0.4},
    "student": {"Student": 0.7, "Resident": 0.3},
    "other": {"Consultant": 0.3, "Journalist": 0.2, None: 0.5},
    None: {"Manager": 0.2, None: 0.8},
}
