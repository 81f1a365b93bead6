"""What every page is made with: its words, where one can go, and which run it shows."""

from __future__ import annotations

from typing import Any

from fastapi.responses import HTMLResponse

from salesworthy.web.store.store import Store
from salesworthy.web.visit import Visit
from salesworthy.web.wording import Words
from salesworthy.web.work import Prepared


def store_of(visit: Visit) -> Store:
    """The store."""
    found: Store = visit.services.store
    return found


def words_of(visit: Visit) -> Words:
    """Titles from the policy of the run that is shown."""
    store = store_of(visit)
    return Words(store.index.policy if store.is_ready else None)


def page(visit: Visit, template: str, **values: Any) -> HTMLResponse:
    """A page of ours: ``visit.page`` with the words, and the run behind it."""
    store = store_of(visit)
    run = store.run() if store.is_ready else None
    return visit.page(template, words=words_of(visit), run=run, **values)


def prepared(visit: Visit, name: str) -> Prepared:
    """A document as of the run that is shown; asking for it begins it."""
    index = store_of(visit).index
    found: Prepared = visit.services.work.prepared(name, index.path.stem, index.as_of)
    return found
