"""Models: the versions of a workspace, and the person's commands that put one in force."""

from __future__ import annotations

from typing import Any

from salesworthy.domain.moments import format_moment
from salesworthy.runs.workspace import Workspace


def list_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Every version, oldest first, with its role: champion, challenger (the newest, while it is not champion) or archived."""
    versions = workspace.registry.list()
    champion = workspace.registry.champion()
    in_force = champion.version if champion else None
    challenger = versions[-1].version if versions else None
    return [
        {
            "version": each.version,
            "role": _role(each.version, in_force, challenger),
            "trained_as_of": format_moment(each.trained_as_of),
            "bundle_sha256": each.bundle_sha256,
            "data_fingerprint": each.data_fingerprint,
            "figures": each.figures,
        }
        for each in versions
    ]


def _role(version: str, champion: str | None, challenger: str | None) -> str:
    return "champion" if version == champion else "challenger" if version == challenger else "archived"


def promote(workspace: Workspace, version: str, *, by: str, now: int) -> dict[str, Any]:
    """Make a version the champion.

    Raises:
        UserError: When there is no such version.
        GateRefused: When another promotion came first.
    """
    return workspace.registry.promote(version, by=by, now=now).as_dict()


def rollback(workspace: Workspace, *, by: str, now: int) -> dict[str, Any]:
    """Put the previous champion back in force.

    Raises:
        GateRefused: When there is none.
    """
    return workspace.registry.rollback(by=by, now=now).as_dict()
