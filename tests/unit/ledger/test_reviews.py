"""The calibration review in the ledger: who may vote, when votes are seen, and what an adoption may assume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.ledger.reviews import FOUND, AdoptionChanged, InForce, Proposal, Review, Reviews, Vote
from salesworthy.ledger.store import Ledger

ROLES = ("compliance", "marketing_operations", "sales_leadership")
VOTE = Vote("P1", "compliance", "approve", "", "C. Brandt", 3)
BEFORE = InForce("hash of the old policy", "v1")


def proposal(name: str) -> Proposal:
    return Proposal(name, "2026-Q1", "thresholds", f"hash of {name}", None, "replay", {"at": 0.2}, "M. Weber", 2)


def approvals(name: str) -> list[Vote]:
    return [Vote(name, role, "approve", "", f"head of {role}", 3) for role in ROLES]


@pytest.fixture
def reviews(tmp_path: Path) -> Reviews:
    reviews = Ledger("sqlite:///ledger.db", tmp_path).reviews
    reviews.open(Review("2026-Q1", 1, "evidence", "M. Weber", 1))
    reviews.propose(proposal("P1"))
    return reviews


def test_what_was_recorded_is_read_back(reviews: Reviews) -> None:
    assert reviews.all() == (Review("2026-Q1", 1, "evidence", "M. Weber", 1),)
    assert reviews.proposals("2026-Q1") == (proposal("P1"),)
    assert reviews.proposals("2026-Q2") == ()


def test_votes_are_unseen_until_all_are_in(reviews: Reviews) -> None:
    given = approvals("P1")
    for vote in given:
        with pytest.raises(GateRefused, match="once all are in"):
            reviews.votes("P1", roles=ROLES)
        reviews.vote(vote)
    assert reviews.voted("P1") == {role: f"head of {role}" for role in ROLES}
    assert reviews.votes("P1", roles=ROLES) == tuple(given)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (replace(VOTE, by="D. Other"), "compliance has voted already"),
        (replace(VOTE, role="sales_leadership", by="c. brandt"), "has voted already, for compliance"),
        (replace(VOTE, role="sales_leadership", by="M. WEBER"), "does not vote on it"),
    ],
)
def test_a_role_and_a_person_vote_once_and_the_author_never(reviews: Reviews, second: Vote, says: str) -> None:
    reviews.vote(VOTE)
    with pytest.raises(GateRefused, match=says):
        reviews.vote(second)
    assert reviews.voted("P1") == {"compliance": "C. Brandt"}


def test_what_is_not_there_is_wrong_usage(reviews: Reviews) -> None:
    with pytest.raises(WrongUsage, match="no proposal 'P9'"):
        reviews.vote(replace(VOTE, proposal_id="P9"))
    with pytest.raises(WrongUsage, match="no review 'Q9'"):
        reviews.propose(replace(proposal("P2"), review_id="Q9"))
    with pytest.raises(WrongUsage, match="is no vote"):
        reviews.vote(replace(VOTE, vote="perhaps"))
    with pytest.raises(GateRefused, match="P1 stands already"):
        reviews.propose(proposal("P1"))


def approve(reviews: Reviews, name: str) -> None:
    for vote in approvals(name):
        reviews.vote(vote)


def adopt(reviews: Reviews, name: str, *, expected: int, stands: InForce = BEFORE) -> int:
    return reviews.adopt(name, by="M. Weber", now=4, expected=expected, stands=stands, roles=ROLES).sequence


def test_a_replaced_proposal_takes_no_votes_and_is_not_adopted(reviews: Reviews) -> None:
    approve(reviews, "P1")
    reviews.propose(proposal("P2"))
    with pytest.raises(GateRefused, match="replaced by P2"):
        reviews.vote(VOTE)
    with pytest.raises(GateRefused, match="replaced by P2"):
        adopt(reviews, "P1", expected=0)
    assert reviews.voted("P2") == {}


@pytest.mark.parametrize("vote", ["reject", "changes", None])
def test_every_role_must_have_approved(reviews: Reviews, vote: str | None) -> None:
    for each in approvals("P1")[:2]:
        reviews.vote(each)
    if vote is not None:
        reviews.vote(replace(approvals("P1")[2], vote=vote))
    with pytest.raises(GateRefused, match="sales_leadership did not approve"):
        adopt(reviews, "P1", expected=0)
    assert reviews.adoptions() == ()


def test_adoptions_are_compared_and_set_and_walk_back_to_what_was_found(reviews: Reviews) -> None:
    approve(reviews, "P1")
    first = adopt(reviews, "P1", expected=0)
    with pytest.raises(AdoptionChanged, match=f"adoption {first} stands now, not 0"):
        adopt(reviews, "P1", expected=0)
    reviews.open(Review("2026-Q2", 1, "evidence", "M. Weber", 5))
    reviews.propose(replace(proposal("P2"), review_id="2026-Q2", policy_sha256=None, model_version="v2"))
    approve(reviews, "P2")
    second = adopt(reviews, "P2", expected=first, stands=InForce("hash of P1", "v1"))
    assert [each.in_force for each in reviews.standing()] == [
        BEFORE, InForce("hash of P1", "v1"), InForce("hash of P1", "v2"),
    ]  # fmt: skip
    back = reviews.revert(by="M. Weber", now=6, expected=second)
    assert (back.action, back.proposal_id, back.in_force) == ("revert", "P1", InForce("hash of P1", "v1"))
    back = reviews.revert(by="M. Weber", now=7, expected=back.sequence)
    assert (back.proposal_id, back.in_force) == (None, BEFORE)
    with pytest.raises(GateRefused, match="no earlier adoption"):
        reviews.revert(by="M. Weber", now=8, expected=back.sequence)
    assert [each.note for each in reviews.adoptions()] == [FOUND, "", "", "", ""]


def test_what_somebody_changed_outside_a_review_can_be_gone_back_to(reviews: Reviews) -> None:
    approve(reviews, "P1")
    first = adopt(reviews, "P1", expected=0)
    reviews.open(Review("2026-Q2", 1, "evidence", "M. Weber", 5))
    reviews.propose(replace(proposal("P2"), review_id="2026-Q2"))
    approve(reviews, "P2")
    found = InForce("signed by hand", "v1")
    second = adopt(reviews, "P2", expected=first, stands=found)
    assert reviews.revert(by="M. Weber", now=6, expected=second).in_force == found
