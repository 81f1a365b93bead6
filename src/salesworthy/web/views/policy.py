"""Policy: the handbook of any version, what differs, and worked cases with what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fastapi import Response
from markupsafe import Markup

from salesworthy.domain.moments import from_micros
from salesworthy.policy.approvals import status_line
from salesworthy.policy.differences import differences
from salesworthy.policy.document import Policy
from salesworthy.policy.handbook import handbook
from salesworthy.reporting.html import anchor_of
from salesworthy.reporting.markdown import from_markdown
from salesworthy.web.access import POLICY
from salesworthy.web.refusals import NotFound, Refused
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page, prepared, store_of
from salesworthy.web.visit import Here, Visit
from salesworthy.web.work import KnownPolicy

area = Area()


@area.get("/policy", access=POLICY)
def policy(visit: Here, version: str = "") -> Response:
    """The handbook of the policy in force, or of another version."""
    known, key, found = _chosen(visit, version)
    text = handbook(found, from_micros(_moment(visit)).date())
    body = from_markdown(text.partition("\n")[2])
    chapters = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    return page(
        visit,
        "policy.html",
        known=known,
        key=key,
        title=text.partition("\n")[0].removeprefix("# "),
        signed=status_line(found),
        chapters=[(each, anchor_of(each)) for each in chapters],
        handbook=Markup(body),  # noqa: S704 -- made of escaped text by reporting
    )


@area.get("/policy/differences", access=POLICY)
def policy_differences(visit: Here, old: str = "", new: str = "") -> Response:
    """What differs between two versions, a sentence each."""
    known = _known(visit)
    keys = [each.key for each in known]
    older, newer = old or keys[min(1, len(keys) - 1)], new or keys[0]
    found = differences(_policy(visit, older), _policy(visit, newer))
    sections = [(name, list(group)) for name, group in groupby(found, key=lambda each: each.section)]
    return page(visit, "policy_differences.html", known=known, old=older, new=newer, sections=sections)


@area.get("/policy/cases", access=POLICY)
def policy_cases(visit: Here) -> Response:
    """Worked cases of the policy, run end to end."""
    return page(visit, "policy_cases.html", found=prepared(visit, "cases"))


def _chosen(visit: Visit, version: str) -> tuple[Sequence[KnownPolicy], str, Policy]:
    known = _known(visit)
    key = version or known[0].key
    return known, key, _policy(visit, key)


def _known(visit: Visit) -> Sequence[KnownPolicy]:
    """Every policy, the workspace's own first.

    Raises:
        Refused: When there is none.
    """
    known: Sequence[KnownPolicy] = visit.services.work.policies()
    if not known:
        todo = "Write one into its folder, or begin with `salesworthy init DIR --example`."
        raise Refused(404, "This workspace has no policy yet: the model alone scores.", todo=todo)
    return known


def _policy(visit: Visit, key: str) -> Policy:
    found: Policy | None = visit.services.work.policy(key)
    if found is None:
        raise NotFound("policy")
    return found


def _moment(visit: Visit) -> int:
    """The day for which values are shown: that of the newest run."""
    store = store_of(visit)
    return store.index.as_of if store.is_ready else visit.now
