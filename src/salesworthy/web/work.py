"""What pages may have done: operations of runs, passed in by ``serve``, because pages themselves reach none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from salesworthy.ledger.feedback import Feedback
from salesworthy.policy.document import Policy
from salesworthy.review.case import Case

Document = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A document that takes longer to work out than a page may take.

    Attributes:
        document: What came of it; None as long as it is worked out.
        says: Why there is none, where it could not be worked out.
    """

    document: Any = None
    says: str = ""


@dataclass(frozen=True)
class KnownPolicy:
    """A policy that is, or was, in force, or behind a run.

    Attributes:
        key: Names its content.
        title: How people tell it from others.
        is_current: Whether it is the workspace's own.
    """

    key: str
    title: str
    is_current: bool


@dataclass(frozen=True)
class Vote:
    """A vote on a proposal.

    Attributes:
        role: In which role.
        said: ``approve``, ``reject`` or ``changes``.
        by: Who votes.
        note: Why, in words.
    """

    role: str
    said: str
    by: str
    note: str


@dataclass(frozen=True)
class Work:
    """Operations of a workspace. Moments are microseconds; what cannot be done raises ``UserError`` with its sentence.

    Attributes:
        give_feedback: ``(given, now)``: record one piece; None when it was said before in the same words.
        prepared: ``(name, run, as_of)``: drift, grading, response, rules, cases or trend, as of a moment; asking
            begins it.
        policies: Every policy that is known, the workspace's own first.
        policy: By its key; None where there is none.
        cases: Reviews, oldest first.
        review: ``(review_id)``: a review with everything that may be seen of it, as ``review show --json`` prints it.
        vote: ``(review_id, given, now)``.
        adopt: ``(review_id, by, now, note)``.
        roll_back: ``(by, now, note)``.
        models: Every version, oldest first, with its role and figures.
        model: ``(version)``: its card, evaluation, training and where MLflow keeps it; None where there is none.
    """

    give_feedback: Callable[[Feedback, int], Feedback | None]
    prepared: Callable[[str, str, int], Prepared]
    policies: Callable[[], Sequence[KnownPolicy]]
    policy: Callable[[str], Policy | None]
    cases: Callable[[], Sequence[Case]]
    review: Callable[[str], Document]
    vote: Callable[[str, Vote, int], Document]
    adopt: Callable[[str, str, int, str], Document]
    roll_back: Callable[[str, int, str], Document]
    models: Callable[[], Sequence[Document]]
    model: Callable[[str], Document | None]
