"""Who may do what: the state that follows from the ledger, and the sentences of refusals."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.ledger.reviews import Adoption, InForce, Proposal, Review, Vote
from salesworthy.ledger.store import Ledger
from salesworthy.policy.governance import ROLES
from salesworthy.review import permissions
from salesworthy.review.case import Case, outcome, read_case
from salesworthy.review.states import TRANSITIONS, State, Step

BEFORE, AFTER = InForce("old", "v1"), InForce("new", "v1")
AUTHOR = "M. Weber"
VOTERS = dict(zip(ROLES, ("H. Lindqvist", "R. Costa", "C. Brandt"), strict=True))


def proposal(**changes):
    content = {"against": vars(BEFORE), "expected": 0, "why": ""}
    made = Proposal("Q1/1", "Q1", "thresholds", "new", None, "replay", content, AUTHOR, 2)
    return replace(made, **changes)


def votes(*said):
    return tuple(Vote("Q1/1", role, word, "", VOTERS[role], 3) for role, word in zip(ROLES, said, strict=True))


def case(**given_values):
    return Case(Review("Q1", 1, "evidence", AUTHOR, 1), **({"in_force": BEFORE} | given_values))


ADOPTED = Adoption(2, "adopt", "Q1/1", "new", "v1", AUTHOR, 4, "")
FOUND = Adoption(1, "adopt", None, "old", "v1", AUTHOR, 4, "")
OPENED = case()
VOTING = case(proposals=(proposal(),), voted={ROLES[0]: VOTERS[ROLES[0]]})
APPROVED = case(proposals=(proposal(),), voted=VOTERS, votes=votes("approve", "approve", "approve"))
RETURNED = replace(APPROVED, votes=votes("approve", "changes", "approve"))
REJECTED = replace(APPROVED, votes=votes("reject", "changes", "approve"))
IN_FORCE = replace(APPROVED, adoption=ADOPTED, stands=True, standing=(FOUND, ADOPTED), latest=2, in_force=AFTER)
TAKEN_BACK = replace(IN_FORCE, stands=False, taken_back=Adoption(3, "revert", None, "old", "v1", AUTHOR, 5, ""))
CASES = dict(zip(State, (OPENED, VOTING, APPROVED, RETURNED, REJECTED, IN_FORCE, TAKEN_BACK), strict=True))


@pytest.mark.parametrize(("state", "found"), CASES.items())
def test_the_state_follows_from_the_ledger(state, found):
    assert found.state == state


@pytest.mark.parametrize("said", list(itertools.product(("approve", "reject", "changes"), repeat=3)))
def test_one_that_rejects_decides_then_one_that_asks_for_changes(said):
    expected = State.APPROVED
    for word in said:
        if word == "changes" and expected != State.REJECTED:
            expected = State.RETURNED
        if word == "reject":
            expected = State.REJECTED
    assert outcome(votes(*said)) == expected
    assert expected in TRANSITIONS[State.VOTING][Step.VOTE]


ALLOWED = {
    Step.PROPOSE: lambda found: permissions.can_propose(found, by=AUTHOR),
    Step.VOTE: lambda found: permissions.can_vote(found, role=ROLES[2], by="somebody else"),
    Step.ADOPT: permissions.can_adopt,
    Step.ROLL_BACK: permissions.can_roll_back,
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_what_is_allowed_is_what_the_states_say(state, step):
    assert ALLOWED[step](CASES[state]) == (step in TRANSITIONS[state])


CAN, CHECK = "can", "check_can"
REFUSED = {
    "the author votes": ("vote", VOTING, {"role": ROLES[1], "by": "m. weber "}, "made this proposal and does not vote"),
    "a role votes twice": ("vote", VOTING, {"role": ROLES[0], "by": "X"}, "voted already for sales leadership"),
    "a person votes twice": ("vote", VOTING, {"role": ROLES[1], "by": "h. LINDQVIST"}, "already, for sales leadership"),
    "nothing to vote on": ("vote", OPENED, {"role": ROLES[0], "by": "X"}, "nothing is proposed"),
    "an early look": ("see_votes", VOTING, {}, "votes are shown once all are in"),
    "a look at nothing": ("see_votes", OPENED, {}, "nothing is proposed"),
    "adopted early": ("adopt", VOTING, {}, "not all votes are in"),
    "adopted against a vote": ("adopt", REJECTED, {}, "a reviewer rejects"),
    "another policy": ("adopt", replace(APPROVED, in_force=InForce("other", "v1")), {}, "the policy has changed since"),
    "another model": ("adopt", replace(APPROVED, in_force=InForce("old", "v9")), {}, "the model has changed since"),
    "another adoption": ("adopt", replace(APPROVED, latest=7), {}, "what was adopted has changed since"),
    "an older adoption": ("roll_back", replace(IN_FORCE, stands=False), {}, "only the latest adoption"),
    "changed by hand": (
        "roll_back",
        replace(IN_FORCE, in_force=InForce("hand", "v1")),
        {},
        "the policy in force is not",
    ),
    "promoted by hand": (
        "roll_back",
        replace(IN_FORCE, in_force=InForce("new", "v9")),
        {},
        "the model in force is not",
    ),
    "no model before": (
        "roll_back",
        replace(IN_FORCE, standing=(replace(FOUND, model_version=None), ADOPTED)),
        {},
        "no way back to none",
    ),
}


@pytest.mark.parametrize(("what", "found", "given_values", "says"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_sentence(what, found, given_values, says):
    with pytest.raises(GateRefused, match=says):
        getattr(permissions, f"{CHECK}_{what}")(found, **given_values)
    assert not getattr(permissions, f"{CAN}_{what}")(found, **given_values)


def test_an_adoption_that_was_cut_off_after_its_promotion_can_go_on():
    both = replace(APPROVED, proposals=(proposal(model_version="v2"),), in_force=InForce("old", "v2"))
    assert permissions.can_adopt(both)


def test_unknown_roles_and_nobody_are_wrong_usage():
    with pytest.raises(WrongUsage, match="nobody votes as 'complience'"):
        permissions.check_can_vote(VOTING, role="complience", by="X")
    with pytest.raises(WrongUsage, match="nobody is named"):
        permissions.check_can_vote(VOTING, role=ROLES[1], by=" ")
    assert not permissions.can_vote(VOTING, role="complience", by="X")


STEPS = st.one_of(
    st.tuples(
        st.just(Step.VOTE),
        st.sampled_from(ROLES),
        st.sampled_from(["the head of that role"] * 3 + [AUTHOR, VOTERS[ROLES[0]]]),
        st.sampled_from(["approve"] * 4 + ["reject", "changes"]),
    ),
    st.sampled_from([(Step.PROPOSE,), (Step.ADOPT,), (Step.ROLL_BACK,)]),
)
ALL_THE_WAY = [
    (Step.PROPOSE,),
    *((Step.VOTE, role, "the head of that role", "approve") for role in ROLES),
    (Step.ADOPT,),
    (Step.ROLL_BACK,),
]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    """One ledger for all examples, each with a review of its own."""
    return Ledger("sqlite:///ledger.db", tmp_path_factory.mktemp("ledger")).reviews


@settings(max_examples=25, deadline=None)
@example(steps=ALL_THE_WAY)
@given(steps=st.lists(STEPS, max_size=12))
def test_any_order_of_steps_moves_only_along_the_transitions(reviews, steps):
    """What the permissions allow, the ledger takes, and votes stay unseen until all are in."""
    known = Review(f"Q{len(reviews.all())}", 1, "evidence", AUTHOR, 1)
    reviews.open(known)
    standing = reviews.standing()
    in_force = standing[-1].in_force if standing else BEFORE
    for step in steps:
        found = read_case(reviews, known, in_force)
        assert bool(found.votes) == (len(found.voted) == len(ROLES))
        if not is_allowed(found, step):
            continue
        in_force = do(reviews, found, step, in_force)
        moved = read_case(reviews, known, in_force).state
        assert moved in TRANSITIONS[found.state][step[0]]
    if steps == ALL_THE_WAY:
        assert read_case(reviews, known, in_force).state == State.ROLLED_BACK


def who(step):
    return VOTERS[step[1]] if step[2] == "the head of that role" else step[2]


def is_allowed(found, step):
    if step[0] == Step.VOTE:
        return permissions.can_vote(found, role=step[1], by=who(step))
    return ALLOWED[step[0]](found)


def do(reviews, found, step, in_force):
    if step[0] == Step.PROPOSE:
        content = {"against": vars(in_force), "expected": found.latest, "why": ""}
        name = found.review.review_id
        number = len(found.proposals) + 1
        reviews.propose(proposal(proposal_id=f"{name}/{number}", review_id=name, content=content))
    elif step[0] == Step.VOTE:
        reviews.vote(Vote(found.proposal.proposal_id, step[1], step[3], "", who(step), 3))
    elif step[0] == Step.ADOPT:
        stands = permissions.compared_with(found.proposal)
        reviews.adopt(found.proposal.proposal_id, by=AUTHOR, now=4, expected=found.latest, stands=stands, roles=ROLES)
        return AFTER
    else:
        return reviews.revert(by=AUTHOR, now=5, expected=found.latest).in_force
    return in_force
