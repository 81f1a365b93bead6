"""The drift report in MLflow: one run per report, with its page, its figures as JSON, and counts to plot over time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError
from salesworthy.domain.findings import Severity

if TYPE_CHECKING:
    from salesworthy.runs.workspace import Workspace

REPORT = "salesworthy.drift"
PAGE, DOCUMENT = "drift/drift.html", "drift/drift.json"


def is_recorded(workspace: Workspace) -> bool:
    """Whether reports of a workspace go to MLflow: where its settings name a store."""
    return "mlflow" in workspace.settings.model_fields_set


def record_drift(workspace: Workspace, document: Mapping[str, Any], page: str) -> str:
    """Record a report; the same report again is the same run.

    It holds sums per week and names no lead.

    Args:
        workspace: Whose MLflow.
        document: What ``drift --json`` prints.
        page: The report as a page.

    Returns:
        The MLflow run id.

    Raises:
        UserError: When MLflow cannot be reached.
    """
    from salesworthy.model.tracking import tracking
    from salesworthy.runs.recorder import experiment

    settings = workspace.settings.mlflow
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    with tracking(settings.tracking_uri, workspace.folder) as mlflow:
        client, place = mlflow.MlflowClient(), experiment(mlflow, settings.model, workspace.folder)
        found = client.search_runs([place], filter_string=f"tags.`{REPORT}` = '{digest}'", max_results=1)
        if found:
            return str(found[0].info.run_id)
        tags = {"as_of": document["as_of"], "model_version": document["model_version"] or "none"}
        run = str(client.create_run(place, run_name=f"drift {document['as_of'][:10]}", tags=tags).info.run_id)
        for name, value in figures_of(document).items():
            client.log_metric(run, name, value)
        client.log_dict(run, dict(document), DOCUMENT)
        client.log_text(run, page, PAGE)
        client.set_tag(run, REPORT, digest)  # last, so that what was cut off is recorded again
        client.set_terminated(run)
    return run


def figures_of(document: Mapping[str, Any]) -> dict[str, float]:
    """What is plotted over time: findings by severity, those that others follow from, the threshold, and outcomes."""
    found = document["findings"]
    figures = {f"drift_{each.value}": float(sum(one["severity"] == each for one in found)) for each in Severity}
    figures["drift_causes"] = float(sum(one["follows"] is None for one in found))
    told = document["performance"]
    more = {
        "drift_threshold": document["false_alarms"]["threshold"],
        "estimated_rate": (told["not_mature"]["estimated"] or {}).get("rate"),
        "mature_rate": (told["latest_mature"]["realised"] or {}).get("rate"),
    }
    return figures | {name: float(value) for name, value in more.items() if value is not None}


def recorded_or_why_not(workspace: Workspace, document: Mapping[str, Any], page: str) -> tuple[str | None, str]:
    """The run id, or why there is none: a report never fails because MLflow does not answer."""
    if not is_recorded(workspace):
        return None, ""
    try:
        return record_drift(workspace, document, page), ""
    except UserError as error:
        return None, error.message
