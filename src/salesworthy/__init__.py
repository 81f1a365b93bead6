"""salesworthy decides which medtech leads are worth a salesperson's time, and says why.

Example:
    >>> import salesworthy as sw
    >>> workspace = sw.open_workspace("demo")                               # doctest: +SKIP
    >>> sw.features_as_of(workspace, spine)                                 # doctest: +SKIP
    >>> sw.explain(workspace, "L0000042", as_of="2026-07-01")["propensity"] # doctest: +SKIP
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesworthy.domain.decisions import Decision
    from salesworthy.domain.errors import UserError
    from salesworthy.model.conversion import ConversionModel
    from salesworthy.policy.document import Policy
    from salesworthy.policy.loading import load_policy
    from salesworthy.qualification.packet import HandoffPacket
    from salesworthy.runs.few_open import open_leads
    from salesworthy.runs.notebook import (
        check,
        decide,
        drift_report,
        evaluate,
        explain,
        features_as_of,
        load_model,
        open_review,
        past_handoffs,
        score,
        train,
    )
    from salesworthy.runs.workspace import Workspace, open_workspace

# Read when LightGBM loads: its waiting threads must not spin, which on a busy machine takes fifteen times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_HOMES = {
    "ConversionModel": "salesworthy.model.conversion",
    "Decision": "salesworthy.domain.decisions",
    "HandoffPacket": "salesworthy.qualification.packet",
    "Policy": "salesworthy.policy.document",
    "UserError": "salesworthy.domain.errors",
    "Workspace": "salesworthy.runs.workspace",
    "open_leads": "salesworthy.runs.few_open",
    "open_workspace": "salesworthy.runs.workspace",
    "check": "salesworthy.runs.notebook",
    "decide": "salesworthy.runs.notebook",
    "drift_report": "salesworthy.runs.notebook",
    "evaluate": "salesworthy.runs.notebook",
    "explain": "salesworthy.runs.notebook",
    "features_as_of": "salesworthy.runs.notebook",
    "load_model": "salesworthy.runs.notebook",
    "load_policy": "salesworthy.policy.loading",
    "open_review": "salesworthy.runs.notebook",
    "past_handoffs": "salesworthy.runs.notebook",
    "score": "salesworthy.runs.notebook",
    "train": "salesworthy.runs.notebook",
}

__all__ = [
    "ConversionModel",
    "Decision",
    "HandoffPacket",
    "Policy",
    "UserError",
    "Workspace",
    "check",
    "decide",
    "drift_report",
    "evaluate",
    "explain",
    "features_as_of",
    "load_model",
    "load_policy",
    "open_leads",
    "open_review",
    "open_workspace",
    "past_handoffs",
    "score",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'salesworthy' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
