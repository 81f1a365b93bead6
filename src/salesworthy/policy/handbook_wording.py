"""The chapter of the handbook about wording."""

from __future__ import annotations

from salesworthy.policy.handbook_text import Lines, table
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.words import day_in_words


def wording_chapter(now: PolicyInForce) -> Lines:
    """Whether sentences need approval, and which have it."""
    wording = now.policy.wording
    yield "## Wording"
    yield ""
    if not wording.require_approval:
        yield "The sentences that come with the product count as approved."
        yield ""
    else:
        yield "Only approved sentences are spoken; a reason without one says its title."
        yield ""
    yield from table(
        ("sentence", "approved by", "from", "until", "on this day"),
        [
            (
                f"`{each.id}`",
                each.approved_by,
                day_in_words(each.approved_on),
                day_in_words(each.expires),
                "approved" if each.is_approved(now.day) else "not approved",
            )
            for each in wording.approved
        ],
    )
