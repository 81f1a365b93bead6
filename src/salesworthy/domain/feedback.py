"""What sales may say of a lead: a disposition, whether its reasons matched, a skip, or an appeal for a kept one."""

from __future__ import annotations

from enum import StrEnum

from salesworthy.domain.tables import Disposition

LONGEST_NOTE = 500
"""Characters of free text; more is a document, and documents hold what does not belong here."""


class FeedbackKind(StrEnum):
    """What a piece of feedback is."""

    DISPOSITION = "disposition"
    ANSWER = "answer"
    SKIP = "skip"
    APPEAL = "appeal"


DISPOSITIONS = tuple(each for each in Disposition if each != Disposition.OPEN)
"""What sales can say that they did with a lead."""
REASONS: dict[FeedbackKind, dict[str, str]] = {
    FeedbackKind.DISPOSITION: {
        "not_a_fit": "It does not fit",
        "wrong_role": "The person does not take part in buying",
        "no_project": "There is no project",
        "no_budget": "There is no budget",
        "timing": "Not now",
        "competitor_chosen": "Another supplier was chosen",
        "other": "Something else",
    },
    FeedbackKind.ANSWER: {},
    FeedbackKind.SKIP: {
        "no_capacity": "Nobody has time within the window",
        "wrong_territory": "It belongs to somebody else",
        "known_already": "A colleague works this site",
        "not_useful": "The packet gives no way to begin",
        "other": "Something else",
    },
    FeedbackKind.APPEAL: {
        "wrong_fact": "A fact that it was judged by is wrong",
        "project_known": "Sales knows of a project",
        "asked_sales": "The person asked sales directly",
        "other": "Something else",
    },
}
"""Why, from a short list per kind: a rejection, a skip and an appeal each give one, an answer none."""
