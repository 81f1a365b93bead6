"""Drafts that a review proposes: the policy in force with other numbers, or a folder that somebody wrote beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from salesworthy.domain.errors import GateRefused, UserError, WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.policy.adjusting import adjustable, adjusted
from salesworthy.policy.approvals import FILE
from salesworthy.policy.loading import load_policy
from salesworthy.policy.parts import Day
from salesworthy.policy.raw import policy_files
from salesworthy.runs.review_files import folder_of_reviews, policy_in_force
from salesworthy.runs.workspace import Workspace

DRAFTS = "drafts"
"""A folder of the workspace whose folders are looked at as well."""


@dataclass(frozen=True)
class Turned:
    """Numbers of the policy in force that somebody wants otherwise.

    Attributes:
        values: Place of a number, such as ``criteria.ENDOSCOPY.propensity``, -> its new value.
        starts: The first day on which they hold.
        version: What the policy is called with them.
        against: Start of the hash of the policy that they were read from.
    """

    values: Mapping[str, float]
    starts: Day
    version: str
    against: str = ""


def drafts_of(workspace: Workspace) -> tuple[str, ...]:
    """Folders of the workspace, and of ``drafts`` in it, that hold a policy other than that in force; by name."""
    return tuple(sorted(each.relative_to(workspace.folder).as_posix() for each in _drafts(workspace)))


def draft_folder(workspace: Workspace, name: str) -> Path:
    """The folder of a draft.

    Raises:
        WrongUsage: When there is no such draft.
    """
    known = drafts_of(workspace)
    if name not in known:
        raise WrongUsage(f"there is no draft {name!r} in the workspace", where=name, todo=nearest(name, known))
    return workspace.folder / name


def write_draft(workspace: Workspace, turned: Turned, folder: Path, *, why: str, by: str) -> Path:
    """Write the policy in force with other numbers into a folder.

    Args:
        workspace: Whose policy.
        turned: What changes.
        folder: Where to; files of the same name are replaced.
        why: Why, in words; stands beside each new value.
        by: Who answers for them.

    Returns:
        The folder.

    Raises:
        UserError: When there is no policy.
        WrongUsage: When there is no such number, a value is out of range, or nothing differs.
        GateRefused: When another policy is in force than the one that the numbers were read from.
        ConfigurationMistakes: When the policy has mistakes with them.
    """
    found = policy_in_force(workspace)
    if found is None:
        raise UserError("this workspace has no policy", where=str(workspace.folder), todo="write one first")
    place, policy = found
    if not policy.content_hash.startswith(turned.against):
        what = "another policy came into force since these numbers were read"
        raise GateRefused(what, where=policy.version, todo="look at the numbers again")
    known = {each.key: each for each in adjustable(policy, turned.starts)}
    for key in turned.values:
        if key not in known:
            raise WrongUsage(f"the policy has no number {key!r}", where=key, todo=nearest(key, known))
    changes = {known[key]: value for key, value in turned.values.items() if known[key].value != value}
    if not changes:
        raise WrongUsage("nothing is changed", where="values", todo="change a number, or propose a model alone")
    texts = {
        path.relative_to(place).as_posix(): path.read_text(encoding="utf-8-sig")
        for path in policy_files(place)
        if path.relative_to(place).as_posix() != FILE
    }
    written = adjusted(texts, changes, starts=turned.starts, reason=why, approver=by, version=turned.version)
    for name, text in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    load_policy(folder)
    return folder


def _drafts(workspace: Workspace) -> Iterator[Path]:
    found = policy_in_force(workspace)
    aside = {folder_of_reviews(workspace).resolve(), *([] if found is None else [found[0].resolve()])}
    for parent in (workspace.folder, workspace.folder / DRAFTS):
        folders = (each for each in parent.iterdir() if each.is_dir()) if parent.is_dir() else ()
        shown = (each for each in folders if not each.name.startswith(".") and each.resolve() not in aside)
        yield from (each for each in shown if _holds_policy(each))


def _holds_policy(folder: Path) -> bool:
    """Whether one of the files right in a folder has the header of a policy."""
    files = (path for path in sorted(folder.glob("*.y*ml")) if path.is_file())
    return any("\npolicy:" in "\n" + path.read_text(encoding="utf-8-sig", errors="replace") for path in files)
