"""The states of a review as data: which steps lead from each to which, why others are refused, and who moves next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a review stands. The values are public."""

    OPENED = "opened"
    VOTING = "voting"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    ADOPTED = "adopted"
    ROLLED_BACK = "rolled_back"


class Step(StrEnum):
    """What people do in a review. The values are those of the commands."""

    PROPOSE = "propose"
    VOTE = "vote"
    ADOPT = "adopt"
    ROLL_BACK = "rollback"


class Owner(StrEnum):
    """Whose move it is."""

    AUTHOR = "author"
    REVIEWERS = "reviewers"
    ANYBODY = "anybody"
    NOBODY = "nobody"


SAYS: Mapping[State, str] = {
    State.OPENED: "Evidence is there, and nothing is proposed yet",
    State.VOTING: "A proposal waits for votes",
    State.APPROVED: "All three roles approve of the proposal",
    State.RETURNED: "A reviewer asks for changes",
    State.REJECTED: "A reviewer rejects the proposal",
    State.ADOPTED: "The proposal is in force",
    State.ROLLED_BACK: "The proposal was in force, and was taken back",
}

OWNERS: Mapping[State, Owner] = {
    State.OPENED: Owner.AUTHOR,
    State.VOTING: Owner.REVIEWERS,
    State.APPROVED: Owner.ANYBODY,
    State.RETURNED: Owner.AUTHOR,
    State.REJECTED: Owner.AUTHOR,
    State.ADOPTED: Owner.NOBODY,
    State.ROLLED_BACK: Owner.NOBODY,
}

OWNER_SAYS: Mapping[Owner, str] = {
    Owner.AUTHOR: "whoever proposes",
    Owner.REVIEWERS: "the roles that have not voted",
    Owner.ANYBODY: "whoever puts it in force",
    Owner.NOBODY: "nobody: the review is over",
}

TRANSITIONS: Mapping[State, Mapping[Step, tuple[State, ...]]] = {
    State.OPENED: {Step.PROPOSE: (State.VOTING,)},
    State.VOTING: {
        Step.PROPOSE: (State.VOTING,),
        Step.VOTE: (State.VOTING, State.APPROVED, State.RETURNED, State.REJECTED),
    },
    State.APPROVED: {Step.PROPOSE: (State.VOTING,), Step.ADOPT: (State.ADOPTED,)},
    State.RETURNED: {Step.PROPOSE: (State.VOTING,)},
    State.REJECTED: {Step.PROPOSE: (State.VOTING,)},
    State.ADOPTED: {Step.ROLL_BACK: (State.ROLLED_BACK,)},
    State.ROLLED_BACK: {},
}

_NOTHING_PROPOSED = "nothing is proposed in this review yet"
_VOTED = "all votes on this proposal are in"
_NOT_IN_FORCE = "nothing of this review is in force"
_IN_FORCE = "the proposal of this review is in force already"
_TAKEN_BACK = "the proposal of this review was in force and was taken back: open another review"

REFUSALS: Mapping[State, Mapping[Step, str]] = {
    State.OPENED: {Step.VOTE: _NOTHING_PROPOSED, Step.ADOPT: _NOTHING_PROPOSED, Step.ROLL_BACK: _NOT_IN_FORCE},
    State.VOTING: {
        Step.ADOPT: "not all votes are in",
        Step.ROLL_BACK: _NOT_IN_FORCE,
    },
    State.APPROVED: {Step.VOTE: _VOTED, Step.ROLL_BACK: _NOT_IN_FORCE},
    State.RETURNED: {
        Step.VOTE: _VOTED,
        Step.ADOPT: "a reviewer asks for changes: propose again",
        Step.ROLL_BACK: _NOT_IN_FORCE,
    },
    State.REJECTED: {
        Step.VOTE: _VOTED,
        Step.ADOPT: "a reviewer rejects this proposal",
        Step.ROLL_BACK: _NOT_IN_FORCE,
    },
    State.ADOPTED: {
        Step.PROPOSE: f"{_IN_FORCE}: open another review",
        Step.VOTE: _IN_FORCE,
        Step.ADOPT: _IN_FORCE,
    },
    State.ROLLED_BACK: {
        Step.PROPOSE: _TAKEN_BACK,
        Step.VOTE: _TAKEN_BACK,
        Step.ADOPT: _TAKEN_BACK,
        Step.ROLL_BACK: "it was taken back already",
    },
}
"""Why a step is refused in a state, for every step that ``TRANSITIONS`` does not give there."""
