"""The evidence of a review: what is known on the day it is opened, as figures without anybody's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.moments import format_moment
from salesworthy.runs.models import list_models
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.review_files import policy_in_force
from salesworthy.runs.workspace import Workspace

GRADED = (
    "as_of", "window_days", "decisions", "handovers", "figures", "calibration", "by", "then_and_now", "reason_match",
    "notes",
)  # fmt: skip
DRIFTED = ("headline", "as_of", "model_version", "weeks", "false_alarms", "findings", "performance", "not_applicable")
RESPONDED = ("as_of", "handovers", "by", "says")
AUDITED = ("as_of", "drawn", "set_aside", "needed", "rules")


def evidence(workspace: Workspace, *, as_of: int, progress: Progress = silent) -> dict[str, Any]:
    """The evidence pack of a workspace; a section that cannot be told says why.

    Args:
        workspace: Whose ledger, outcomes and published runs.
        as_of: What was known by then counts, in microseconds.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: When the policy has mistakes.
    """
    found, champion = policy_in_force(workspace), workspace.registry.champion()
    return {
        "as_of": format_moment(as_of),
        "in_force": {
            "policy_version": None if found is None else found[1].version,
            "policy_sha256": None if found is None else found[1].content_hash,
            "model_version": None if champion is None else champion.version,
        },
        "models": list_models(workspace),
        "sections": {name: _told(tell, workspace, as_of, progress) for name, tell in SECTIONS.items()},
    }


def _told(
    tell: Callable[[Workspace, int, Progress], Mapping[str, Any]], workspace: Workspace, as_of: int, progress: Progress
) -> Mapping[str, Any]:
    try:
        return tell(workspace, as_of, progress)
    except UserError as error:
        return {"not_available": error.what}


def _drift(workspace: Workspace, as_of: int, progress: Progress) -> Mapping[str, Any]:
    from salesworthy.runs.drift import drift_report

    return _only(drift_report(workspace, as_of=as_of, progress=progress).document, DRIFTED)


def _grading(workspace: Workspace, as_of: int, progress: Progress) -> Mapping[str, Any]:
    from salesworthy.runs.grade import grade

    return _only(grade(workspace, as_of=as_of, progress=progress).as_dict(), GRADED)


def _rules(workspace: Workspace, as_of: int, progress: Progress) -> Mapping[str, Any]:
    from salesworthy.runs.rule_audit import audit_rules

    return _only(audit_rules(workspace, as_of=as_of, progress=progress), AUDITED)


def _response(workspace: Workspace, as_of: int, progress: Progress) -> Mapping[str, Any]:
    from salesworthy.runs.response import response

    return _only(response(workspace, as_of=as_of, progress=progress).as_dict(), RESPONDED)


def _only(document: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    """What is frozen: figures; lists that name leads are left out."""
    return {name: document[name] for name in names}


SECTIONS: Mapping[str, Callable[[Workspace, int, Progress], Mapping[str, Any]]] = {
    "drift": _drift,
    "grading": _grading,
    "rules": _rules,
    "response": _response,
}
"""Section of the evidence -> how it is told."""
