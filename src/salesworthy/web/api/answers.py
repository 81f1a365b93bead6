"""What the API answers: every moment in ISO 8601, every figure a number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from salesworthy.domain.moments import from_micros
from salesworthy.web.store.schema import MOMENTS

_PLACES = {"no", "pos"}
_MOMENTS = MOMENTS - _PLACES | {"at", "last_at", "as_of", "occurred_at", "known_at", "handed_at", "first_contact_at"}


class Told(BaseModel):
    """Why a request was refused, and what to do."""

    what: str
    todo: str = ""
    mistakes: list[dict[str, str]] = Field(default_factory=list)


class Refusal(BaseModel):
    """The answer to a request that was refused."""

    error: Told


class Run(BaseModel):
    """The published run that everything else is of."""

    run_id: str
    as_of: str = Field(description="The moment it was asked for, UTC.")
    model_version: str | None
    policy_version: str | None
    draft: bool = Field(description="Whether its policy was not approved.")


class Lead(BaseModel):
    """A lead with its decision."""

    lead_id: str
    account_id: str | None
    site: str | None
    team: str | None = Field(description="Who works it, or the deal at its site.")
    region: str | None
    country: str | None
    name: str | None
    role: str | None
    department: str | None
    specialty: str | None
    source: str | None
    campaign_id: str | None
    product: str | None
    use_case: str | None
    timeframe: str | None
    created_at: datetime | None
    decision: str
    decided_by: str | None
    propensity: float | None = Field(description="Calibrated probability of becoming an SQL within the window.")
    propensity_low: float | None
    propensity_high: float | None
    fit_grade: str | None
    interest_grade: str | None
    buying_step: str | None
    owner: str | None
    respond_by: datetime | None
    next_step: str | None
    track: str | None
    reason: str | None = Field(description="The sentence that speaks most for it, or decided.")
    reason_code: str | None


class LeadList(BaseModel):
    """Leads in the order of the queue."""

    leads: list[Lead]
    next: int | None = Field(description="Pass it as `after` for those that follow; null at the end.")


class Count(BaseModel):
    """How many leads are asked for."""

    leads: int
    more: bool = Field(description="Whether counting stopped there.")


class LeadDetail(BaseModel):
    """A lead with everything that stands behind its decision."""

    lead: Lead
    base_log_odds: float | None
    reasons: list[dict[str, Any]] = Field(description="Heaviest first; base and log-odds add up to the score.")
    rule_path: dict[str, Any] | None
    packet: dict[str, Any] | None = Field(description="What sales received; null where nothing was handed over.")
    acts: list[dict[str, Any]]
    consent: list[dict[str, Any]]


class RoleAtSite(BaseModel):
    """A role of the buying group: people who are seen, and those of them who did something lately."""

    role: str
    people: int
    active: int


class Deal(BaseModel):
    """Leads of a site that are one deal."""

    primary: str | None
    owner: str | None
    leads: list[str]


class AccountDetail(BaseModel):
    """A site, as far as its leads are seen."""

    site: dict[str, Any] | None
    leads: list[Lead]
    roles: list[RoleAtSite]
    deals: list[Deal]


class Figures(BaseModel):
    """Figures over all leads."""

    rows: list[dict[str, Any]]


def lead(row: Mapping[str, Any]) -> Lead:
    """A lead from a row of the store."""
    return Lead(**{name: plain(name, row.get(name)) for name in Lead.model_fields})


def account(found: Mapping[str, Any]) -> AccountDetail:
    """A site from the store."""
    return AccountDetail(
        site=plain("site", found["site"]),
        leads=[lead(row) for row in found["leads"]],
        roles=[RoleAtSite(role=role, **counts) for role, counts in found["roles"].items()],
        deals=[_deal(each) for each in found["deals"]],
    )


def _deal(found: Mapping[str, Any]) -> Deal:
    primary = found["primary"]
    return Deal(
        primary=None if primary is None else primary["lead_id"],
        owner=found["owner"],
        leads=[each["lead_id"] for each in found["leads"]],
    )


def packet(found: Mapping[str, Any] | None, seen: Collection[str] | None) -> dict[str, Any] | None:
    """A packet, with those colleagues alone that its reader sees.

    Args:
        found: The packet; None where nothing was handed over.
        seen: Leads of the site that the reader sees; None is all.
    """
    if found is None or seen is None:
        return None if found is None else dict(found)
    colleagues = [each for each in found["colleagues"] if each["lead_id"] in seen]
    deal = {**found["deal"], "leads": [each for each in found["deal"]["leads"] if each in seen]}
    return {**found, "colleagues": colleagues, "deal": deal}


def plain(name: str, value: Any) -> Any:
    """A value as JSON has it: moments by the name that they stand under."""
    if isinstance(value, Mapping):
        return {key: plain(key, each) for key, each in value.items() if key not in _PLACES}
    if isinstance(value, list | tuple):
        return [plain(name, each) for each in value]
    if name in _MOMENTS and isinstance(value, int):
        return from_micros(value)
    return value


def rows(found: Any) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [plain("", each) for each in found]
