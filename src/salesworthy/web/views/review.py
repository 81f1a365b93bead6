"""The calibration review: evidence, proposal with its replay, votes, adoption, minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Response
from fastapi.responses import PlainTextResponse
from markupsafe import Markup

from salesworthy.domain.errors import UserError
from salesworthy.ledger.reviews import VOTE_WORDS
from salesworthy.policy.approvals import TITLES
from salesworthy.reporting.markdown import from_markdown
from salesworthy.review.case import Case
from salesworthy.review.minutes import minutes
from salesworthy.review.permissions import check_can_adopt, check_can_propose, check_can_roll_back, check_can_vote
from salesworthy.review.states import SAYS
from salesworthy.web.access import REVIEW, REVIEW_CHANGE
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page
from salesworthy.web.visit import Here, Visit
from salesworthy.web.wording import address
from salesworthy.web.work import Vote

area = Area()
NO_ROLE = "you vote in none of the three roles: sales leadership, marketing operations and compliance do"
VOTES = {"approve": "Approve", "changes": "Ask for changes", "reject": "Reject"}
Note = Annotated[str, Form()]


@dataclass(frozen=True)
class Step:
    """Something that may be done in a review, or why not.

    Attributes:
        name: Of the step.
        refusal: The sentence of the check; empty where it may be done.
    """

    name: str
    refusal: str


@area.get("/review", access=REVIEW)
def reviews(visit: Here) -> Response:
    """Every review, the newest first."""
    found = list(reversed(visit.services.work.cases()))
    return page(visit, "reviews.html", cases=found, says=SAYS)


@area.get("/review/{review_id}", access=REVIEW)
def review(visit: Here, review_id: str) -> Response:
    """A review: what may be done now, and everything that is known of it."""
    case = _case(visit, review_id)
    text = minutes(visit.services.work.review(review_id))
    return page(
        visit,
        "review.html",
        case=case,
        roles=TITLES,
        votes=VOTES,
        signs_as=visit.person.signs_as,
        steps={each.name: each for each in steps_of(visit, case)},
        minutes=Markup(from_markdown(text.partition("\n")[2])),  # noqa: S704 -- made of escaped text by reporting
    )


@area.get("/review/{review_id}/minutes.md", access=REVIEW)
def review_minutes(visit: Here, review_id: str) -> Response:
    """The minutes, to keep."""
    case = _case(visit, review_id)
    return PlainTextResponse(minutes(visit.services.work.review(case.review.review_id)), media_type="text/markdown")


@area.post("/review/{review_id}/vote", access=REVIEW_CHANGE)
def vote(visit: Here, review_id: str, said: Annotated[str, Form()], note: Note = "") -> Response:
    """Vote on the newest proposal, in the role that this person signs in."""
    case, person = _case(visit, review_id), visit.person
    if said not in VOTE_WORDS or person.signs_as is None:
        raise NotFound("vote")
    visit.services.work.vote(case.review.review_id, Vote(person.signs_as, said, person.name, note), visit.now)
    return visit.go(_path(review_id))


@area.post("/review/{review_id}/adopt", access=REVIEW_CHANGE)
def adopt(visit: Here, review_id: str, note: Note = "") -> Response:
    """Put the proposal in force."""
    case = _case(visit, review_id)
    visit.services.work.adopt(case.review.review_id, visit.person.name, visit.now, note)
    return visit.go(_path(review_id))


@area.post("/review/{review_id}/rollback", access=REVIEW_CHANGE)
def roll_back(visit: Here, review_id: str, note: Note = "") -> Response:
    """Take the adoption of this review back."""
    case = _case(visit, review_id)
    check_can_roll_back(case)
    visit.services.work.roll_back(visit.person.name, visit.now, note)
    return visit.go(_path(review_id))


def steps_of(visit: Visit, case: Case) -> list[Step]:
    """What this person may do in a review now, and why not the rest."""
    person = visit.person
    role = person.signs_as
    can_vote = NO_ROLE if role is None else _refusal(lambda: check_can_vote(case, role=role, by=person.name))
    return [
        Step("propose", _refusal(lambda: check_can_propose(case, by=person.name))),
        Step("vote", can_vote),
        Step("adopt", _refusal(lambda: check_can_adopt(case))),
        Step("rollback", _refusal(lambda: check_can_roll_back(case))),
    ]


def _refusal(check: Callable[[], Any]) -> str:
    """The sentence with which a step is refused; empty where it is not."""
    try:
        check()
    except UserError as refused:
        return refused.what
    return ""


def _case(visit: Visit, review_id: str) -> Case:
    found: Case | None = next(
        (each for each in visit.services.work.cases() if each.review.review_id == review_id), None
    )
    if found is None:
        raise NotFound("review")
    return found


def _path(review_id: str) -> str:
    return f"/review/{address(review_id)}"
