"""Train: evaluation, final fit, bundle, MLflow run, and a new challenger version."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.runs.evaluate import DEFAULT_SPLITS, SEED, directions, evaluate_training_set
from salesworthy.runs.model_card import model_card
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.conversion import ConversionModel

LIBRARIES = ("salesworthy", "lightgbm", "scikit-learn", "numpy", "pyarrow", "duckdb", "ibis-framework")


@dataclass(frozen=True)
class TrainedModel:
    """A new version: its number, its evaluation, and where it is recorded."""

    version: str
    evaluation: dict[str, Any]
    metadata: dict[str, Any]
    mlflow_run_id: str | None
    champion: str | None

    def as_dict(self) -> dict[str, Any]:
        """The outcome as ``train --json`` prints it."""
        return {
            "version": self.version,
            "champion": self.champion,
            "mlflow_run_id": self.mlflow_run_id,
            "training": self.metadata["training"],
            "evaluation": self.evaluation,
        }


def train(
    workspace: Workspace, *, as_of: int, now: int, splits: int = DEFAULT_SPLITS, progress: Progress = silent
) -> TrainedModel:
    """Train a model on all labels settled at ``as_of`` and register it as challenger.

    Nothing is promoted: ``promote`` is a person's command.

    Args:
        workspace: Whose tables and catalogue.
        as_of: Labels settled by then are learned from (microseconds).
        now: When this happens; for the record only.
        splits: Rolling windows of the evaluation.
        progress: Told about the steps.

    Raises:
        DataLimitExceeded: When there is nothing to learn from.
    """
    from salesworthy.model.bundle import write_bundle

    found = training_set(workspace, as_of=as_of, progress=progress)
    evaluation = evaluate_training_set(found, splits=splits, progress=progress).to_json()
    progress("final fit", 0.0)
    model = fit(found)
    progress("final fit", 1.0)
    metadata = _metadata(workspace, found, evaluation)
    with TemporaryDirectory(prefix="salesworthy-bundle-") as scratch:
        bundle = Path(scratch) / "bundle"
        sha256 = write_bundle(model, bundle, metadata=metadata)
        progress("registering", 0.0)
        entry = workspace.registry.register(
            bundle,
            bundle_sha256=sha256,
            trained_as_of=as_of,
            data_fingerprint=found.fingerprint,
            figures=evaluation["pooled"],
            now=now,
        )
    run_id = _record(workspace, entry.version, sha256, found, evaluation, metadata)
    progress("registering", 1.0)
    champion = workspace.registry.champion()
    return TrainedModel(entry.version, evaluation, metadata, run_id, champion.version if champion else None)


def fit(found: TrainingSet) -> ConversionModel:
    """The conversion model, fitted on every mature label of a training set."""
    from salesworthy.model.conversion import ConversionModel

    data = found.data
    rows = np.flatnonzero(np.isfinite(data.label))
    model = ConversionModel(directions=directions(found), seed=SEED)
    groups = data.account_id[rows]
    return model.fit(data.features.take(rows), data.label[rows], times=data.handed_at[rows], groups=groups)


def _metadata(workspace: Workspace, found: TrainingSet, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    data = found.data
    judged = np.isfinite(data.label)
    rule = workspace.label_rule
    return {
        "catalogue": found.loaded.catalogue.to_json(),
        "label": {
            "positive": list(rule.positive),
            "window_days": rule.window_days,
            "absent": rule.absent,
            "undated": rule.undated,
        },
        "training": {
            "as_of": format_moment(found.as_of),
            "first_handoff": format_moment(int(data.handed_at[judged].min())),
            "last_handoff": format_moment(int(data.handed_at[judged].max())),
            "handoffs": found.judged,
            "positives": found.positives,
            "not_mature_or_not_judged": int((~judged).sum()),
            "data_fingerprint": found.fingerprint,
            "seed": SEED,
        },
        "figures": evaluation["pooled"],
        "warnings": evaluation["warnings"],
        "versions": {"python": platform.python_version(), **{name: installed_version(name) for name in LIBRARIES}},
    }


def _record(
    workspace: Workspace,
    version: str,
    sha256: str,
    found: TrainingSet,
    evaluation: Mapping[str, Any],
    metadata: Mapping[str, Any],
) -> str | None:
    from salesworthy.runs.recorder import record_training

    raise NotImplementedError((workspace, version, sha256, found, evaluation, metadata, model_card, record_training))
