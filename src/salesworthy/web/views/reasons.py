"""Reasons for marketing: which of them bring what, and what campaigns, content, forms, rules and tracks do."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from salesworthy.web.access import REASONS
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page, prepared, store_of
from salesworthy.web.visit import Here, Visit

area = Area()
TABS = {
    "/reasons": "Reasons",
    "/reasons/campaigns": "Campaigns",
    "/reasons/content": "Content",
    "/reasons/forms": "Forms",
    "/reasons/rules": "Negative rules",
    "/reasons/tracks": "Nurture",
    "/reasons/response": "Response",
}
RESPONSE_BY = {"owner": "Team", "trigger": "Trigger", "territory": "Territory"}
"""By what response is told."""
MOST = 100
FEWEST = 10
"""Settled leads below which a share is not shown: it would be luck."""


@dataclass(frozen=True)
class ReasonRows:
    """Reasons with their figures.

    Attributes:
        rows: One per reason, those with the most leads for sales first.
        waits: Whether outcomes are still being worked out.
        months: The months that are shown.
    """

    rows: list[dict[str, Any]]
    waits: bool
    months: list[str]


@area.get("/reasons", access=REASONS)
def reasons(visit: Here) -> Response:
    """Every reason: how often it speaks, what came of leads that it brought, whether sales found it right."""
    found = rows_of(visit)
    return _page(visit, "reasons.html", rows=found.rows, waits=found.waits, months=found.months)


def rows_of(visit: Visit) -> ReasonRows:
    """Every reason with its figures, as far as they are worked out."""
    rows = store_of(visit).reasons(visit.scope)
    grading, trend = prepared(visit, "grading"), prepared(visit, "trend")
    graded = grading.document or {"by": {"reason": {}}, "reason_match": {}}
    policy = store_of(visit).index.policy
    rules_known = set() if policy is None else policy.by_code.keys() - policy.policy.taxonomy.keys()
    told = [_with_outcome(row, graded, trend.document or {}, rules_known) for row in rows]
    waits = grading.document is None and not grading.says
    return ReasonRows(told, waits, _months(trend.document or {}))


@area.get("/reasons/campaigns", access=REASONS)
def campaigns(visit: Here) -> Response:
    """What campaigns brought."""
    return _page(visit, "reasons_campaigns.html", **_some(visit, "campaigns"), fewest=FEWEST)


@area.get("/reasons/content", access=REASONS)
def content(visit: Here) -> Response:
    """What content was used, and by whom; what is not tagged scores nothing."""
    found = _some(visit, "content")
    untagged = [each for each in found["rows"] if each["topic"] is None or each["buying_step"] is None]
    return _page(visit, "reasons_content.html", **found, untagged=untagged, fewest=FEWEST)


@area.get("/reasons/forms", access=REASONS)
def forms(visit: Here) -> Response:
    """Which facts are missing, how many verdicts hang on each, and which to ask for first."""
    manifest = store_of(visit).index.manifest
    scored = sum(manifest["counts"].values())
    return _page(visit, "reasons_forms.html", rows=manifest.get("form_capture", []), scored=scored)


@area.get("/reasons/rules", access=REASONS)
def rules(visit: Here) -> Response:
    """What became of leads that negative rules speak against, and were sent nevertheless, at random."""
    return _page(visit, "reasons_rules.html", found=prepared(visit, "rules"))


@area.get("/reasons/tracks", access=REASONS)
def tracks(visit: Here) -> Response:
    """Who is in which nurture track."""
    policy = store_of(visit).index.policy
    assets = {} if policy is None else {each.id: each for each in policy.policy.assets}
    known = [] if policy is None else [(policy.track(each.code), each) for each in policy.policy.tracks]
    rows = store_of(visit).figures(visit.scope, "tracks")
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["track"]] = counts.get(row["track"], 0) + row["leads"]
    in_force = [track for track, _ in known if track is not None]
    day = None if policy is None else policy.day
    return _page(visit, "reasons_tracks.html", tracks=in_force, counts=counts, assets=assets, day=day)


@area.get("/reasons/response", access=REASONS)
def response(visit: Here) -> Response:
    """How soon sales made contact, against the window, by team and trigger; teams, never persons."""
    return _page(visit, "reasons_response.html", found=prepared(visit, "response"))


def _page(visit: Visit, template: str, **values: Any) -> Response:
    return page(visit, template, tabs=TABS, **values)


def _some(visit: Visit, name: str) -> dict[str, Any]:
    rows = store_of(visit).figures(visit.scope, name)
    return {"rows": rows[:MOST], "left_out": max(0, len(rows) - MOST)}


def _with_outcome(
    row: dict[str, Any], graded: dict[str, Any], trend: dict[str, Any], rules_known: Set[str]
) -> dict[str, Any]:
    code = row["code"]
    found = {"outcome": graded["by"]["reason"].get(code), "match": graded["reason_match"].get(code)}
    return {**row, **found, "is_rule": code in rules_known, "months": trend.get("by_reason", {}).get(code, {})}


def _months(trend: dict[str, Any]) -> list[str]:
    return list(trend.get("months", []))[-6:]
