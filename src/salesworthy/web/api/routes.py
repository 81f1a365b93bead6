"""Routes of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from salesworthy.web.access import API_ANY, API_FIGURES, API_LEADS, FILES
from salesworthy.web.api.answers import (
    AccountDetail,
    Count,
    Figures,
    LeadDetail,
    LeadList,
    Refusal,
    Run,
    account,
    lead,
    packet,
    plain,
    rows,
)
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area
from salesworthy.web.store.filters import LONGEST, Filters
from salesworthy.web.store.queue import MOST_COUNTED
from salesworthy.web.visit import Here, Visit

AREA = Area()
ROOT = "/api/v1"
ABOUT = "What the pages show, for programs: each with a token of its own, which sees what its roles see."
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The request cannot be read."},
    401: {"model": Refusal, "description": "No valid token was sent."},
    403: {"model": Refusal, "description": "The token's roles do not include this."},
    422: {"model": Refusal, "description": "A value is out of range."},
    503: {"model": Refusal, "description": "Nothing is scored yet."},
}
_OR_NONE = _REFUSALS | {404: {"model": Refusal, "description": "There is none, or it is not one of yours."}}
_MOST = 2**53 - 1

Key = Annotated[str, Path(min_length=1, max_length=512)]
Text = Annotated[str, Query(max_length=LONGEST)]
Place = Annotated[int, Query(ge=0, le=_MOST)]


@dataclass(frozen=True)
class Asked:
    """Which leads are asked for, in the words of the queue's address."""

    q: Text = ""
    decision: Text = ""
    fit: Text = ""
    interest: Text = ""
    step: Text = ""
    product: Text = ""
    team: Text = ""
    reason: Text = ""

    @property
    def filters(self) -> Filters:
        """The same as the queue has them."""
        return Filters.from_query(asdict(self))


@AREA.get("/api/openapi.json", access=FILES, include_in_schema=False)
def openapi(request: Request) -> Response:
    """The description of the API; it says nothing of anybody."""
    return JSONResponse(described(request.app))


@lru_cache(maxsize=8)
def described(app: FastAPI) -> dict[str, Any]:
    """The description of an application's API, as OpenAPI."""
    told = get_openapi(title=app.title, version="1", description=ABOUT, routes=app.routes)
    told.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}]
    return told


@AREA.get(f"{ROOT}/run", access=API_ANY, response_model=Run, responses=_REFUSALS)
def run(visit: Here) -> dict[str, Any]:
    """The published run."""
    found: dict[str, Any] = visit.services.store.run()
    return found


@AREA.get(f"{ROOT}/leads", access=API_LEADS, response_model=LeadList, responses=_REFUSALS)
def leads(
    visit: Here,
    asked: Annotated[Asked, Depends()],
    after: Place = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LeadList:
    """Leads in the order of the queue, filtered as the queue is."""
    found = visit.services.store.leads(visit.scope, asked.filters, after=after, limit=limit)
    return LeadList(leads=[lead(row) for row in found.rows], next=found.rows[-1]["no"] if found.more else None)


@AREA.get(f"{ROOT}/leads-count", access=API_LEADS, response_model=Count, responses=_REFUSALS)
def count(visit: Here, asked: Annotated[Asked, Depends()]) -> Count:
    """How many leads are asked for; counting stops somewhere."""
    found = visit.services.store.count(visit.scope, asked.filters)
    return Count(leads=min(found, MOST_COUNTED), more=found > MOST_COUNTED)


@AREA.get(f"{ROOT}/leads/{{lead_id:path}}", access=API_LEADS, response_model=LeadDetail, responses=_OR_NONE)
def one_lead(visit: Here, lead_id: Key) -> LeadDetail:
    """One lead with everything that stands behind its decision."""
    found = visit.services.store.lead(visit.scope, lead_id)
    if found is None:
        raise NotFound("lead")
    told = {name: plain(name, found[name]) for name in LeadDetail.model_fields if name not in {"lead", "packet"}}
    return LeadDetail(lead=lead(found["lead"]), packet=packet(found["packet"], _seen(visit, found["lead"])), **told)


@AREA.get(f"{ROOT}/accounts/{{account_id:path}}", access=API_LEADS, response_model=AccountDetail, responses=_OR_NONE)
def one_account(visit: Here, account_id: Key) -> AccountDetail:
    """One site with those of its leads that are seen."""
    found = visit.services.store.account(visit.scope, account_id)
    if found is None:
        raise NotFound("account")
    return account(found)


@AREA.get(f"{ROOT}/figures/{{name}}", access=API_FIGURES, response_model=Figures, responses=_REFUSALS)
def figures(visit: Here, name: Literal["reasons", "campaigns", "content", "tracks", "sources"]) -> Figures:
    """Figures over all leads: reasons, campaigns, content, nurture tracks, sources."""
    return Figures(rows=rows(visit.services.store.figures(visit.scope, name)))


def _seen(visit: Visit, found: Mapping[str, Any]) -> frozenset[str] | None:
    """Leads at the site of one that its reader sees; None is all."""
    if visit.scope.is_everything or found["account_id"] is None:
        return None if visit.scope.is_everything else frozenset({found["lead_id"]})
    at_site = visit.services.store.account(visit.scope, found["account_id"])
    return frozenset(each["lead_id"] for each in at_site["leads"]) if at_site else frozenset()
