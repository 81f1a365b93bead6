"""Which columns say who a person is and where a site is: those that the workspace names, and those that are marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from salesworthy.domain.errors import UserError
from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.marks import MarkKind
from salesworthy.domain.names import nearest
from salesworthy.intake.checked import ColumnFacts
from salesworthy.intake.duplicates_settings import DuplicateSettings

Facts = Mapping[str, ColumnFacts]

PEOPLE_NAMES = {
    "name": ("full_name", "fullname", "name", "contact_name"),
    "first_name": ("first_name", "firstname", "given_name"),
    "last_name": ("last_name", "lastname", "surname", "family_name"),
    "email": ("email", "email_address", "e_mail", "emailaddress1", "work_email", "email_key"),
    "phone": ("phone", "phone_number", "telephone1", "mobilephone", "mobile_phone", "mobile_phone_number"),
    "job_title": ("job_title", "jobtitle", "title"),
}
"""Part of an identity -> what its column is called in plain letters; the first that is there is taken."""
SITE_NAMES = {
    "domain": ("domain", "company_domain_name", "website", "websiteurl", "web_site"),
    "phone": ("phone", "phone_number", "telephone1"),
    "street": ("street", "street_address", "address", "address1_line1", "billing_street", "billingstreet"),
    "city": ("city", "address1_city", "billing_city", "billingcity"),
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "address1_postalcode", "billing_zip_postal_code"),
}
IDENTIFYING = ("name", "last_name", "email")
"""Without one of these nobody can tell who somebody is."""


@dataclass(frozen=True)
class IdentityColumns:
    """Part of an identity -> the column that holds it; parts that no column holds are not there."""

    people: Mapping[str, str]
    sites: Mapping[str, str]


def identity_columns(schema: Mapping[str, Facts], settings: DuplicateSettings) -> IdentityColumns | None:
    """The columns to compare; None where duplicates are not looked for.

    Raises:
        UserError: When the settings name a column that is not there, or ask for duplicates and no column identifies.
    """
    if settings.on is False:
        return None
    leads = schema["leads"]
    named = {part: column for part, column in settings.people if column is not None}
    _refuse_unknown("people", "leads", named, leads)
    marked = {name: facts for name, facts in leads.items() if _is_personal(facts)}
    among = leads if settings.on is True else marked
    people = _found(PEOPLE_NAMES, among, named) | _found({"job_title": PEOPLE_NAMES["job_title"]}, leads, named)
    people = {part: column for part, column in people.items() if column}
    if not any(part in people for part in IDENTIFYING):
        if settings.on is True:
            todo = "name one: people = { name = ..., email = ... } under [duplicates]"
            raise UserError("no column of leads says who a person is", where="salesworthy.toml: duplicates", todo=todo)
        return None
    accounts = schema.get("accounts", {})
    sites = {part: column for part, column in settings.sites if column is not None}
    _refuse_unknown("sites", "accounts", sites, accounts)
    return IdentityColumns(
        people, {part: column for part, column in _found(SITE_NAMES, accounts, sites).items() if column}
    )


def off_findings(schema: Mapping[str, Facts], settings: DuplicateSettings) -> list[Finding]:
    """``DUPLICATES_OFF`` where nobody looks for duplicates because no column identifies, and nobody said not to."""
    if settings.on != "found" or identity_columns(schema, settings) is not None:
        return []
    alike = {part: column for part, column in _found(PEOPLE_NAMES, schema["leads"], {}).items() if column}
    alike.pop("job_title", None)
    told = f"; {', '.join(alike.values())} may do" if alike else ""
    says = f"leads: nobody looked for duplicates: no column is known to say who a person is{told}"
    named = ", ".join(f'{part} = "{column}"' for part, column in alike.items()) or 'name = "..."'
    todo = f"name the columns under [duplicates.people]: {named}; or write on = false under [duplicates]"
    return [Finding("DUPLICATES_OFF", Severity.INFO, says, "leads", todo=todo)]


def _is_personal(facts: ColumnFacts) -> bool:
    return facts.mark is not None and facts.mark.kind is MarkKind.PERSONAL


def _found(names: Mapping[str, tuple[str, ...]], facts: Facts, named: Mapping[str, str]) -> dict[str, str]:
    plain = {_plain(name): name for name in reversed(list(facts)) if facts[name].present}
    found = {part: next((plain[each] for each in known if each in plain), "") for part, known in names.items()}
    return found | {part: column for part, column in named.items() if part in names}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _refuse_unknown(section: str, table: str, named: Mapping[str, str], facts: Facts) -> None:
    for part, column in named.items():
        if column and column not in facts:
            where = f"salesworthy.toml: duplicates.{section}.{part}"
            raise UserError(f"{table} has no column {column!r}", where=where, todo=nearest(column, list(facts)))
