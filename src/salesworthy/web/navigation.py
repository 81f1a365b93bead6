"""Where one can go: the parts of the pages that a reader may see, in order."""

from __future__ import annotations

from dataclasses import dataclass

from salesworthy.web.access import LEADS, MODELS, PEOPLE, POLICY, REASONS, REVIEW, WATCH, Access
from salesworthy.web.roles import Viewer


@dataclass(frozen=True)
class Place:
    """A part of the pages.

    Attributes:
        path: Where it is.
        title: What it is called.
        access: Who may go there.
    """

    path: str
    title: str
    access: Access


PLACES = (
    Place("/queue", "Queue", LEADS),
    Place("/reasons", "Reasons", REASONS),
    Place("/drift", "Drift", WATCH),
    Place("/review", "Review", REVIEW),
    Place("/policy", "Policy", POLICY),
    Place("/models", "Models", MODELS),
    Place("/people", "People", PEOPLE),
)


def may_search(viewer: Viewer | None) -> bool:
    """Whether somebody sees leads that could be searched."""
    return viewer is not None and viewer.may(LEADS.roles or ())


def places_of(viewer: Viewer | None) -> tuple[Place, ...]:
    """The parts that somebody may see."""
    if viewer is None:
        return ()
    return tuple(each for each in PLACES if each.access.roles is None or viewer.may(each.access.roles))
