"""Who may do what: each ``check_can_...`` raises the very sentence that a page shows beside its disabled button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.ledger.records import named
from salesworthy.ledger.reviews import Adoption, InForce, Proposal
from salesworthy.policy.approvals import TITLES
from salesworthy.policy.governance import ROLES
from salesworthy.review.case import Case
from salesworthy.review.states import REFUSALS, TRANSITIONS, Step


def check_step(case: Case, step: Step) -> None:
    """Refuse what nobody may do in the state that a review is in.

    Raises:
        GateRefused: With the reason as a sentence.
    """
    if step not in TRANSITIONS[case.state]:
        raise GateRefused(REFUSALS[case.state][step], where=_where(case))


def check_can_propose(case: Case, *, by: str) -> None:
    """Refuse a proposal in a review that is over.

    Raises:
        WrongUsage: When nobody is named.
        GateRefused: With the reason as a sentence.
    """
    named(by)
    check_step(case, Step.PROPOSE)


def check_can_vote(case: Case, *, role: str, by: str) -> None:
    """Refuse a vote of the author, a second one of a role or a person, and one when nothing is to be voted on.

    Raises:
        WrongUsage: When there is no such role, or nobody is named.
        GateRefused: With the reason as a sentence.
    """
    if role not in ROLES:
        raise WrongUsage(f"nobody votes as {role!r}", where="--role", todo=nearest(role, ROLES))
    voter = named(by)
    check_step(case, Step.VOTE)
    proposal, where = _newest(case), _where(case)
    if voter.casefold() == proposal.by.casefold():
        raise GateRefused(
            f"{proposal.by} made this proposal and does not vote on it", where=where, todo="somebody else votes"
        )
    if role in case.voted:
        raise GateRefused(f"{case.voted[role]} has voted already for {TITLES[role]}", where=where)
    for other, name in case.voted.items():
        if name.casefold() == voter.casefold():
            raise GateRefused(f"{name} has voted already, for {TITLES[other]}", where=where)


def check_can_see_votes(case: Case) -> None:
    """Refuse to show votes before all are in, so that nobody votes with somebody.

    Raises:
        GateRefused: With the roles that are waited for.
    """
    if case.proposal is None:
        raise GateRefused("nothing is proposed in this review yet", where=_where(case))
    if case.missing:
        waiting = " and ".join(TITLES[role] for role in case.missing)
        raise GateRefused("votes are shown once all are in", where=_where(case), todo=f"wait for {waiting}")


def check_can_adopt(case: Case) -> None:
    """Refuse what not everybody approved of, and what was compared with something that is no longer in force.

    Raises:
        GateRefused: With the reason as a sentence.
    """
    check_step(case, Step.ADOPT)
    proposal = _newest(case)
    against = compared_with(proposal)
    moved = [
        what
        for what, then, now, wanted in (
            ("policy", against.policy_sha256, case.in_force.policy_sha256, None),
            ("model", against.model_version, case.in_force.model_version, proposal.model_version),
        )
        # An adoption that was cut off may have promoted its model already.
        if now != then and (wanted is None or now != wanted)
    ]
    if moved or case.latest != proposal.content["expected"]:
        what = " and ".join(f"the {each}" for each in moved) or "what was adopted"
        raise GateRefused(
            f"{what} has changed since this was proposed, so that its replay no longer holds",
            where=_where(case),
            todo="propose again: votes start anew",
        )


def check_can_roll_back(case: Case) -> None:
    """Refuse to go back where nothing stood before, or where something else is in force than was adopted.

    Raises:
        GateRefused: With the reason as a sentence.
    """
    check_step(case, Step.ROLL_BACK)
    where = f"review {case.review.review_id}"
    if not case.stands:
        later = case.standing[-1].proposal_id or "a later change"
        raise GateRefused(f"{later} was adopted after it: only the latest adoption can be taken back", where=where)
    adopted, before = case.standing[-1].in_force, case.standing[-2].in_force
    if adopted.policy_sha256 != case.in_force.policy_sha256:
        raise _changed_outside("the policy", where)
    if case.in_force.model_version not in (adopted.model_version, before.model_version):
        raise _changed_outside("the model", where)
    if before.model_version is None and adopted.model_version is not None:
        raise GateRefused("no model was in force before it, and there is no way back to none", where=where)
    if before.policy_sha256 is None and adopted.policy_sha256 is not None:
        raise GateRefused("there was no policy before it, and there is no way back to none", where=where)


def can_propose(case: Case, *, by: str) -> bool:
    """Whether this person may propose now."""
    return _is_allowed(check_can_propose, case, by=by)


def can_vote(case: Case, *, role: str, by: str) -> bool:
    """Whether this person may vote in this role now."""
    return _is_allowed(check_can_vote, case, role=role, by=by)


def can_see_votes(case: Case) -> bool:
    """Whether votes are shown now."""
    return _is_allowed(check_can_see_votes, case)


def can_adopt(case: Case) -> bool:
    """Whether the proposal may be put in force now."""
    return _is_allowed(check_can_adopt, case)


def can_roll_back(case: Case) -> bool:
    """Whether its adoption may be taken back now."""
    return _is_allowed(check_can_roll_back, case)


def compared_with(proposal: Proposal) -> InForce:
    """What was in force when it was proposed."""
    return InForce(**proposal.content["against"])


def standing_review(adoptions: tuple[Adoption, ...]) -> str:
    """The proposal whose adoption would be taken back.

    Raises:
        GateRefused: When nothing that was proposed is in force.
    """
    found = adoptions[-1].proposal_id if adoptions else None
    if found is None:
        raise GateRefused("no review changed anything that is still in force", where="review")
    return found


def _newest(case: Case) -> Proposal:
    if case.proposal is None:
        raise GateRefused("nothing is proposed in this review yet", where=_where(case))
    return case.proposal


def _where(case: Case) -> str:
    review = f"review {case.review.review_id}"
    return review if case.proposal is None else f"{review}, proposal {case.proposal.proposal_id}"


def _changed_outside(what: str, where: str) -> GateRefused:
    return GateRefused(
        f"{what} in force is not the one that was adopted: somebody changed it outside a review",
        where=where,
        todo="open a review to change it again",
    )


def _is_allowed(check: Callable[..., None], *given: Any, **named_values: Any) -> bool:
    try:
        check(*given, **named_values)
    except (GateRefused, WrongUsage):
        return False
    return True
