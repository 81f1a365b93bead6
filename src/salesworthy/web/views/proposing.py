"""What somebody proposes in a review: other numbers in the policy, a draft policy, another model, or some of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from salesworthy.domain.errors import ExitCode, UserError, WrongUsage
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment, from_micros
from salesworthy.policy.adjusting import Adjustable, adjustable
from salesworthy.policy.document import Policy
from salesworthy.review.case import Case
from salesworthy.review.permissions import check_can_propose
from salesworthy.web.access import REVIEW_CHANGE
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page
from salesworthy.web.views.review import case_of, check_can_prepare, path_of, refusal
from salesworthy.web.visit import Here, Visit
from salesworthy.web.work import Proposed

area = Area()
RECALIBRATE = "recalibrate"
"""What is chosen for the champion with its level moved."""
DAYS = 56
"""Days before the review's moment that are replayed where nobody says otherwise."""
VALUE = "value."
IN_PERCENT = ("probability", "share")
UNITS = {"probability": "%", "share": "%"}
GROUPS = {
    "thresholds": "Thresholds: from when on a lead is for sales",
    "grades": "Grades: points from which a grade is reached",
    "weights: award": "Weights: points that a rule gives",
    "weights: deduct": "Weights: points that a rule takes",
    "scoring": "Numbers that hold for all leads",
}
_NUMBER = re.compile(r"^(.*?)(\d+)$")
_STATUS = {ExitCode.GATE_REFUSED: 409, ExitCode.LOCKED: 409}


@area.get("/review/{review_id}/propose", access=REVIEW_CHANGE)
def propose_form(visit: Here, review_id: str) -> Response:
    """Where a change is put together; what was asked for before and could not be proposed stands there again."""
    case = case_of(visit, review_id)
    before = visit.services.work.underway(review_id)
    given = before.given.get("form", {}) if before is not None and before.by == visit.person.name else {}
    return _page(visit, case, given)


@area.post("/review/{review_id}/propose", access=REVIEW_CHANGE)
async def propose(visit: Here, review_id: str) -> Response:
    """Check what is proposed, and begin to replay it."""
    form = await visit.request.form()
    given = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_propose, visit, review_id, given)


def _propose(visit: Visit, review_id: str, given: Mapping[str, str]) -> Response:
    case = case_of(visit, review_id)
    try:
        check_can_prepare(visit.person)
        asked = _asked(visit, given)
        visit.services.work.propose(case.review.review_id, asked, visit.person.name, visit.now)
    except UserError as refused:
        return _page(visit, case, given, refused)
    return visit.go(path_of(review_id))


def _page(visit: Visit, case: Case, given: Mapping[str, str], refused: UserError | None = None) -> Response:
    policy, key = _in_force(visit)
    numbers = [] if policy is None else adjustable(policy, from_micros(visit.now).date())
    as_of = case.review.as_of
    usual = {
        "why": "",
        "model": "",
        "draft": "",
        "version": "" if policy is None else next_version(policy.version),
        "starts": format_moment(visit.now)[:10],
        "from": format_moment(as_of - DAYS * MICROSECONDS_PER_DAY)[:10],
        "to": format_moment(as_of)[:10],
    }
    status = 200 if refused is None else _STATUS.get(refused.exit_code, 400)
    response = page(
        visit,
        "review_propose.html",
        case=case,
        given={**usual, **given},
        numbers=[
            (GROUPS[name], list(group)) for name, group in groupby(_shown(numbers, given), key=lambda one: one["group"])
        ],
        key=key,
        policy=policy,
        models=[each for each in reversed(visit.services.work.models()) if each["role"] != "champion"],
        champion=next((each for each in visit.services.work.models() if each["role"] == "champion"), None),
        drafts=visit.services.work.drafts(),
        recalibrate=RECALIBRATE,
        refused=refused,
        not_now=refusal(lambda: check_can_prepare(visit.person))
        or refusal(lambda: check_can_propose(case, by=visit.person.name)),
    )
    response.status_code = status
    return response


def _in_force(visit: Visit) -> tuple[Policy | None, str]:
    """The policy of the workspace with its key."""
    known = next((each for each in visit.services.work.policies() if each.is_current), None)
    return (None, "") if known is None else (visit.services.work.policy(known.key), known.key)


def _shown(numbers: Any, given: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key,
            "group": each.group,
            "title": each.title,
            "unit": UNITS.get(each.number.UNIT, each.number.UNIT),
            "present": in_form(each),
            "value": (value := given.get(VALUE + each.key, in_form(each))),
            "changed": value != in_form(each),
        }
        for each in sorted(numbers, key=lambda one: list(GROUPS).index(one.group))
    ]


def _asked(visit: Visit, given: Mapping[str, str]) -> Proposed:
    """What a form asks for.

    Raises:
        WrongUsage: When a number or a day cannot be read, or two policies are proposed.
    """
    policy, _ = _in_force(visit)
    known = {} if policy is None else {each.key: each for each in adjustable(policy, from_micros(visit.now).date())}
    told = {name.removeprefix(VALUE): text for name, text in given.items() if name.startswith(VALUE)}
    values = {
        key: _number(known[key], text) for key, text in told.items() if key in known and text != in_form(known[key])
    }
    if values and given.get("draft"):
        todo = "change the numbers in the draft, or propose them alone"
        raise WrongUsage("a draft and other numbers are proposed at once", where="draft", todo=todo)
    if values and not given.get("version"):
        raise WrongUsage("the policy needs a version of its own", where="version", todo="give it one")
    model = given.get("model", "")
    return Proposed(
        why=given.get("why", ""),
        starts=_day(given.get("starts", "")) if values else from_micros(visit.now).date(),
        model="" if model == RECALIBRATE else model,
        recalibrate=model == RECALIBRATE,
        draft=given.get("draft", ""),
        values=values,
        version=given.get("version", ""),
        against=given.get("against", ""),
        start=given.get("from", ""),
        end=given.get("to", ""),
        form=dict(given),
    )


def in_form(each: Adjustable) -> str:
    """A number as the form shows it: shares in per cent."""
    factor = 100 if each.number.UNIT in IN_PERCENT else 1
    return f"{round(factor * each.value, 10):.12g}"


def _number(each: Adjustable, text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise WrongUsage(f"{each.title}: {text!r} is no number", where=each.key, todo="write digits") from None
    return round(value / 100, 12) if each.number.UNIT in IN_PERCENT else value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text!r} is no day", where="starts", todo="write it as 2026-07-01") from None


def next_version(version: str) -> str:
    """A version after another.

    Example:
        >>> next_version("2026.1"), next_version("spring"), next_version("2026.9")
        ('2026.2', 'spring.2', '2026.10')
    """
    found = _NUMBER.match(version)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{version}.2"
