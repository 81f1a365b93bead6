"""Models: the versions of a workspace, and the way back to the champion before."""

from __future__ import annotations

from typing import Any

from salesworthy.domain.moments import format_moment
from salesworthy.ledger.records import ModelVersion
from salesworthy.runs.workspace import Workspace


def list_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Every version, oldest first, with its role: champion, challenger (the newest unless it is champion), archived."""
    registry = workspace.registry
    champion, challenger = registry.champion(), registry.challenger()
    return [
        {
            "version": each.version,
            "role": _role(each, champion, challenger),
            "trained_as_of": format_moment(each.trained_as_of),
            "bundle_sha256": each.bundle_sha256,
            "data_fingerprint": each.data_fingerprint,
            "figures": each.figures,
        }
        for each in registry.list()
    ]


def _role(version: ModelVersion, champion: ModelVersion | None, challenger: ModelVersion | None) -> str:
    return "champion" if version == champion else "challenger" if version == challenger else "archived"


def stored_evaluation(workspace: Workspace, version: str) -> dict[str, Any]:
    """The evaluation that a version was registered with, in the shape of ``evaluate --json``.

    Raises:
        UserError: When there is no such version, its bundle has changed, or is too old to say it.
    """
    from salesworthy.runs.bundle_age import check_says_all
    from salesworthy.runs.champion import load_model

    metadata = load_model(workspace, version).bundle.metadata
    check_says_all(version, metadata)
    found: dict[str, Any] = metadata["evaluation"]
    return found


def rollback(workspace: Workspace, *, by: str, now: int) -> dict[str, Any]:
    """Put the previous champion back in force.

    Raises:
        GateRefused: When there is none.
    """
    return workspace.registry.rollback(by, now).as_dict()
