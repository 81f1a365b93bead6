"""What ``serve`` lets pages do: operations of runs on one workspace, each as the pages call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesworthy.cli.serve_jobs import Jobs
from salesworthy.cli.serve_policies import Policies
from salesworthy.cli.serve_prepare import Preparer
from salesworthy.cli.serve_review import OPENING, ReviewOperations
from salesworthy.cli.serve_store import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesworthy.ledger.feedback import Feedback
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Work


def work_of(workspace: Workspace) -> Work:
    """The operations of a workspace."""
    from salesworthy.web.work import Work

    here, policies = Operations(workspace), Policies(workspace)
    jobs = Jobs(workspace, workspace.cache / FOLDER)
    reviews = ReviewOperations(workspace, jobs)
    return Work(
        give_feedback=here.give_feedback,
        prepared=Preparer(workspace, workspace.cache / FOLDER).prepared,
        policies=policies.all,
        policy=policies.get,
        cases=reviews.cases,
        review=reviews.show,
        open_review=reviews.open,
        propose=reviews.propose,
        drafts=reviews.drafts,
        vote=reviews.vote,
        adopt=reviews.adopt,
        roll_back=reviews.roll_back,
        underway=lambda place: jobs.underway(place or OPENING),
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

    def models(self) -> Sequence[dict[str, Any]]:
        """Every version, oldest first."""
        from salesworthy.runs.models import list_models

        return list_models(self._workspace)

    def model(self, version: str) -> dict[str, Any] | None:
        """A version with its card, its evaluation, and where MLflow keeps it; or why its bundle does not tell these."""
        from salesworthy.domain.errors import UserError
        from salesworthy.runs.bundle_age import check_says_all
        from salesworthy.runs.champion import load_model
        from salesworthy.runs.model_card import model_card
        from salesworthy.runs.models import list_models

        found = next((each for each in list_models(self._workspace) if each["version"] == version), None)
        if found is None:
            return None
        entry = self._workspace.ledger.model(version)
        told: dict[str, Any] = {"card": None, "evaluation": None, "says": ""}
        try:
            metadata = load_model(self._workspace, version).bundle.metadata
            check_says_all(version, metadata)
            told |= {"card": model_card(version, metadata), "evaluation": metadata["evaluation"]}
        except UserError as error:
            told["says"] = f"{error.what}; {error.todo}"
        return {
            **found,
            **told,
            "mlflow_run_id": entry.mlflow_run_id,
            "mlflow": self._workspace.settings.mlflow.tracking_uri,
            "promotions": [each.as_dict() for each in self._workspace.ledger.promotions() if each.version == version],
        }
