"""The store: everything that pages, exports and the API read of leads, each time within what the reader may see."""

from __future__ import annotations

from typing import Any

from salesworthy.domain.moments import format_moment
from salesworthy.web.refusals import Refused
from salesworthy.web.scope import Scope
from salesworthy.web.store.filters import Filters
from salesworthy.web.store.index import Index
from salesworthy.web.store.latest import Latest
from salesworthy.web.store.lead import lead_of
from salesworthy.web.store.queue import Leads, choices_of, count_of, leads_of
from salesworthy.web.store.site import site_of


class Store:
    """What is known of leads, of the newest published run.

    Args:
        latest: Keeps its index.
    """

    def __init__(self, latest: Latest) -> None:
        self._latest = latest

    @property
    def index(self) -> Index:
        """The index that is read now.

        Raises:
            Refused: When nothing was scored yet.
        """
        index = self._latest.index
        if index is None:
            raise Refused(503, "No leads are scored yet.", todo="Run `salesworthy score`, and look again.")
        return index

    @property
    def is_ready(self) -> bool:
        """Whether a run was published."""
        return self._latest.index is not None

    def run(self) -> dict[str, Any]:
        """The run that is shown: its id, its moment, and the versions behind it."""
        manifest = self.index.manifest
        return {
            "run_id": manifest["run_id"],
            "as_of": format_moment(self.index.as_of),
            "model_version": manifest["model_version"],
            "policy_version": manifest["policy_version"],
            "draft": bool(manifest.get("draft", False)),
        }

    def leads(
        self, scope: Scope, filters: Filters, *, after: int = 0, before: int | None = None, limit: int = 25
    ) -> Leads:
        """Leads in the order of the queue; see ``queue.leads_of``."""
        return leads_of(self.index, scope, filters, after=after, before=before, limit=limit)

    def count(self, scope: Scope, filters: Filters) -> int:
        """How many leads are asked for, counted up to ``queue.MOST_COUNTED`` + 1."""
        return count_of(self.index, scope, filters.text, tuple(filters.chosen.items()))

    def choices(self, scope: Scope) -> dict[str, tuple[tuple[str, int], ...]]:
        """What can be filtered by, with the number of leads."""
        return choices_of(self.index, scope)

    def search(self, scope: Scope, text: str, *, limit: int = 25) -> Leads:
        """Leads that hold these words: in their name, number, site, role, department, specialty or product."""
        return self.leads(scope, Filters(text), limit=limit)

    def lead(self, scope: Scope, lead_id: str) -> dict[str, Any] | None:
        """A lead with everything behind it; None where there is none, or not for this reader."""
        return lead_of(self.index, scope, lead_id)

    def account(self, scope: Scope, account_id: str) -> dict[str, Any] | None:
        """A site with its people; None where there is none, or not for this reader."""
        return site_of(self.index, scope, account_id)

    def reasons(self, scope: Scope) -> list[dict[str, Any]]:
        """Every reason with how often it speaks, over all leads; none for readers who do not see all leads."""
        return self.figures(scope, "reasons")

    def figures(self, scope: Scope, name: str) -> list[dict[str, Any]]:
        """Figures over all leads, by the name of the document; none for readers who do not see all leads."""
        found = self.index.document(name) if scope.is_everything else None
        return [] if found is None else list(found)
