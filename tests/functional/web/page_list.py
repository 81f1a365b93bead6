"""The pages that browser tests look at: name, address, and what is waited for before it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

READY = "main:not(:has([hx-trigger^='every']))"
"""A page on which nothing is being worked out any more."""


@dataclass(frozen=True)
class Look:
    """A page to look at.

    Attributes:
        name: Of its picture.
        path: Its address; ``LEAD``, ``HELD`` and ``SITE`` stand for a lead for sales, one that is kept back, a site.
        roles: Who may see it, of those that tests sign in as.
        waits: Whether it is worked out when it is first asked for.
    """

    name: str
    path: str
    roles: tuple[str, ...] = ("everything",)
    waits: bool = False


EVERYBODY = ("sales", "marketing", "compliance", "data_science")
OVERSEES = ("marketing", "compliance", "data_science")
LOOKS = (
    Look("queue", "/queue", EVERYBODY),
    Look("queue-filtered", "/queue?decision=any&fit=A&q=hospital", ("sales", "marketing")),
    Look("queue-empty", "/queue?q=nobodyiscalledso", ("sales",)),
    Look("lead", "/leads/LEAD", EVERYBODY),
    Look("lead-held", "/leads/HELD", ("marketing",)),
    Look("account", "/accounts/SITE", ("sales", "marketing")),
    Look("reasons", "/reasons", OVERSEES, waits=True),
    Look("campaigns", "/reasons/campaigns", ("marketing",)),
    Look("content", "/reasons/content", ("marketing",)),
    Look("forms", "/reasons/forms", ("marketing",)),
    Look("negative-rules", "/reasons/rules", ("marketing",), waits=True),
    Look("nurture", "/reasons/tracks", ("marketing",)),
    Look("response", "/reasons/response", ("marketing",), waits=True),
    Look("drift", "/drift", OVERSEES, waits=True),
    Look("reviews", "/review", ("sales", "compliance")),
    Look("review", "/review/2026-07-01", ("all_sales", "compliance", "data_science", "sales")),
    Look("review-propose", "/review/2026-07-01/propose", ("marketing", "sales")),
    Look("policy", "/policy", ("sales", "admin")),
    Look("policy-differences", "/policy/differences", ("marketing",)),
    Look("worked-cases", "/policy/cases", ("compliance",), waits=True),
    Look("models", "/models", ("data_science", "admin")),
    Look("model", "/models/v1", ("data_science",)),
    Look("people", "/people", ("admin",)),
    Look("me", "/me", ("admin", "sales")),
    Look("not-found", "/leads/nobody", ("sales",)),
)
