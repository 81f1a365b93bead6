"""A review as it stands, read from the ledger and its files, and told as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.moments import format_moment
from salesworthy.domain.names import nearest
from salesworthy.ledger.reviews import Adoption, InForce, Proposal
from salesworthy.policy.approvals import TITLES
from salesworthy.review.case import Case, read_case
from salesworthy.review.permissions import (
    check_can_adopt,
    check_can_roll_back,
    check_can_see_votes,
    check_step,
)
from salesworthy.review.states import OWNER_SAYS, OWNERS, SAYS, State, Step
from salesworthy.runs.policy_place import finish_exchange
from salesworthy.runs.review_files import evidence_of, folder_of_reviews, policy_in_force, replay_of
from salesworthy.runs.workspace import Workspace


def in_force(workspace: Workspace) -> InForce:
    """What decides now.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    found, champion = policy_in_force(workspace), workspace.registry.champion()
    return InForce(None if found is None else found[1].content_hash, None if champion is None else champion.version)


def the_case(workspace: Workspace, review_id: str | None = None) -> Case:
    """A review by its name, or the newest.

    Raises:
        WrongUsage: When there is no such review, or none at all.
    """
    known = workspace.ledger.reviews.all()
    if not known:
        raise WrongUsage("there is no review", where="review", todo="salesworthy review open --by NAME")
    by_name = {each.review_id: each for each in known}
    chosen = known[-1].review_id if review_id is None else review_id
    if chosen not in by_name:
        raise WrongUsage(f"there is no review {chosen!r}", where="REVIEW", todo=nearest(chosen, by_name))
    return read_case(workspace.ledger.reviews, by_name[chosen], in_force(workspace))


def finish_what_was_cut_off(workspace: Workspace) -> bool:
    """Put a policy in place whose adoption, or way back, is recorded but was cut off; whether there was one."""
    standing = workspace.ledger.reviews.standing()
    wanted = standing[-1].policy_sha256 if standing else None
    return finish_exchange(place_of_policy(workspace), folder_of_reviews(workspace), wanted=wanted)


def place_of_policy(workspace: Workspace) -> Any:
    """Where the policy of a workspace is, or would be."""
    return workspace.folder / workspace.settings.policy.path


def told(workspace: Workspace, case: Case) -> dict[str, Any]:
    """A review as ``review show --json`` prints it; votes only once all are in.

    Raises:
        UserError: When a file of the review is gone or was changed.
    """
    refused = _refusal(check_can_see_votes, case)
    return {
        "review": {
            "review_id": case.review.review_id,
            "as_of": format_moment(case.review.as_of),
            "by": case.review.by,
            "at": format_moment(case.review.at),
            "evidence_sha256": case.review.evidence_sha256,
        },
        "state": str(case.state),
        "says": SAYS[case.state],
        "next": _next(case),
        "can": {name: {"allowed": not says, "says": says} for name, says in _steps(case)},
        "evidence": evidence_of(workspace, case.review),
        "proposals": [_proposal(each) for each in case.proposals],
        "replay": None if case.proposal is None else replay_of(workspace, case.proposal),
        "voted": [{"role": role, "by": by} for role, by in case.voted.items()],
        "votes": None if refused else [{**vars(each), "at": format_moment(each.at)} for each in case.votes],
        "votes_say": refused,
        "decisions": _decisions(case),
    }


def _steps(case: Case) -> list[tuple[str, str]]:
    return [
        (Step.PROPOSE, _refusal(lambda each: check_step(each, Step.PROPOSE), case)),
        (Step.VOTE, _refusal(lambda each: check_step(each, Step.VOTE), case)),
        (Step.ADOPT, _refusal(check_can_adopt, case)),
        (Step.ROLL_BACK, _refusal(check_can_roll_back, case)),
    ]


def _refusal(check: Callable[[Case], None], case: Case) -> str:
    """The sentence with which a step is refused; empty where it is not."""
    try:
        check(case)
    except GateRefused as refused:
        return f"{refused.what}; {refused.todo}" if refused.todo else refused.what
    return ""


def _next(case: Case) -> str:
    if case.state == State.VOTING:
        return " and ".join(TITLES[role] for role in case.missing)
    return OWNER_SAYS[OWNERS[case.state]]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {**vars(proposal), "content": dict(proposal.content), "at": format_moment(proposal.at)}


def _decisions(case: Case) -> list[dict[str, Any]]:
    if case.adoption is None:
        return []
    content = next(each for each in case.proposals if each.proposal_id == case.adoption.proposal_id).content
    found = [_decision(case.adoption, content["after"])]
    return found if case.taken_back is None else [*found, _decision(case.taken_back, content["before"])]


def _decision(adoption: Adoption, versions: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": adoption.action,
        "by": adoption.by,
        "at": format_moment(adoption.at),
        "policy": versions["policy_version"],
        "policy_sha256": adoption.policy_sha256,
        "model_version": adoption.model_version,
        "note": adoption.note,
    }
