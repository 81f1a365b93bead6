"""One site: its tier, the buying group, what happens there, and the deal."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from salesworthy.web.access import LEADS
from salesworthy.web.refusals import NotFound
from salesworthy.web.routes import Area
from salesworthy.web.views.pages import page, store_of
from salesworthy.web.visit import Here

area = Area()
DECIDES, USES, BUYS = "decides", "uses it", "buys"
PARTS = {
    DECIDES: ("department_head", "administrator", "chief_medical_officer", "medical_director"),
    USES: ("physician", "nurse_manager", "nurse", "biomedical_engineer", "lab_manager", "technician"),
    BUYS: ("procurement", "purchasing", "buyer"),
}
"""Parts of a buying group and the roles that play them."""


@area.get("/accounts/{account_id:path}", access=LEADS)
def account(visit: Here, account_id: str) -> Response:
    """A site, as far as this reader may see its people."""
    store = store_of(visit)
    found = store.account(visit.scope, account_id)
    if found is None:
        raise NotFound("site")
    return page(visit, "account.html", **found, group=buying_group(found["roles"]), target=_is_target(found["site"]))


def buying_group(roles: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Each part of a buying group: who plays it at the site, whether they are active, or that nobody is known.

    Args:
        roles: Role -> people and how many of them are active.
    """
    found = []
    for part, names in PARTS.items():
        present = {role: roles[role] for role in roles if role in names}
        people, active = (sum(each[name] for each in present.values()) for name in ("people", "active"))
        state = "active" if active else "quiet" if people else "missing"
        found.append({"part": part, "state": state, "people": people, "active": active, "roles": list(present)})
    return found


def _is_target(site: dict[str, Any]) -> bool:
    return bool(site["is_target"])
