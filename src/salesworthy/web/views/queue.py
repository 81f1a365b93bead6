"""The queue: whom to call next, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Response
from markupsafe import Markup

from salesworthy.domain.decisions import Decision
from salesworthy.domain.feedback import FeedbackKind
from salesworthy.ledger.feedback import Feedback
from salesworthy.web.access import LEADS, PEOPLE, SIGNED_IN
from salesworthy.web.navigation import places_of
from salesworthy.web.routes import Area
from salesworthy.web.store.filters import EVERY, Filters
from salesworthy.web.store.queue import MOST_COUNTED, Leads
from salesworthy.web.views.fragments import fragment
from salesworthy.web.views.pages import page, store_of
from salesworthy.web.visit import Here, Visit

area = Area()
LIMIT = 25
TITLES = {
    "decision": "Decision",
    "fit": "Fit",
    "interest": "Interest",
    "step": "Buying step",
    "product": "Product",
    "team": "Team",
    "reason": "Main reason",
}
"""What filters are called; the words are those of the address."""


@area.get("/", access=SIGNED_IN)
def start(visit: Here) -> Response:
    """The first part that somebody may see: the queue for everybody but those who only administer."""
    seen = places_of(visit.viewer)
    return visit.go(next((each.path for each in seen if each.access in (LEADS, PEOPLE)), seen[0].path))


@area.get("/queue", access=LEADS)
def queue(visit: Here, after: int = 0, before: int | None = None) -> Response:
    """Leads by urgency: those that sales was given first, by response window and then by chance."""
    store, given = store_of(visit), Filters.from_query(visit.request.query_params)
    filters = shown_filters(given, policy=store.index.policy is not None)
    found = store.leads(visit.scope, filters, after=after, before=before, limit=LIMIT)
    count = store.count(visit.scope, filters)
    return page(
        visit,
        "queue.html",
        filters=filters,
        form=_form(visit, filters),
        every=EVERY,
        leads=found.rows,
        said=latest_said(visit, [lead["lead_id"] for lead in found.rows]),
        count="more than 2,000" if count > MOST_COUNTED else f"{count:,}",
        one=count == 1,
        onward=_onward(filters, found, after=after, before=before),
    )


def _form(visit: Visit, filters: Filters) -> Markup:
    """The form with the filters as they are chosen."""
    store = store_of(visit)
    key = (filters.text, tuple(filters.chosen.items()))
    given = {"filters": filters, "titles": TITLES, "every": EVERY}
    return fragment(
        visit,
        store.index,
        "queue_filters.html",
        key,
        lambda: {**given, "choices": store.choices(visit.scope)},
    )


def shown_filters(given: Filters, *, policy: bool) -> Filters:
    """What the queue asks for: leads for sales where nobody chose otherwise and somebody decides."""
    return given.with_default("decision", str(Decision.MQL)) if policy and not given.text else given


def latest_said(visit: Visit, leads: Sequence[str]) -> Mapping[str, Feedback]:
    """What sales said it did with each of some leads since the run, the newest; answers about reasons are no act."""
    as_of = store_of(visit).index.as_of
    found: dict[str, Feedback] = {}
    for each in visit.services.ledger.feedback.of_leads(leads):
        if each.at >= as_of and each.kind != FeedbackKind.ANSWER:
            found[str(each.lead_id)] = each
    return found


def _onward(filters: Filters, found: Leads, *, after: int, before: int | None) -> Mapping[str, str | None]:
    """Addresses of the pages before and after this one."""
    if not found.rows:
        return {"back": None, "next": None}
    first, last = found.rows[0]["no"], found.rows[-1]["no"]
    is_back = before is not None
    has_before = found.more if is_back else after > 0
    has_after = True if is_back else found.more
    return {
        "back": f"/queue?{filters.query(before=str(first))}" if has_before else None,
        "next": f"/queue?{filters.query(after=str(last))}" if has_after else None,
    }
