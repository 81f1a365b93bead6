"""One lead: why it is here, what to do, and what sales says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from salesworthy.domain.decisions import Decision
from salesworthy.domain.feedback import REASONS, FeedbackKind
from salesworthy.domain.reasons import Degree
from salesworthy.ledger.feedback import Feedback
from salesworthy.policy.criteria import FIT_GRADES, INTEREST_GRADES
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.reason_waterfall import reason_steps
from salesworthy.reporting.share_charts import Step
from salesworthy.web.access import LEADS, SAYS
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area
from salesworthy.web.views.agreement import agreed
from salesworthy.web.views.fragments import fragment
from salesworthy.web.views.pages import page, store_of
from salesworthy.web.views.waterfall import bars
from salesworthy.web.visit import Here, Visit
from salesworthy.web.wording import address

area = Area()
LEADING = 5
"""Reasons that are told on either side before the rest is asked for."""
ANSWERED = 3
"""Reasons that sales may say of whether they matched."""
RIGHT, WRONG = "right", "wrong"
"""What sales says of a reason."""
_DAY = 86_400_000_000


@area.get("/leads/{lead_id:path}", access=LEADS)
def lead(visit: Here, lead_id: str) -> Response:
    """A lead with everything that stands behind it."""
    found = store_of(visit).lead(visit.scope, lead_id)
    if found is None:
        raise NotFound("lead")
    told = visit.services.ledger.feedback.of_lead(lead_id)
    index = store_of(visit).index
    story = fragment(visit, index, "lead_story.html", lead_id, lambda: _story(found, index.policy))
    return page(visit, "lead.html", **found, **_feedback(visit, found, told), story=story)


@area.post("/say/{lead_id:path}", access=SAYS)
async def say(visit: Here, lead_id: str) -> Response:
    """Record what sales says of a lead."""
    form = await visit.request.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_say, visit, lead_id, given)


def _say(visit: Visit, lead_id: str, given: Mapping[str, str]) -> Response:
    if store_of(visit).lead(visit.scope, lead_id) is None:
        raise NotFound("lead")
    kind, _, word = given.get("say", "").partition(":")
    what, _, more = word.partition(":")
    is_disposition, is_answer = kind == FeedbackKind.DISPOSITION, kind == FeedbackKind.ANSWER
    said = Feedback(
        lead_id=lead_id,
        at=_pressed_at(given.get("at", ""), visit.now),
        by=visit.person.name,
        kind=kind,
        disposition=what if is_disposition else None,
        reason=None if is_answer else (more if is_disposition else word) or None,
        reasons_matched={more: what == RIGHT} if is_answer and what in (RIGHT, WRONG) else {},
        note=given.get("note", "").strip() or None,
    )
    visit.services.work.give_feedback(said, visit.now)
    return visit.go(f"/leads/{address(lead_id)}#said")


def _pressed_at(shown: str, now: int) -> int:
    """When the page was made, so that a button pressed twice is one piece of feedback; now, where that is long ago."""
    at = int(shown) if shown.isdecimal() else now
    return at if now - _DAY < at <= now else now


def _story(found: Mapping[str, Any], policy: PolicyInForce | None) -> dict[str, Any]:
    return {**found, **_reasons(found), "grid": _grid(found), "agreed": agreed(found, policy)}


def _reasons(found: Mapping[str, Any]) -> dict[str, Any]:
    """Reasons on either side, what decided, what is missing, and how the chance comes about."""
    shares = [each for each in found["reasons"] if each["degree"] != Degree.DECIDED]
    base = found["base_log_odds"]
    steps: Sequence[Step] = [] if base is None or not shares else reason_steps(base, shares)
    return {
        "speaks_for": [each for each in shares if (each["log_odds"] or 0) > 0],
        "against": [each for each in shares if (each["log_odds"] or 0) < 0],
        "leading": LEADING,
        "bars": bars(steps),
        "why": _why(found),
    }


def _why(found: Mapping[str, Any]) -> str | None:
    """What decided, as a sentence about this lead."""
    if found["packet"] is not None:
        return str(found["packet"]["why"]["sentence"])
    path = found["rule_path"]
    decided = [each["sentence"] for each in path["rules"] if each["decided"]] if path else []
    decided += [each["sentence"] for each in found["reasons"] if each["degree"] == Degree.DECIDED]
    return next(iter(decided), None)


def _grid(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fit from A to D against interest from 1 to 4, with the cell that the lead stands in."""
    lead = found["lead"]
    return [
        {
            "fit": fit,
            "cells": [
                {"name": f"{fit}{interest}", "here": (fit, interest) == (lead["fit_grade"], lead["interest_grade"])}
                for interest in INTEREST_GRADES
            ],
        }
        for fit in FIT_GRADES
    ]


def _feedback(visit: Visit, found: Mapping[str, Any], told: Sequence[Feedback]) -> dict[str, Any]:
    """What was said, and what this reader may say now."""
    may_say = SAYS.roles is not None and visit.person.may(SAYS.roles)
    is_handed = found["packet"] is not None
    for_it = [each for each in found["reasons"] if (each["log_odds"] or 0) > 0 or each["degree"] == Degree.DECIDED]
    return {
        "told_before": list(reversed(told)),
        "may_say": may_say,
        "may_appeal": may_say and found["lead"]["decision"] not in (Decision.MQL, Decision.SCORED),
        "may_skip": may_say and is_handed,
        "rejections": REASONS[FeedbackKind.DISPOSITION],
        "skips": REASONS[FeedbackKind.SKIP],
        "appeals": REASONS[FeedbackKind.APPEAL],
        "answerable": for_it[:ANSWERED] if may_say and is_handed else [],
        "answered": _answered(told, visit.person.name),
    }


def _answered(told: Sequence[Feedback], by: str) -> dict[str, bool]:
    """What this reader said last of each reason."""
    mine = sorted((each for each in told if each.by == by), key=lambda each: each.at)
    return {code: matched for each in mine for code, matched in each.reasons_matched.items()}
