"""Small exports as CRMs write them, made of the synthetic market: their names, their dates, their extra fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

Frames = dict[str, pl.DataFrame]
LABELS = "labels"
API = "api"
TITLES = {
    "physician": "Physician",
    "department_head": "Department Head",
    "nurse_manager": "Nurse Manager",
    "procurement": "Procurement",
    "biomedical_engineer": "Biomedical Engineer",
    "administrator": "Administrator",
    "researcher": "Researcher",
    "student": "Student",
    "other": "Other",
}
FACILITIES = {
    "acute_care_hospital": "Acute Care Hospital",
    "critical_access_hospital": "Critical Access Hospital",
    "childrens_hospital": "Children's Hospital",
    "psychiatric_hospital": "Psychiatric Hospital",
    "university_hospital": "University Hospital",
    "ambulatory_surgery_centre": "Ambulatory Surgery Center",
    "imaging_centre": "Imaging Center",
    "clinical_laboratory": "Laboratory",
    "physician_clinic": "Clinic",
}
COUNTRIES = {"US": "United States", "DE": "Germany", "GB": "United Kingdom", "CH": "Switzerland"}


def read_market(folder: Path) -> Frames:
    """The tables of a market; each lead with its first settled outcome, moments to the minute."""
    names = ("leads", "accounts", "engagements", "outcomes", "handoffs", "consents")
    tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}
    settled = tables["outcomes"].filter(pl.col("disposition").is_in(["accepted", "rejected", "unreachable"]))
    first = settled.sort("at", "lead_id").unique("lead_id", keep="first", maintain_order=True)
    leads = tables["leads"].join(first.select("lead_id", "disposition", "at"), on="lead_id", how="left")
    handed = tables["handoffs"].sort("handed_at").unique("lead_id", keep="first")
    leads = leads.join(handed.select("lead_id", "handed_at"), on="lead_id", how="left").sort("lead_id")
    out = tables["consents"].filter(pl.col("state") == "withdrawn").select("lead_id").unique()
    leads = leads.join(out.with_columns(opted_out=pl.lit(value=True)), on="lead_id", how="left")
    leads = leads.with_columns(pl.col("opted_out").fill_null(value=False))
    minutes = [pl.col(name).dt.truncate("1m") for name in ("created_at", "at", "handed_at")]
    return {**tables, "leads": leads.with_columns(minutes)}


def _when(name: str, written: str) -> pl.Expr:
    """Moments as text: without leading zeros where ``written`` has a minus, as spreadsheets write them."""
    return pl.col(name).dt.strftime(written)


def _named(column: str, names: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace(names)


def _yes(expression: pl.Expr, words: tuple[str, str]) -> pl.Expr:
    return pl.when(expression).then(pl.lit(words[0])).otherwise(pl.lit(words[1]))


def salesforce(market: Frames, style: str) -> Frames:
    """Lead, LeadHistory, Account and CampaignMember."""
    api = style == API
    moment = "%Y-%m-%dT%H:%M:%S.000+0000" if api else "%-m/%-d/%Y, %-I:%M %p"
    day = "%Y-%m-%d" if api else "%-m/%-d/%Y"
    name = _names(api)
    won = pl.col("disposition") == "accepted"
    leads = market["leads"]
    flags = ("true", "false") if api else ("1", "0")
    lead = leads.select(
        pl.col("lead_id").alias(name("Id", "Lead ID")),
        _when("created_at", moment).alias(name("CreatedDate", "Create Date")),
        pl.lit("Quillfeather").alias(name("LastName", "Last Name")),
        (pl.col("lead_id") + "@example.org").alias("Email"),
        pl.lit("J. Seller").alias(name("OwnerId", "Lead Owner")),
        pl.col("account_id").alias(name("Account__c", "Account ID")),
        pl.lit("Some clinic").alias(name("Company", "Company / Account")),
        _named("role", TITLES).alias(name("Role__c", "Role")),
        pl.col("department").alias(name("Department__c", "Department")),
        pl.col("specialty").alias(name("Specialty__c", "Specialty")),
        pl.col("source").alias(name("LeadSource", "Lead Source")),
        pl.col("product").alias(name("Product_Interest__c", "Product Interest")),
        pl.col("use_case").alias(name("Use_Case__c", "Use Case")),
        pl.col("timeframe").alias(name("Timeframe__c", "Timeframe")),
        pl.col("beds_reported").alias("Beds_Reported__c"),
        pl.when(won).then(pl.lit("Qualified")).otherwise(pl.lit("New")).alias(name("Status", "Lead Status")),
        _yes(won.fill_null(value=False), flags).alias(name("IsConverted", "Converted")),
        pl.when(won).then(_when("at", day)).alias(name("ConvertedDate", "Converted Date")),
        pl.when(won).then("lead_id").alias(name("ConvertedOpportunityId", "Converted Opportunity ID")),
        _yes(pl.col("opted_out"), flags).alias(name("HasOptedOutOfEmail", "Email Opt Out")),
        pl.lit("called twice, patient of 1954").alias("Description"),
    )
    status = {"rejected": "Closed - Not Converted", "unreachable": "Unreachable"}
    changed = leads.filter(pl.col("disposition").is_in(list(status)))
    history = changed.select(
        pl.col("lead_id").alias(name("LeadId", "Lead ID")),
        pl.lit("Status" if api else "Lead Status").alias(name("Field", "Field / Event")),
        pl.lit("Working - Contacted").alias(name("OldValue", "Old Value")),
        _named("disposition", status).alias(name("NewValue", "New Value")),
        _when("at", moment).alias(name("CreatedDate", "Edit Date")),
    )
    owners = history.with_columns(
        pl.lit("Owner").alias(name("Field", "Field / Event")), pl.lit("J. Seller").alias(name("NewValue", "New Value"))
    )
    account = market["accounts"].select(
        pl.col("account_id").alias(name("Id", "Account ID")),
        pl.col("parent_account_id").alias(name("ParentId", "Parent Account ID")),
        pl.col("name").alias(name("Name", "Account Name")),
        _named("facility_type", FACILITIES).alias(name("Facility_Type__c", "Facility Type")),
        pl.col("region").alias(name("Region__c", "Region")),
        _named("country", COUNTRIES).alias(name("BillingCountry", "Billing Country")),
        pl.col("beds").alias(name("Number_of_Beds__c", "Number of Beds")),
        pl.lit("Prospect").alias(name("Type", "Account Type")),
    )
    members = _acts(market, ("webinar", "booth", "form")).select(
        pl.col("lead_id").alias(name("LeadId", "Lead ID")),
        pl.col("campaign_id").alias(name("CampaignId", "Campaign ID")),
        _named("kind", {"webinar": "Webinar", "booth": "Trade Show", "form": "Web"}).alias(
            name("Campaign.Type", "Campaign Type")
        ),
        pl.lit("Responded").alias(name("Status", "Member Status")),
        _yes(pl.col("asked"), flags).alias(name("HasResponded", "Responded")),
        pl.when("asked").then(_when("occurred_at", day)).alias(name("FirstRespondedDate", "First Responded Date")),
        _when("occurred_at", moment).alias(name("CreatedDate", "Created Date")),
    )
    return {
        "leads": lead, "lead_history": pl.concat([history, owners]), "accounts": account, "campaign_members": members,
    }  # fmt: skip


def hubspot(market: Frames, style: str) -> Frames:
    """Contacts, companies and activities."""
    api = style == API
    moment = "%Y-%m-%dT%H:%M:%S.000Z" if api else "%Y-%m-%d %H:%M"
    name = _names(api)
    stages = {"accepted": "salesqualifiedlead" if api else "Sales Qualified Lead"}
    other = "marketingqualifiedlead" if api else "Marketing Qualified Lead"
    contacts = market["leads"].select(
        pl.col("lead_id").alias(name("hs_object_id", "Record ID")),
        _when("created_at", moment).alias(name("createdate", "Create Date")),
        pl.lit("Xanthe").alias(name("firstname", "First Name")),
        (pl.col("lead_id") + "@example.org").alias(name("email", "Email")),
        pl.lit("J. Seller").alias(name("hubspot_owner_id", "Contact owner")),
        pl.col("account_id").alias(name("associatedcompanyid", "Associated Company ID")),
        _named("role", TITLES).alias(name("job_function", "Job function")),
        pl.col("department").alias(name("department", "Department")),
        pl.col("specialty").alias(name("specialty", "Specialty")),
        pl.col("source").alias(name("hs_analytics_source", "Original Source")),
        pl.col("product").alias(name("product_interest", "Product interest")),
        pl.col("use_case").alias(name("use_case", "Use case")),
        pl.col("timeframe").alias(name("timeframe", "Timeframe")),
        pl.col("disposition")
        .replace_strict(stages, default=other, return_dtype=pl.String)
        .fill_null(other)
        .alias(name("lifecyclestage", "Lifecycle Stage")),
        _when("handed_at", moment).alias(
            name("hs_lifecyclestage_marketingqualifiedlead_date", "Became a marketing qualified lead date")
        ),
        pl.when(pl.col("disposition") == "accepted")
        .then(_when("at", moment))
        .alias(name("hs_lifecyclestage_salesqualifiedlead_date", "Became a Sales Qualified Lead Date")),
        pl.when(pl.col("disposition") == "accepted")
        .then(1)
        .otherwise(0)
        .alias(name("num_associated_deals", "Number of Associated Deals")),
        _yes(pl.col("opted_out"), ("true", "false") if api else ("Yes", "")).alias(
            name("hs_email_optout", "Unsubscribed from all email")
        ),
    )
    companies = market["accounts"].select(
        pl.col("account_id").alias(name("hs_object_id", "Record ID")),
        pl.col("parent_account_id").alias(name("hs_parent_company_id", "Parent Company ID")),
        pl.col("name").alias(name("name", "Company name")),
        _named("facility_type", FACILITIES).alias(name("facility_type", "Facility type")),
        pl.col("region").alias(name("region", "Region")),
        _named("country", COUNTRIES).alias(name("country", "Country/Region")),
        pl.col("beds").alias(name("number_of_beds", "Number of beds")),
    )
    kinds = {"open": "OPEN", "click": "CLICK", "form": "FORM_SUBMISSION", "webinar": "WEBINAR"}
    acts = _typed(market, kinds, ("CALL", "STATUSCHANGE", "SENT", "SPAMREPORT"))
    activities = acts.select(
        pl.col("lead_id").alias(name("contactId", "Contact ID")),
        _when("occurred_at", moment).alias(name("hs_timestamp", "Activity date")),
        pl.col("type").alias(name("hs_activity_type", "Activity type")),
        pl.col("content_id").alias(name("content_id", "Content ID")),
        pl.col("agent").alias(name("userAgent", "User agent")),
        pl.lit("false").alias(name("filteredEvent", "Filtered event")),
    )
    return {"contacts": contacts, "companies": companies, "activities": activities}


def dynamics(market: Frames, style: str) -> Frames:
    """Leads, accounts and interactions."""
    api = style == API
    moment = "%Y-%m-%dT%H:%M:%SZ" if api else "%d/%m/%Y %H:%M"
    name = _names(api)
    codes = {"accepted": "3", "rejected": "4", "unreachable": "5"}
    labels = {"accepted": "Qualified", "rejected": "Lost", "unreachable": "Cannot Contact"}
    sources = {"web_form": ("8", "Web"), "event": ("7", "Trade Show"), "partner": ("4", "Partner")}
    lead = market["leads"].select(
        pl.col("lead_id").alias(name("leadid", "(Do Not Modify) Lead")),
        _when("created_at", moment).alias(name("createdon", "Created On")),
        pl.lit("Xanthe Quillfeather").alias(name("fullname", "Name")),
        (pl.col("lead_id") + "@example.org").alias(name("emailaddress1", "Email")),
        pl.lit("J. Seller").alias(name("_ownerid_value", "Owner")),
        pl.col("account_id").alias(name("_parentaccountid_value", "Parent Account for lead")),
        _named("role", TITLES).alias(name("new_role", "Role")),
        pl.col("department").alias(name("new_department", "Department")),
        pl.col("specialty").alias(name("new_specialty", "Specialty")),
        _named("source", {ours: both[0 if api else 1] for ours, both in sources.items()}).alias(
            name("leadsourcecode", "Lead Source")
        ),
        pl.col("product").alias(name("new_productinterest", "Product Interest")),
        pl.col("use_case").alias(name("new_usecase", "Use Case")),
        pl.col("disposition")
        .replace_strict(codes if api else labels, default=None, return_dtype=pl.String)
        .fill_null("1" if api else "New")
        .alias(name("statuscode", "Status Reason")),
        pl.coalesce(_when("at", moment), _when("created_at", moment)).alias(name("modifiedon", "Modified On")),
        pl.when(pl.col("disposition") == "accepted")
        .then("lead_id")
        .alias(name("_qualifyingopportunityid_value", "Qualifying Opportunity")),
        _yes(pl.col("opted_out"), ("true", "false") if api else ("Do Not Allow", "Allow")).alias(
            name("donotemail", "Do not allow Emails")
        ),
    )
    account = market["accounts"].select(
        pl.col("account_id").alias(name("accountid", "(Do Not Modify) Account")),
        pl.col("parent_account_id").alias(name("_parentaccountid_value", "Parent Account")),
        pl.col("name").alias(name("name", "Account Name")),
        _named("facility_type", FACILITIES).alias(name("new_facilitytype", "Facility Type")),
        pl.col("region").alias(name("new_region", "Region")),
        _named("country", COUNTRIES).alias(name("address1_country", "Country/Region")),
        pl.col("beds").alias(name("new_beds", "Number of Beds")),
    )
    kinds = {"open": "EmailOpened", "click": "EmailClicked", "form": "FormSubmitted", "booth": "EventCheckIn"}
    others = ("BotEmailLinkClicked", "EmailHardBounced", "EmailBlockedByUser", "JourneyEventCompleted", "Phone Call")
    activities = _typed(market, kinds, others).select(
        pl.col("lead_id").alias(name("LeadId", "Regarding ID")),
        _when("occurred_at", moment).alias(name("Timestamp", "Actual End")),
        pl.col("type").alias(name("InteractionType", "Interaction Type")),
        pl.col("content_id").alias(name("MessageId", "Content ID")),
        pl.col("agent").alias(name("UserAgent", "User agent")),
    )
    return {"leads": lead, "accounts": account, "activities": activities}


def salesforce_contacts(market: Frames, style: str) -> Frames:
    """Contact, Opportunity, Account and CampaignMember of an organisation that works without leads."""
    name = _names(style == API)
    exports = salesforce(market, style)
    of_leads = ("Status", "Lead Status", "IsConverted", "Converted", "Company", "Company / Account")
    gone = [each for each in exports["leads"].columns if each in of_leads or each.startswith("Converted")]
    names = {
        "Lead ID": "Contact ID", "Create Date": "Created Date", "Lead Owner": "Contact Owner",
        "Account__c": "AccountId", "Department__c": "Department",
    }  # fmt: skip
    contacts = exports["leads"].drop(gone).rename(names, strict=False)
    accepted = market["leads"].filter(pl.col("disposition") == "accepted")
    opportunities = accepted.select(
        ("O" + pl.col("lead_id")).alias(name("Id", "Opportunity ID")),
        pl.col("lead_id").alias(name("ContactId", "Contact ID")),
        _when("at", "%Y-%m-%dT%H:%M:%S.000+0000" if style == API else "%-m/%-d/%Y").alias(
            name("CreatedDate", "Created Date")
        ),
        pl.lit("Negotiation").alias(name("StageName", "Stage")),
        pl.lit("12000").alias("Amount"),
    )
    members = exports["campaign_members"].rename({"LeadId": "ContactId", "Lead ID": "Contact ID"}, strict=False)
    return {
        "contacts": contacts, "opportunities": opportunities, "accounts": exports["accounts"],
        "campaign_members": members,
    }  # fmt: skip


EXPORTS: dict[str, Callable[[Frames, str], Frames]] = {
    "salesforce": salesforce, "hubspot": hubspot, "dynamics": dynamics,
}  # fmt: skip
"""By the CRM whose workspace reads them."""


def _names(api: bool) -> Callable[[str, str], str]:
    return lambda api_name, label: api_name if api else label


def _acts(market: Frames, kinds: tuple[str, ...]) -> pl.DataFrame:
    """Acts of these kinds; every eleventh row is one that the lead did not ask for."""
    acts = market["engagements"].filter(pl.col("kind").is_in(kinds)).with_row_index("number")
    return acts.with_columns(asked=pl.col("number") % 11 != 0, occurred_at=pl.col("occurred_at").dt.truncate("1m"))


def _typed(market: Frames, kinds: dict[str, str], others: tuple[str, ...]) -> pl.DataFrame:
    """Acts with their CRM's ``type``; those that the lead did not ask for are of the other types in turn."""
    acts = _acts(market, tuple(kinds))
    other = (pl.col("number") // 11 % len(others)).replace_strict(dict(enumerate(others)), return_dtype=pl.String)
    return acts.with_columns(pl.when("asked").then(_named("kind", kinds)).otherwise(other).alias("type"))


def write_exports(market: Frames, crm: str, style: str, folder: Path) -> None:
    """Write the exports of a CRM as CSV files."""
    write_frames(EXPORTS[crm](market, style), folder)


def write_frames(frames: Frames, folder: Path) -> None:
    """Write frames as CSV files of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv")
