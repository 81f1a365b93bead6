"""The calibration review: opened on evidence, proposed, voted on unseen, put in force, taken back, written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Form, Response
from fastapi.responses import PlainTextResponse
from markupsafe import Markup

from salesworthy.domain.errors import GateRefused, UserError
from salesworthy.domain.moments import format_moment
from salesworthy.ledger.reviews import VOTE_WORDS
from salesworthy.policy.approvals import TITLES
from salesworthy.reporting.markdown import from_markdown
from salesworthy.review.case import Case
from salesworthy.review.minutes import VOTE_SAYS, minutes
from salesworthy.review.permissions import (
    check_can_adopt,
    check_can_propose,
    check_can_roll_back,
    check_can_see_votes,
    check_can_vote,
)
from salesworthy.review.states import SAYS
from salesworthy.web.access import REVIEW, REVIEW_CHANGE
from salesworthy.web.refusals import NotFound
from salesworthy.web.roles import Role, Viewer
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page, store_of
from salesworthy.web.visit import Here, Visit
from salesworthy.web.wording import address
from salesworthy.web.work import Adoption, Vote

area = Area()
NO_ROLE = "you vote in none of the three roles: sales leadership, marketing operations and compliance do"
READS_ALONG = "you read along: those who vote, marketing, compliance and data science open reviews and propose in them"
PREPARE = frozenset({Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE})
"""Roles that open, propose and put in force; whoever votes may as well."""
VOTES = {"approve": "Approve", "changes": "Ask for changes", "reject": "Reject"}
KINDS = {"open": "The evidence", "propose": "The proposal", "adopt": "Putting it in force"}
"""What is done beside the pages, as a sentence begins."""
Note = Annotated[str, Form(max_length=2_000)]


@area.get("/review", access=REVIEW)
def reviews(visit: Here) -> Response:
    """Every review, the newest first, and where a new one is opened."""
    found = list(reversed(visit.services.work.cases()))
    opening = visit.services.work.underway("")
    told = refusal(lambda: check_can_prepare(visit.person))
    return page(
        visit, "reviews.html", cases=found, says=SAYS, opening=opening, refused=told, day=day_of_evidence(visit)
    )


@area.post("/review", access=REVIEW_CHANGE)
def open_review(visit: Here, as_of: Annotated[str, Form(max_length=40)], name: Annotated[str, Form()] = "") -> Response:
    """Begin to collect the evidence of a new review."""
    check_can_prepare(visit.person)
    visit.services.work.open_review(visit.person.name, as_of, name.strip(), visit.now)
    return visit.go("/review")


@area.get("/review/{review_id}", access=REVIEW)
def review(visit: Here, review_id: str) -> Response:
    """A review: what may be done now, and everything that is known of it."""
    case = case_of(visit, review_id)
    document = visit.services.work.review(review_id)
    return page(
        visit,
        "review.html",
        case=case,
        review=document,
        roles=TITLES,
        votes=VOTES,
        vote_says=VOTE_SAYS,
        kinds=KINDS,
        signs_as=visit.person.signs_as,
        steps=refusals_of(visit.person, case),
        underway=visit.services.work.underway(review_id),
        gate=_gate(case),
        minutes=Markup(from_markdown(_without_head(minutes(document)))),  # noqa: S704 -- made of escaped text
    )


@area.get("/review/{review_id}/minutes.md", access=REVIEW)
def review_minutes(visit: Here, review_id: str) -> Response:
    """The minutes, to keep."""
    case = case_of(visit, review_id)
    return PlainTextResponse(minutes(visit.services.work.review(case.review.review_id)), media_type="text/markdown")


@area.get("/review/{review_id}/votes", access=REVIEW)
def votes(visit: Here, review_id: str) -> Response:
    """Who voted how, once all votes are in.

    Raises:
        GateRefused: Before that.
    """
    check_can_see_votes(case_of(visit, review_id))
    return visit.go(f"{path_of(review_id)}#votes")


@area.post("/review/{review_id}/vote", access=REVIEW_CHANGE)
def vote(visit: Here, review_id: str, said: Annotated[str, Form()], note: Note = "") -> Response:
    """Vote on the newest proposal, in the role that this person signs in."""
    case, person = case_of(visit, review_id), visit.person
    if said not in VOTE_WORDS:
        raise NotFound("vote")
    if person.signs_as is None:
        raise GateRefused(NO_ROLE, where=review_id)
    visit.services.work.vote(case.review.review_id, Vote(person.signs_as, said, person.name, note), visit.now)
    return visit.go(path_of(review_id))


@area.post("/review/{review_id}/adopt", access=REVIEW_CHANGE)
def adopt(
    visit: Here,
    review_id: str,
    note: Note = "",
    because: Note = "",
    despite: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Put the proposal in force."""
    case = case_of(visit, review_id)
    check_can_prepare(visit.person)
    given = Adoption(note, tuple(despite or ()), because.strip())
    visit.services.work.adopt(case.review.review_id, given, visit.person.name, visit.now)
    return visit.go(path_of(review_id))


@area.post("/review/{review_id}/rollback", access=REVIEW_CHANGE)
def roll_back(visit: Here, review_id: str, note: Note = "") -> Response:
    """Take the adoption of this review back."""
    case = case_of(visit, review_id)
    check_can_prepare(visit.person)
    check_can_roll_back(case)
    visit.services.work.roll_back(visit.person.name, visit.now, note)
    return visit.go(path_of(review_id))


def check_can_prepare(person: Viewer) -> None:
    """Refuse to let somebody open, propose or put in force who neither votes nor answers for campaigns, law or models.

    Raises:
        GateRefused: With the reason as a sentence.
    """
    if person.signs_as is None and not person.may(PREPARE):
        raise GateRefused(READS_ALONG, where="review")


def refusals_of(person: Viewer, case: Case) -> dict[str, str]:
    """Step of a review -> the sentence with which this person is refused it now; empty where they are not."""

    def prepares(check: Callable[[], None]) -> str:
        return refusal(lambda: check_can_prepare(person)) or refusal(check)

    role = person.signs_as
    return {
        "propose": prepares(lambda: check_can_propose(case, by=person.name)),
        "vote": NO_ROLE if role is None else refusal(lambda: check_can_vote(case, role=role, by=person.name)),
        "votes": refusal(lambda: check_can_see_votes(case)),
        "adopt": prepares(lambda: check_can_adopt(case)),
        "rollback": prepares(lambda: check_can_roll_back(case)),
    }


def refusal(check: Callable[[], Any]) -> str:
    """The sentence with which a step is refused, as its command says it; empty where it is not."""
    try:
        check()
    except UserError as refused:
        return f"{refused.what}; {refused.todo}" if refused.todo else refused.what
    return ""


def case_of(visit: Visit, review_id: str) -> Case:
    """A review by its name.

    Raises:
        NotFound: When there is none.
    """
    found: Case | None = next(
        (each for each in visit.services.work.cases() if each.review.review_id == review_id), None
    )
    if found is None:
        raise NotFound("review")
    return found


def path_of(review_id: str) -> str:
    """The address of a review."""
    return f"/review/{address(review_id)}"


def _without_head(text: str) -> str:
    """Minutes without what the page says above them: the title, and the state."""
    return text.split("\n\n", 2)[2]


def _gate(case: Case) -> list[dict[str, Any]]:
    """Conditions of the promotion gate that did not hold when the proposal was made."""
    content = {} if case.proposal is None else case.proposal.content
    return [each for each in content.get("gate", ()) if each["holds"] is False]


def day_of_evidence(visit: Visit) -> str:
    """The day whose evidence is proposed for a new review: that of the run which is shown."""
    store = store_of(visit)
    return format_moment(store.index.as_of if store.is_ready else visit.now)[:10]
