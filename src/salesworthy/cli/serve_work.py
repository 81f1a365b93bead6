"""What ``serve`` lets pages do: operations of runs on one workspace, each as the pages call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesworthy.ledger.feedback import Feedback
    from salesworthy.runs.workspace import Workspace
    from salesworthy.web.work import Work


def work_of(workspace: Workspace) -> Work:
    """The operations of a workspace."""
    from salesworthy.web.work import Work

    return Work(give_feedback=lambda given, now: _give_feedback(workspace, given, now))


def _give_feedback(workspace: Workspace, given: Feedback, now: int) -> Feedback | None:
    from salesworthy.runs.feedback import give_feedback

    return give_feedback(workspace, given, now=now, came_by="page")
