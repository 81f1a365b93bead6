"""Adoption: what all three roles approved of comes into force, as a signed policy, a promoted model or both; and back.

The steps can be cut off anywhere. The ledger decides: before its row is written nothing counts but a promotion, which
the next attempt finds done; after it, the next command of the review puts the policy in place.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import GateRefused
from salesworthy.domain.moments import from_micros
from salesworthy.ledger.approvals import SignedPolicy
from salesworthy.ledger.records import named
from salesworthy.ledger.reviews import InForce
from salesworthy.ledger.store import champions_standing
from salesworthy.policy.approvals import FILE, approve
from salesworthy.policy.document import Policy
from salesworthy.policy.governance import ROLES
from salesworthy.policy.loading import load_policy
from salesworthy.review.case import Case
from salesworthy.review.permissions import check_can_adopt, check_can_roll_back, compared_with, standing_review
from salesworthy.runs.governance import day_of
from salesworthy.runs.lock import run_lock
from salesworthy.runs.policy_place import announce
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.review_case import finish_what_was_cut_off, place_of_policy, the_case, told
from salesworthy.runs.review_files import folder_of_reviews, keep_policy, kept_policy, proposed_policy
from salesworthy.runs.workspace import Workspace


def adopt(
    workspace: Workspace,
    review_id: str | None,
    *,
    by: str,
    now: int,
    note: str = "",
    despite: Sequence[str] = (),
    because: str = "",
    progress: Progress = silent,
) -> dict[str, Any]:
    """Put the proposal of a review in force: the policy with the votes as its signatures, the model through its gate.

    Args:
        workspace: Whose.
        review_id: Which; the newest by default.
        by: Who does it.
        now: When, in microseconds.
        note: Why, in words.
        despite: Codes of the gate's conditions that may fail, because this person answers for them.
        because: Why they may; needed with ``despite``.
        progress: Told about the steps.

    Returns:
        The review as ``review show --json`` prints it.

    Raises:
        WrongUsage: When there is no such review, or nobody is named.
        GateRefused: When not everybody approved, something else is in force than the replay compared with, the policy
            starts later, or the promotion gate says no.
        UserError: When a file of the proposal was changed.
    """
    named(by)
    with run_lock(folder_of_reviews(workspace)):
        was_cut_off = finish_what_was_cut_off(workspace)
        case = the_case(workspace, review_id)
        if not (was_cut_off and case.stands):
            check_can_adopt(case)
            _adopt(workspace, case, by=by, now=now, note=note, despite=despite, because=because, progress=progress)
    return told(workspace, the_case(workspace, case.review.review_id))


def roll_back(workspace: Workspace, *, by: str, now: int, note: str = "") -> dict[str, Any]:
    """Take the latest adoption back: the policy and the model before it are in force again, as a new event.

    Args:
        workspace: Whose.
        by: Who does it.
        now: When, in microseconds.
        note: Why, in words.

    Returns:
        The review whose adoption it was, as ``review show --json`` prints it.

    Raises:
        WrongUsage: When nobody is named.
        GateRefused: When nothing that a review changed is in force, or somebody changed it since.
        UserError: When the policy before it is gone.
    """
    named(by)
    with run_lock(folder_of_reviews(workspace)):
        finish_what_was_cut_off(workspace)
        standing = workspace.ledger.reviews.standing()
        case = the_case(workspace, standing_review(standing).rpartition("/")[0])
        check_can_roll_back(case)
        before = standing[-2].in_force
        if before.policy_sha256 is not None and before.policy_sha256 != case.in_force.policy_sha256:
            source = kept_policy(workspace, before.policy_sha256)
            announce(source, folder_of_reviews(workspace), content_sha256=before.policy_sha256)
        _model_back(workspace, case, before, by=by, now=now)
        workspace.ledger.reviews.revert(by=by, now=now, expected=case.latest, note=note.strip())
        finish_what_was_cut_off(workspace)
    return told(workspace, the_case(workspace, case.review.review_id))


def _adopt(
    workspace: Workspace,
    case: Case,
    *,
    by: str,
    now: int,
    note: str,
    despite: Sequence[str],
    because: str,
    progress: Progress,
) -> None:
    proposal, reviews = case.proposals[-1], workspace.ledger.reviews
    signed = _signed(workspace, case, now=now) if proposal.policy_sha256 else None
    if proposal.model_version and proposal.model_version != case.in_force.model_version:
        from salesworthy.runs.promotion import promote

        promote(workspace, proposal.model_version, by=by, now=now, despite=despite, because=because, progress=progress)
    if signed is not None:
        _note_signatures(workspace, signed[1], now=now)
        announce(signed[0], folder_of_reviews(workspace), content_sha256=str(proposal.policy_sha256))
    reviews.adopt(
        proposal.proposal_id,
        by=by,
        now=now,
        expected=case.latest,
        stands=compared_with(proposal),
        roles=ROLES,
        note=note.strip(),
    )
    finish_what_was_cut_off(workspace)


def _signed(workspace: Workspace, case: Case, *, now: int) -> tuple[Path, Policy]:
    """The proposed policy, kept with the votes as its signatures; the one in force is kept beside it."""
    proposal = case.proposals[-1]
    folder, policy = proposed_policy(workspace, proposal)
    if not policy.has_started(from_micros(now).date()):
        raise GateRefused(
            f"the policy {policy.version} starts on {policy.policy.starts}",
            where=f"proposal {proposal.proposal_id}",
            todo="adopt it then; or propose one that starts now, whose values have later dates",
        )
    place = place_of_policy(workspace)
    present = load_policy(place)
    keep_policy(workspace, place, present.content_hash)
    kept = keep_policy(workspace, folder, policy.content_hash)
    if (place / FILE).is_file() and not any(each.content == policy.content_hash for each in present.approvals):
        shutil.copyfile(place / FILE, kept / FILE)  # earlier signatures stay readable
    for vote in case.votes:
        policy = approve(kept, role=vote.role, by=vote.by, on=day_of(workspace, vote.at))
    return kept, policy


def _note_signatures(workspace: Workspace, policy: Policy, *, now: int) -> None:
    for role, signature in sorted(policy.signed_by.items()):
        workspace.ledger.approvals.record(
            SignedPolicy(policy.version, policy.content_hash, role, signature.by, signature.on.isoformat(), now)
        )


def _model_back(workspace: Workspace, case: Case, before: InForce, *, by: str, now: int) -> None:
    champion, wanted = case.in_force.model_version, before.model_version
    if wanted is None or wanted == champion:
        return
    note = f"review {case.review.review_id} taken back"
    behind = champions_standing(workspace.ledger.promotions())[:-1]
    if behind and behind[-1] == wanted:
        workspace.registry.rollback(by, now, expected=champion, note=note)
    else:
        workspace.registry.promote(wanted, by, now, expected=champion, note=note)
