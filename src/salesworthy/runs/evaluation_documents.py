"""The documents of an evaluation: the page for people, its figures as JSON, and the SHAP summary as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.reporting.drawing import svg
from salesworthy.reporting.page import write_page
from salesworthy.runs.evaluation_page import evaluation_page
from salesworthy.runs.evaluation_shares import swarm

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace

PAGE = "evaluation.html"
FIGURES = "evaluation_report.json"
SUMMARY = "shap_summary.svg"


def report_folder(workspace: Workspace, version: str) -> Path:
    """Where the documents of a version's evaluation lie: beside its model, and no part of it."""
    return workspace.folder / "reports" / version


def write_documents(report: Mapping[str, Any], folder: Path, *, version: str, card: str) -> dict[str, Path]:
    """Write the documents of a version's evaluation; each is complete or not there.

    Args:
        report: What ``evaluation_report`` gave.
        folder: Where; it is made.
        version: The version that was evaluated.
        card: Its model card, in Markdown.

    Returns:
        Name -> file.
    """
    texts = {
        PAGE: evaluation_page(report, version=version, card=card),
        FIGURES: json.dumps(report, indent=1, allow_nan=False) + "\n",  # in its order: that of the contenders
        SUMMARY: svg(swarm(report)),
    }
    for name, text in texts.items():
        write_page(text, folder / name)
    return {name: folder / name for name in texts}
