"""Where a review keeps its documents: ``reviews/`` of the workspace, each file under the hash that the ledger holds.

``reviews/NAME/evidence.json``, ``reviews/NAME/NUMBER/replay.json`` and ``reviews/NAME/NUMBER/policy/`` belong to a
review; ``reviews/.policies/HASH/`` is a policy that was in force, by the hash of its content.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.ledger.durable import sync
from salesworthy.ledger.reviews import Proposal, Review
from salesworthy.policy.document import Policy
from salesworthy.policy.loading import load_policy
from salesworthy.review.documents import frozen, hash_of, thawed
from salesworthy.runs.policy_place import copy_policy
from salesworthy.runs.run_policy import policy_folder
from salesworthy.runs.workspace import Workspace

EVIDENCE, REPLAY, POLICY = "evidence.json", "replay.json", "policy"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_KEPT = ".policies"


def folder_of_reviews(workspace: Workspace) -> Path:
    """Where everything of reviews is."""
    return workspace.folder / "reviews"


def check_name(name: str) -> str:
    """The name of a review, when it can be one.

    Raises:
        WrongUsage: When it cannot.
    """
    if not _NAME.fullmatch(name):
        raise WrongUsage(
            f"{name!r} cannot be the name of a review", where="--name", todo="letters, digits, - and _, such as 2026-Q3"
        )
    return name


def folder_of_review(workspace: Workspace, review_id: str) -> Path:
    """Where the documents of a review are."""
    return folder_of_reviews(workspace) / review_id


def folder_of_proposal(workspace: Workspace, proposal_id: str) -> Path:
    """Where the documents of a proposal are."""
    review_id, _, number = proposal_id.rpartition("/")
    return folder_of_review(workspace, review_id) / number


def write_document(path: Path, document: dict[str, Any]) -> str:
    """Write a document, complete or not at all; returns its hash."""
    content = frozen(document)
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = path.with_name(f".{path.name}.stage")
    stage.write_bytes(content)
    sync(stage)
    stage.replace(path)
    sync(path.parent)
    return hash_of(content)


def evidence_of(workspace: Workspace, review: Review) -> dict[str, Any]:
    """The evidence of a review as it was frozen.

    Raises:
        UserError: When the file is gone or was changed.
    """
    return _read(folder_of_review(workspace, review.review_id) / EVIDENCE, review.evidence_sha256)


def replay_of(workspace: Workspace, proposal: Proposal) -> dict[str, Any]:
    """The replay of a proposal as it was frozen.

    Raises:
        UserError: When the file is gone or was changed.
    """
    return _read(folder_of_proposal(workspace, proposal.proposal_id) / REPLAY, proposal.replay_sha256)


def proposed_policy(workspace: Workspace, proposal: Proposal) -> tuple[Path, Policy]:
    """The policy of a proposal as it was frozen, with its folder.

    Raises:
        UserError: When it was changed since.
    """
    folder = folder_of_proposal(workspace, proposal.proposal_id) / POLICY
    return folder, _unchanged(folder, str(proposal.policy_sha256))


def keep_policy(workspace: Workspace, folder: Path, content_sha256: str) -> Path:
    """Keep a policy under the hash of its content, so that it can be put in force again; returns where."""
    kept = _kept(workspace, content_sha256)
    kept.parent.mkdir(parents=True, exist_ok=True)
    copy_policy(folder, kept)
    return kept


def kept_policy(workspace: Workspace, content_sha256: str) -> Path:
    """Where a policy that was in force is kept.

    Raises:
        UserError: When it is gone or was changed.
    """
    folder = _kept(workspace, content_sha256)
    _unchanged(folder, content_sha256)
    return folder


def policy_in_force(workspace: Workspace) -> tuple[Path, Policy] | None:
    """The policy of the workspace with its folder; None where there is none.

    Raises:
        ConfigurationMistakes: When it has mistakes.
    """
    folder = policy_folder(workspace)
    return None if folder is None else (folder, load_policy(folder))


def _kept(workspace: Workspace, content_sha256: str) -> Path:
    return folder_of_reviews(workspace) / _KEPT / content_sha256


def _unchanged(folder: Path, content_sha256: str) -> Policy:
    policy = load_policy(folder)
    if policy.content_hash != content_sha256:
        raise UserError(
            f"this policy was changed since the ledger recorded it (its hash is {policy.content_hash[:12]}, not "
            f"{content_sha256[:12]})",
            where=str(folder),
            todo="restore the folder from a backup",
        )
    return policy


def _read(path: Path, sha256: str) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        todo = "restore the file from a backup"
        raise UserError(f"it cannot be read: {error.strerror}", where=str(path), todo=todo) from error
    return thawed(content, sha256, where=str(path))
