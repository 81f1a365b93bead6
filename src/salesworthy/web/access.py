"""What a route lets in: the policy that each of them declares, because without one it cannot be registered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from salesworthy.web.roles import Role


class Leads(StrEnum):
    """How the leads behind a route are limited."""

    NONE = "none"
    SCOPED = "scoped"


class Entry(StrEnum):
    """By which door a route is entered."""

    PAGE = "page"
    API = "api"
    FILE = "file"


@dataclass(frozen=True)
class Access:
    """Who may use a route, and what of the leads they see there.

    Attributes:
        roles: Who is let in; None is everybody, signed in or not.
        leads: ``scoped``: what is shown of leads, counts included, is limited by the viewer's scope; ``none``: nothing
            about single leads or their number is shown.
        entry: ``page``: a signed-in person, changes carry a form token; ``api``: a token in ``Authorization``;
            ``file``: nothing of anybody, and what browsers send by themselves: neither cookie nor form token.
    """

    roles: frozenset[Role] | None
    leads: Leads = Leads.NONE
    entry: Entry = Entry.PAGE

    @property
    def is_public(self) -> bool:
        """Whether nobody has to sign in."""
        return self.roles is None


def only(*roles: Role, leads: Leads = Leads.NONE) -> Access:
    """These roles; say ``leads=Leads.SCOPED`` where leads are shown or counted."""
    return Access(frozenset(roles), leads)


READERS = frozenset({Role.SALES, Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE})
"""Who sees leads: everybody but those who only administer."""
PUBLIC = Access(None)
"""Everybody: signing in."""
FILES = Access(None, entry=Entry.FILE)
"""Everybody, and every program: static files, a sign of life."""
SIGNED_IN = Access(frozenset(Role))
"""Whoever signed in; no leads."""
LEADS = Access(READERS, Leads.SCOPED)
"""Queue, lead, account, search, export: sales their own, marketing, compliance and data science all."""
SAYS = Access(frozenset({Role.SALES, Role.MARKETING}), Leads.SCOPED)
"""Feedback and appeals."""
REASONS = Access(frozenset({Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE}), Leads.SCOPED)
"""Reasons, campaigns, form capture, negative rules, tracks, response: figures over all leads."""
WATCH = Access(frozenset({Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE}))
"""Drift."""
REVIEW = Access(frozenset({Role.SALES, Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE}))
"""The calibration review, read; leads are named by their number there only for those whom ``REVIEW_CHANGE`` lets in."""
REVIEW_CHANGE = Access(frozenset({Role.SALES, Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE}))
"""Proposing, voting and adopting; votes are cast in ``viewer.signs_as``, adoption is checked by the review itself."""
POLICY = SIGNED_IN
"""The handbook, its versions and worked cases."""
MODELS = Access(frozenset({Role.MARKETING, Role.COMPLIANCE, Role.DATA_SCIENCE, Role.ADMIN}))
"""Champion, challengers, figures, cards."""
PEOPLE = only(Role.ADMIN)
"""People, their rights, and tokens."""
API_LEADS = Access(READERS, Leads.SCOPED, Entry.API)
"""Leads, accounts and search, for programs: as their token's roles see them."""
API_FIGURES = Access(REASONS.roles, Leads.SCOPED, Entry.API)
"""Figures over all leads, for programs."""
API_ANY = Access(frozenset(Role), Leads.NONE, Entry.API)
"""What every token may ask: no leads."""
