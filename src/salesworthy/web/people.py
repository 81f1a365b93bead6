"""The page of people and tokens, for administrators: who may do what, and who no longer may."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form, Response

from salesworthy.web.access import PEOPLE
from salesworthy.web.refusals import NotFound, Refused
from salesworthy.web.routes import Area
from salesworthy.web.visit import Here

AREA = Area()
PATH = "/people"

Named = Annotated[str, Form(max_length=512)]


@AREA.get(PATH, access=PEOPLE)
def people(visit: Here) -> Response:
    """Everybody who may sign in, and every program with a token."""
    ledger = visit.services.ledger
    tokens = [(each, each.stands(visit.now)) for each in ledger.tokens.all()]
    reports = visit.request.app.state.counters.csp_reports
    return visit.page("people.html", people=ledger.users.all(), tokens=tokens, reports=reports)


@AREA.post(PATH + "/active", access=PEOPLE)
def set_active(visit: Here, name: Named, active: Annotated[bool, Form()]) -> Response:
    """Let somebody in again, or no longer; their sessions end at once."""
    users = visit.services.ledger.users
    stands = users.find(name)
    if stands is None:
        raise NotFound("person")
    if name == visit.person.name:
        raise Refused(409, "You cannot shut yourself out.", todo="Another administrator can.")
    if stands.active is not active:
        users.record(replace(stands, active=active), by=visit.person.name, now=visit.now)
    return visit.go(PATH)


@AREA.post(PATH + "/tokens/revoke", access=PEOPLE)
def revoke(visit: Here, token_id: Named) -> Response:
    """Take a token back."""
    visit.services.ledger.tokens.revoke(token_id, by=visit.person.name, now=visit.now)
    return visit.go(PATH)
