"""Bundles that an earlier version of salesworthy made: they score as before, but do not say all that is asked today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.domain.errors import UserError

OF_CHECKS = ("code", "holds", "says", "untrue")
NEEDED: Mapping[str, Sequence[str]] = {
    "training": ("as_of", "handoffs", "positives", "first_handoff", "last_handoff", "not_mature_or_not_judged"),
    "label": ("window_days",),
    "model": ("recipe", "left_out", "calibration"),
    "evaluation": ("pooled", "splits", "within_period_auc", "unseen_accounts", "warnings", "selection"),
    "leakage": ("checked", "findings"),
    "versions": (),
}
"""What model card and promotion gate read of a bundle's metadata, beside the checks of reasons."""


def check_says_all(version: str, metadata: Mapping[str, Any]) -> None:
    """Refuse a bundle that does not say what model card and promotion gate read.

    Args:
        version: Whose bundle.
        metadata: What the bundle says of itself.

    Raises:
        UserError: Naming what is missing.
    """
    missing = list(_missing(metadata))
    if missing:
        raise UserError(
            f"{version} was made by an earlier version of salesworthy: its bundle does not say {', '.join(missing)}",
            where=f"model {version}",
            todo="train a new version; scoring with this one goes on as before",
        )


def _missing(metadata: Mapping[str, Any]) -> Iterator[str]:
    for section, names in NEEDED.items():
        found = metadata.get(section)
        if not isinstance(found, Mapping):
            yield section
        else:
            yield from (f"{section}.{name}" for name in names if name not in found)
    checks = metadata.get("reasons")
    if not isinstance(checks, list | tuple):
        yield "reasons"
    else:
        yield from (f"reasons.{name}" for name in OF_CHECKS if any(name not in each for each in checks))
