"""Parts of pages that are the same for as long as a run is shown: filled once, and kept as long as its index."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from markupsafe import Markup

from salesworthy.web.store.index import Index
from salesworthy.web.views.pages import words_of
from salesworthy.web.visit import Visit

MOST = 2_000
"""Parts that are kept; the oldest make room."""


def fragment(
    visit: Visit, index: Index, template: str, key: Hashable, values: Callable[[], Mapping[str, Any]]
) -> Markup:
    """A part of a page that depends on nothing but the run, what the reader may see, and a key.

    Args:
        visit: Whose scope it is made for; nothing else of it is in the part.
        index: Of which run; the part is forgotten with it.
        template: What is filled.
        key: What else it depends on.
        values: Gives what the template is filled with, where it is not kept yet.
    """
    kept, place = index.fragments, (template, visit.scope, key)
    found = kept.get(place)
    if found is None:
        given = {"words": words_of(visit), **values()}
        found = Markup(visit.rendering.fill(template, given))  # noqa: S704 -- templates escape every text
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)), None)
        kept[place] = found
    return found
