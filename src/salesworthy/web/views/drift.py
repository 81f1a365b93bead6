"""Drift: what has changed, since when, and what is the likely cause."""

from __future__ import annotations

from fastapi import Response

from salesworthy.web.access import WATCH
from salesworthy.web.routes import Area
from salesworthy.web.views.documents import content_of
from salesworthy.web.views.pages import page, prepared
from salesworthy.web.views.review import check_can_prepare, day_of_evidence, refusal
from salesworthy.web.visit import Here

area = Area()


@area.get("/drift", access=WATCH)
def drift(visit: Here) -> Response:
    """The drift report as of the newest run."""
    found = prepared(visit, "drift")
    content = None if found.document is None else content_of(found.document["page"])
    refused = refusal(lambda: check_can_prepare(visit.person))
    cases = visit.services.work.cases()
    return page(
        visit, "drift.html", found=found, content=content, refused=refused, reviews=cases, day=day_of_evidence(visit)
    )
