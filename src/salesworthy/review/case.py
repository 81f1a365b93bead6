"""A review as it stands: what the ledger holds of it, and the state that follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from salesworthy.ledger.records import Action
from salesworthy.ledger.reviews import APPROVE, REJECT, Adoption, InForce, Proposal, Review, Vote
from salesworthy.policy.governance import ROLES
from salesworthy.review.states import State

if TYPE_CHECKING:
    from salesworthy.ledger.reviews import Reviews


@dataclass(frozen=True)
class Case:
    """A review, as of now.

    Attributes:
        review: What was opened.
        proposals: Oldest first; the last one is what is voted on.
        voted: Role -> who has voted in it on the last proposal; not how.
        votes: The votes on it, in the order of the roles; empty until all are in.
        adoption: How it was put in force, where it was.
        stands: Whether that adoption is the one in force.
        taken_back: How it was gone back from, where it was.
        standing: The adoption in force and those behind it, of whatever review.
        latest: Sequence of the newest adoption or way back; 0 where there is none.
        in_force: What decides now.
    """

    review: Review
    proposals: tuple[Proposal, ...] = ()
    voted: Mapping[str, str] = field(default_factory=dict)
    votes: tuple[Vote, ...] = ()
    adoption: Adoption | None = None
    stands: bool = False
    taken_back: Adoption | None = None
    standing: tuple[Adoption, ...] = ()
    latest: int = 0
    in_force: InForce = field(default_factory=lambda: InForce(None, None))

    @property
    def proposal(self) -> Proposal | None:
        """What is voted on; None where nothing is proposed."""
        return self.proposals[-1] if self.proposals else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Roles that have not voted on it."""
        return tuple(role for role in ROLES if role not in self.voted)

    @property
    def state(self) -> State:
        """Where the review stands."""
        if self.adoption is not None:
            return State.ADOPTED if self.taken_back is None else State.ROLLED_BACK
        if self.proposal is None:
            return State.OPENED
        if self.missing:
            return State.VOTING
        return outcome(self.votes)


def outcome(votes: tuple[Vote, ...]) -> State:
    """What votes come to, once all are in: one that rejects decides, then one that asks for changes."""
    said = {each.vote for each in votes}
    if REJECT in said:
        return State.REJECTED
    return State.APPROVED if said == {APPROVE} else State.RETURNED


def taken_back(adoptions: tuple[Adoption, ...], adoption: Adoption) -> Adoption | None:
    """The way back that ended an adoption; None while it stands or waits behind others.

    Args:
        adoptions: Every row, oldest first.
        adoption: Which.
    """
    waiting: list[Adoption] = []
    for each in adoptions:
        if each.action != Action.REVERT:
            waiting.append(each)
        elif waiting.pop() == adoption:
            return each
    return None


def read_case(reviews: Reviews, review: Review, in_force: InForce) -> Case:
    """A review with everything that the ledger holds of it; votes only once all are in.

    Args:
        reviews: Of the ledger.
        review: Which.
        in_force: What decides now.
    """
    proposals = reviews.proposals(review.review_id)
    voted = reviews.voted(proposals[-1].proposal_id) if proposals else {}
    votes = reviews.votes(proposals[-1].proposal_id, roles=ROLES) if set(ROLES) <= set(voted) else ()
    ids = {each.proposal_id for each in proposals}
    adoptions = reviews.adoptions()
    mine = [each for each in adoptions if each.action == Action.ADOPT and each.proposal_id in ids]
    adoption = mine[-1] if mine else None
    standing = reviews.standing()
    return Case(
        review,
        proposals,
        voted,
        tuple(sorted(votes, key=lambda each: ROLES.index(each.role))),
        adoption,
        stands=adoption is not None and standing[-1] == adoption,
        taken_back=None if adoption is None else taken_back(adoptions, adoption),
        standing=standing,
        latest=adoptions[-1].sequence if adoptions else 0,
        in_force=in_force,
    )
