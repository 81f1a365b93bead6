"""What pages may have done: operations of runs, passed in by ``serve``, because pages themselves reach none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesworthy.ledger.feedback import Feedback
from salesworthy.policy.document import Policy
from salesworthy.policy.parts import Day
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
class Proposed:
    """What somebody proposes in a review: another model, or a policy, or both.

    Attributes:
        why: What it is for, in words.
        starts: The first day on which other numbers hold.
        model: A registered version; empty where the model stays.
        recalibrate: Whether the model is the champion with its level moved.
        draft: Folder of a draft policy in the workspace; empty where none is proposed.
        values: Place of a number of the policy -> its new value; empty where none changes.
        version: What the policy is called with these numbers.
        against: Key of the policy that they were read from.
        start: First day that is replayed, as somebody wrote it; empty for the usual one.
        end: Last day.
        form: The form as it was filled in, to be shown again where the proposal cannot be made.
    """

    why: str
    starts: Day
    model: str = ""
    recalibrate: bool = False
    draft: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    against: str = ""
    start: str = ""
    end: str = ""
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adoption:
    """How somebody puts a proposal in force.

    Attributes:
        note: Why, in words.
        despite: Conditions of the promotion gate that may fail, because this person answers for them.
        because: Why they may.
    """

    note: str = ""
    despite: Sequence[str] = ()
    because: str = ""


@dataclass(frozen=True)
class Underway:
    """Something that was asked for on a page and is done beside it.

    Attributes:
        name: What: open, propose or adopt.
        place: The review that it is about.
        by: Who asked.
        at: When, in microseconds.
        given: What was asked for.
        step: Which step it is at.
        share: How much of the step is done.
        is_over: Whether it ended without doing what was asked.
        says: Why.
        todo: What to do next.
    """

    name: str
    place: str
    by: str
    at: int
    given: Mapping[str, Any]
    step: str = ""
    share: float = 0.0
    is_over: bool = False
    says: str = ""
    todo: str = ""


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
        open_review: ``(by, as_of, name, now)``: begin to collect the evidence of a new one.
        propose: ``(review_id, proposed, by, now)``: check it, and begin to replay it.
        drafts: Draft policies of the workspace that can be proposed.
        vote: ``(review_id, given, now)``.
        adopt: ``(review_id, adoption, by, now)``: at once, or begin it.
        roll_back: ``(by, now, note)``.
        underway: ``(review_id)``: what is being done about a review, or could not be; about a new one where it is
            empty.
        models: Every version, oldest first, with its role and figures.
        model: ``(version)``: its card, evaluation and where MLflow keeps it, or what it ``says`` of why its bundle
            does not tell these; None where there is no such version.
    """

    give_feedback: Callable[[Feedback, int], Feedback | None]
    prepared: Callable[[str, str, int], Prepared]
    policies: Callable[[], Sequence[KnownPolicy]]
    policy: Callable[[str], Policy | None]
    cases: Callable[[], Sequence[Case]]
    review: Callable[[str], Document]
    open_review: Callable[[str, str, str, int], None]
    propose: Callable[[str, Proposed, str, int], None]
    drafts: Callable[[], Sequence[str]]
    vote: Callable[[str, Vote, int], Document]
    adopt: Callable[[str, Adoption, str, int], None]
    roll_back: Callable[[str, int, str], Document]
    underway: Callable[[str], Underway | None]
    models: Callable[[], Sequence[Document]]
    model: Callable[[str], Document | None]
