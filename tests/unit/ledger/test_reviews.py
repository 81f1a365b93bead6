"""The calibration review in the ledger: who may vote, when votes are seen, and what an adoption may assume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.ledger.reviews import AdoptionChanged, Proposal, Review, Reviews, Vote
from salesworthy.ledger.store import Ledger

ROLES = ("compliance", "marketing_operations", "sales_leadership")
VOTE = Vote("P1", "compliance", "for", "", "C. Brandt", 3)


def proposal(name: str) -> Proposal:
    return Proposal(name, "2026-Q1", "thresholds", f"hash of {name}", None, "replay", {"at": 0.2}, "M. Weber", 2)


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
    given = [Vote("P1", role, "for", "", f"head of {role}", 3) for role in ROLES]
    for vote in given:
        with pytest.raises(GateRefused, match="once all are in"):
            reviews.votes("P1", roles=ROLES)
        reviews.vote(vote)
    assert reviews.voted("P1") == ROLES
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
    assert reviews.voted("P1") == ("compliance",)


def test_what_is_not_there_is_wrong_usage(reviews: Reviews) -> None:
    with pytest.raises(WrongUsage, match="no proposal 'P9'"):
        reviews.vote(replace(VOTE, proposal_id="P9"))
    with pytest.raises(WrongUsage, match="no review 'Q9'"):
        reviews.propose(replace(proposal("P2"), review_id="Q9"))
    with pytest.raises(WrongUsage, match="is no vote"):
        reviews.vote(replace(VOTE, vote="perhaps"))
    with pytest.raises(GateRefused, match="P1 stands already"):
        reviews.propose(proposal("P1"))


def test_adoptions_are_compared_and_set_and_walk_back(reviews: Reviews) -> None:
    reviews.propose(proposal("P2"))
    first = reviews.adopt("P1", by="M. Weber", now=4, expected=0)
    with pytest.raises(AdoptionChanged, match="adoption 1 stands now, not 0"):
        reviews.adopt("P2", by="M. Weber", now=5, expected=0)
    reviews.adopt("P2", by="M. Weber", now=5, expected=first.sequence)
    back = reviews.revert(by="M. Weber", now=6, expected=2)
    assert (back.action, back.proposal_id, back.policy_sha256) == ("revert", "P1", "hash of P1")
    with pytest.raises(GateRefused, match="no earlier adoption"):
        reviews.revert(by="M. Weber", now=7, expected=3)
    assert [each.proposal_id for each in reviews.adoptions()] == ["P1", "P2", "P1"]
