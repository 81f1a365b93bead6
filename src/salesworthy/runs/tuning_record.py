"""The record of a search in MLflow: one run for the study, and below it one for each trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesworthy.model.tracking import tracking
from salesworthy.runs.recorder import experiment
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.tuning import Tuned
    from salesworthy.model.tuning_study import Trial

STUDY = "salesworthy.study"
NUMBER = "salesworthy.trial"
PARENT = "mlflow.parentRunId"
PAGE = 1000


def record_tuning(workspace: Workspace, tuned: Tuned, document: Mapping[str, Any]) -> str:
    """Record a study: a resumed one goes on in its run, and only trials that are not there yet are added.

    Args:
        workspace: Whose MLflow.
        tuned: What was found.
        document: The same, as ``tune --json`` prints it.

    Returns:
        The MLflow run id of the study.

    Raises:
        UserError: When MLflow cannot be reached.
    """
    settings = workspace.settings.mlflow
    with tracking(settings.tracking_uri, workspace.folder) as mlflow:
        client, place = mlflow.MlflowClient(), experiment(mlflow, settings.model, workspace.folder)
        parent = _study_run(client, place, tuned.study, document)
        there = _recorded(client, place, parent)
        for trial in tuned.trials:
            if str(trial.number) not in there:
                _record_trial(mlflow, client, place, parent, trial)
        losses = {name: value for name, value in document["log_loss"].items() if value is not None}
        counts = {"trials": document["trials"], "finished": document["finished"], "adopted": int(tuned.adopted)}
        for name, value in {**losses, **counts}.items():
            client.log_metric(parent, name, value)
        client.log_dict(parent, dict(document), "tuning.json")
        client.log_text(parent, "\n".join(document["summary"]) + "\n", "summary.txt")
        client.set_terminated(parent)
    return parent


def _study_run(client: Any, place: str, study: str, document: Mapping[str, Any]) -> str:
    found = client.search_runs([place], filter_string=f"tags.`{STUDY}` = '{study}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    tags = {STUDY: study, "tuned_until": document["tuned_until"], "data_fingerprint": document["data_fingerprint"]}
    run = client.create_run(place, run_name=f"tune {study}", tags=tags)
    client.log_param(run.info.run_id, "seed", document["seed"])
    return str(run.info.run_id)


def _recorded(client: Any, place: str, parent: str) -> set[str]:
    """Numbers of the trials that MLflow holds."""
    numbers: set[str] = set()
    token = None
    while True:
        page = client.search_runs(
            [place], filter_string=f"tags.`{PARENT}` = '{parent}'", max_results=PAGE, page_token=token
        )
        numbers |= {run.data.tags[NUMBER] for run in page}
        token = page.token
        if not token:
            return numbers


def _record_trial(mlflow: Any, client: Any, place: str, parent: str, trial: Trial) -> None:
    tags = {PARENT: parent, NUMBER: str(trial.number), "finished": str(trial.finished).lower()}
    run = client.create_run(place, run_name=f"trial {trial.number}", tags=tags).info.run_id
    entities, losses = mlflow.entities, trial.losses
    figures = {"log_loss": losses.value, "trees": float(trial.trees)}
    figures |= {f"log_loss_fold_{number}": float(value) for number, value in enumerate(losses.per_fold, start=1)}
    client.log_batch(
        run,
        metrics=[entities.Metric(name, value, 0, 0) for name, value in figures.items()],
        params=[entities.Param(name, str(value)) for name, value in trial.settings.items()],
    )
    client.set_terminated(run)
