"""What a proposal changes, checked before anybody is asked: a draft policy, another model version, or both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import GateRefused
from salesworthy.policy.differences import Difference, differences
from salesworthy.policy.document import Policy
from salesworthy.policy.loading import load_policy
from salesworthy.review.kinds import HEADER, Kind, kinds_of
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.promotion_gate import Condition


@dataclass(frozen=True)
class Draft:
    """A draft policy that was checked: where it is, what it says, what differs, and how many worked cases hold."""

    folder: Path
    policy: Policy
    differences: tuple[Difference, ...]
    cases: int


@dataclass(frozen=True)
class NewModel:
    """Another model version: what it is beside the champion, and what the promotion gate says of it today."""

    version: str
    kind: Kind
    gate: tuple[Condition, ...]


@dataclass(frozen=True)
class Change:
    """What is proposed; None for what stays."""

    draft: Draft | None
    model: NewModel | None

    @property
    def kinds(self) -> str:
        """What changes, in one or a few words."""
        model = None if self.model is None else self.model.kind
        draft = self.draft
        return kinds_of((), None, model) if draft is None else kinds_of(draft.differences, draft.policy, model)

    @property
    def policy_sha256(self) -> str | None:
        """Hash of the draft's content."""
        return None if self.draft is None else self.draft.policy.content_hash

    @property
    def model_version(self) -> str | None:
        """The version that is proposed."""
        return None if self.model is None else self.model.version

    def after(self, before: dict[str, Any]) -> dict[str, Any]:
        """The versions in force once this is adopted."""
        draft, model = self.draft, self.model
        return {
            "policy_version": before["policy_version"] if draft is None else draft.policy.version,
            "model_version": before["model_version"] if model is None else model.version,
        }

    def as_dict(self) -> dict[str, Any]:
        """Its differences as sentences, its worked cases and its gate, as JSON writes them."""
        return {
            "differences": [] if self.draft is None else [each.says for each in self.draft.differences],
            "cases": 0 if self.draft is None else self.draft.cases,
            "gate": [] if self.model is None else [each.to_json() for each in self.model.gate],
        }


def checked_draft(workspace: Workspace, folder: Path, *, progress: Progress = silent) -> Draft:
    """A draft policy without mistakes, whose worked cases hold, and that differs from the policy in force.

    Raises:
        UserError: When there is no policy in force.
        ConfigurationMistakes: When the draft has mistakes.
        GateRefused: When a worked case does not hold, nothing differs, or the version is the same.
    """
    from salesworthy.runs.governance import folder_of, try_cases

    present = load_policy(folder_of(workspace))
    opened, results = try_cases(workspace, folder=folder, progress=progress)
    failed = [each.case.code for each in results if not each.holds]
    if failed:
        raise GateRefused(
            f"{len(failed)} of {len(results)} worked cases of this draft do not hold: {', '.join(failed[:5])}",
            where=str(folder),
            todo=f"salesworthy policy cases --policy {folder}",
        )
    return Draft(folder, opened.policy, _changed(present, opened.policy, folder), len(results))


def checked_model(workspace: Workspace, version: str, *, progress: Progress = silent) -> NewModel:
    """A registered version that is not the champion, with what its gate says; whether it passes is for adoption.

    Raises:
        WrongUsage: When there is no such version.
        GateRefused: When it is the champion.
    """
    from salesworthy.runs.champion import load_model
    from salesworthy.runs.promotion import gate

    champion = workspace.registry.champion()
    if champion is not None and champion.version == workspace.registry.get(version).version:
        raise GateRefused(f"{version} is in force already", where="--model", todo="see the list: salesworthy models")
    is_recalibrated = "recalibrated" in load_model(workspace, version).bundle.metadata
    conditions = gate(workspace, version, champion=champion, progress=progress)
    return NewModel(version, Kind.RECALIBRATION if is_recalibrated else Kind.RETRAIN, conditions)


def _changed(present: Policy, draft: Policy, folder: Path) -> tuple[Difference, ...]:
    changed = differences(present, draft)
    if not [each for each in changed if each.section != HEADER]:
        todo = "write the draft in a folder of its own, beside the policy in force"
        raise GateRefused("nothing differs from the policy in force", where=str(folder), todo=todo)
    if draft.version == present.version:
        raise GateRefused(
            f"the draft is still called {present.version}, as the policy in force is",
            where=str(folder),
            todo="give it a version of its own, under policy: version",
        )
    return changed
