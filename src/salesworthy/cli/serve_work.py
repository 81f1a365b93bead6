"""What ``serve`` lets pages do: operations of runs on one workspace, each as the pages call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesworthy.cli.serve_policies import Policies
from salesworthy.cli.serve_prepare import Preparer
from salesworthy.cli.serve_store import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesworthy.ledger.feedback import Feedback
    from salesworthy.review.case import Case
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Vote, Work


def work_of(workspace: Workspace) -> Work:
    """The operations of a workspace."""
    from salesworthy.web.work import Work

    here, policies = Operations(workspace), Policies(workspace)
    return Work(
        give_feedback=here.give_feedback,
        prepared=Preparer(workspace, workspace.cache / FOLDER).prepared,
        policies=policies.all,
        policy=policies.get,
        cases=here.cases,
        review=here.review,
        vote=here.vote,
        adopt=here.adopt,
        roll_back=here.roll_back,
        models=here.models,
        model=here.model,
    )


class Operations:
    """Operations of runs on one workspace; each loads what it needs when it is first asked.

    Args:
        workspace: Whose.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def give_feedback(self, given: Feedback, now: int) -> Feedback | None:
        """Record one piece of feedback."""
        from salesworthy.runs.feedback import give_feedback

        return give_feedback(self._workspace, given, now=now, came_by="page")

    def cases(self) -> Sequence[Case]:
        """Every review, oldest first."""
        from salesworthy.review.case import read_case
        from salesworthy.runs.review_case import in_force

        reviews = self._workspace.ledger.reviews
        known = reviews.all()
        now = in_force(self._workspace) if known else None
        return [] if now is None else [read_case(reviews, each, now) for each in known]

    def review(self, review_id: str) -> dict[str, Any]:
        """A review with everything that may be seen of it."""
        from salesworthy.runs.review import show

        return show(self._workspace, review_id)

    def vote(self, review_id: str, given: Vote, now: int) -> dict[str, Any]:
        """Vote on the newest proposal of a review."""
        from salesworthy.runs.review import vote

        role, said = given.role, given.said
        return vote(self._workspace, review_id, role=role, said=said, by=given.by, now=now, note=given.note)

    def adopt(self, review_id: str, by: str, now: int, note: str) -> dict[str, Any]:
        """Put the proposal of a review in force."""
        from salesworthy.runs.review_adoption import adopt

        return adopt(self._workspace, review_id, by=by, now=now, note=note)

    def roll_back(self, by: str, now: int, note: str) -> dict[str, Any]:
        """Take the latest adoption back."""
        from salesworthy.runs.review_adoption import roll_back

        return roll_back(self._workspace, by=by, now=now, note=note)

    def models(self) -> Sequence[dict[str, Any]]:
        """Every version, oldest first."""
        from salesworthy.runs.models import list_models

        return list_models(self._workspace)

    def model(self, version: str) -> dict[str, Any] | None:
        """A version with its card, its evaluation, and where MLflow keeps it."""
        from salesworthy.runs.champion import load_model
        from salesworthy.runs.model_card import model_card
        from salesworthy.runs.models import list_models

        found = next((each for each in list_models(self._workspace) if each["version"] == version), None)
        if found is None:
            return None
        metadata = load_model(self._workspace, version).bundle.metadata
        entry = self._workspace.ledger.model(version)
        return {
            **found,
            "card": model_card(version, metadata),
            "evaluation": metadata["evaluation"],
            "mlflow_run_id": entry.mlflow_run_id,
            "mlflow": self._workspace.settings.mlflow.tracking_uri,
            "promotions": [each.as_dict() for each in self._workspace.ledger.promotions() if each.version == version],
        }
