"""A proposal in a review: a draft policy, another model version, or both, checked and replayed over past weeks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import GateRefused, WrongUsage
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.ledger.records import named
from salesworthy.ledger.reviews import Proposal
from salesworthy.policy.approvals import FILE
from salesworthy.policy.loading import load_policy
from salesworthy.review.case import Case
from salesworthy.review.permissions import check_can_propose
from salesworthy.runs.lock import run_lock
from salesworthy.runs.policy_place import copy_policy
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.recalibrate import recalibrate
from salesworthy.runs.review_case import finish_what_was_cut_off, the_case, told
from salesworthy.runs.review_change import Change, Draft, checked_draft, checked_model
from salesworthy.runs.review_files import (
    POLICY,
    REPLAY,
    folder_of_proposal,
    folder_of_reviews,
    policy_in_force,
    write_document,
)
from salesworthy.runs.workspace import Workspace

DAYS = 56
"""Days before the review's moment that are replayed, unless others are named."""


@dataclass(frozen=True)
class Window:
    """What is replayed: first and last day, and the moment by which outcomes count, in microseconds."""

    start: int
    end: int
    as_of: int

    @classmethod
    def of(cls, case: Case, start: int | None, end: int | None) -> Window:
        """The days that are named, or those before the review's moment."""
        as_of = case.review.as_of
        return cls(
            as_of - DAYS * MICROSECONDS_PER_DAY if start is None else start, as_of if end is None else end, as_of
        )


def propose(
    workspace: Workspace,
    review_id: str | None,
    *,
    by: str,
    now: int,
    why: str,
    policy: Path | None = None,
    model: str | None = None,
    recalibrated: bool = False,
    start: int | None = None,
    end: int | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Propose a change; it replaces an earlier proposal of the review, whose votes count no longer.

    What is proposed is frozen: a draft that is edited afterwards has to be proposed again.

    Args:
        workspace: Whose.
        review_id: Which review; the newest by default.
        by: The author.
        now: When, in microseconds.
        why: What it is for, in words.
        policy: Folder of a draft policy; None where the policy stays.
        model: A registered version; None where the model stays.
        recalibrated: Whether the model is the champion with its level moved; it is registered as a version first.
        start: First day that is replayed, in microseconds; eight weeks before the review's moment by default.
        end: Last day; the review's moment by default.
        progress: Told about the steps.

    Returns:
        The review as ``review show --json`` prints it.

    Raises:
        WrongUsage: When nothing is proposed, or there is no such review or version.
        ConfigurationMistakes: When the draft has mistakes.
        GateRefused: When the review is over, nothing differs, or a worked case of the draft does not hold.
    """
    refuse_unclear(policy=policy is not None, model=model is not None, recalibrated=recalibrated, why=why)
    with run_lock(folder_of_reviews(workspace)):
        finish_what_was_cut_off(workspace)
        case = the_case(workspace, review_id)
        check_can_propose(case, by=by)
        draft = None if policy is None else checked_draft(workspace, policy, progress=progress)
        if recalibrated:
            model = recalibrate(workspace, as_of=case.review.as_of, now=now, by=by, progress=progress).version
        change = Change(draft, None if model is None else checked_model(workspace, model, progress=progress))
        proposal_id = f"{case.review.review_id}/{len(case.proposals) + 1}"
        folder = folder_of_proposal(workspace, proposal_id)
        frozen = None if change.draft is None else _freeze(change.draft, folder / POLICY)
        replay = _replay(workspace, frozen, model, Window.of(case, start, end), progress)
        workspace.ledger.reviews.propose(
            Proposal(
                proposal_id,
                case.review.review_id,
                change.kinds,
                change.policy_sha256,
                change.model_version,
                write_document(folder / REPLAY, replay),
                _content(workspace, case, change, why=why.strip(), headline=replay["headline"]),
                named(by),
                now,
            )
        )
    return told(workspace, the_case(workspace, case.review.review_id))


def refuse_unclear(*, policy: bool, model: bool, recalibrated: bool, why: str) -> None:
    """Refuse a proposal of nothing, of two models, or that says nothing of its purpose.

    Raises:
        WrongUsage: With the reason as a sentence.
    """
    if not policy and not model and not recalibrated:
        raise WrongUsage(
            "nothing is proposed",
            where="--policy, --model, --recalibrate",
            todo="name a draft policy, a model version, or both",
        )
    if model and recalibrated:
        todo = "propose a version, or the champion recalibrated"
        raise WrongUsage("two models are proposed", where="--model, --recalibrate", todo=todo)
    if not why.strip():
        raise WrongUsage("nobody knows what this is for", where="--why", todo='say it: --why "fewer cold leads"')


def _freeze(draft: Draft, target: Path) -> Path:
    """A copy that nobody edits; signatures are left out, for votes will be the signatures.

    Raises:
        GateRefused: When somebody wrote to the draft meanwhile.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_policy(draft.folder, target, without=(FILE,))
    copied = load_policy(target)
    if (copied.content_hash, copied.cases) != (draft.policy.content_hash, draft.policy.cases):
        raise GateRefused("somebody wrote to the draft meanwhile", where=str(draft.folder), todo="propose again")
    return target


def _replay(
    workspace: Workspace, policy: Path | None, model: str | None, window: Window, progress: Progress
) -> dict[str, Any]:
    """The replay as it is recorded: its examples are of leads whose names are left out."""
    from salesworthy.runs.replay import replay

    found = replay(
        workspace, policy, start=window.start, end=window.end, as_of=window.as_of, model=model, progress=progress
    )
    examples = [{name: value for name, value in each.items() if name != "lead_id"} for each in found["examples"]]
    return {**{name: value for name, value in found.items() if name not in ("old", "new")}, "examples": examples}


def _content(workspace: Workspace, case: Case, change: Change, *, why: str, headline: str) -> dict[str, Any]:
    found = policy_in_force(workspace)
    before = {
        "policy_version": None if found is None else found[1].version,
        "model_version": case.in_force.model_version,
    }
    return {
        "why": why,
        "headline": headline,
        "against": vars(case.in_force),
        "expected": case.latest,
        "before": before,
        "after": change.after(before),
        **change.as_dict(),
    }
