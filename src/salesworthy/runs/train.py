"""Train: leakage audit, evaluation, final fit, bundle, MLflow run, and a new challenger version."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.model.promotion_gate import Condition, conditions_of, missed_aims
from salesworthy.model.tuned_settings import settings_at
from salesworthy.runs.evaluate import DEFAULT_SPLITS, SEED, evaluate_training_set
from salesworthy.runs.evaluation_documents import PAGE, report_folder, write_documents
from salesworthy.runs.evaluation_report import evaluation_report
from salesworthy.runs.leakage import audit_training_set, refuse_leaks
from salesworthy.runs.model_card import model_card
from salesworthy.runs.objections import Arrivals, overtaken, states_of
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.report_capacity import capacity_of
from salesworthy.runs.training_set import TrainingSet, training_set
from salesworthy.runs.tuned_settings import read_tuned
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.model.boosting import TreeSettings
    from salesworthy.model.fitted import FittedModel
    from salesworthy.model.reason_tables.proof import Proof
    from salesworthy.model.registry import Record

LIBRARIES = ("salesworthy", "lightgbm", "scikit-learn", "numpy", "pyarrow", "duckdb", "ibis-framework")


@dataclass(frozen=True)
class TrainedModel:
    """A new version: its number, its evaluation, and where it is recorded; ``report`` is the evaluation's page."""

    version: str
    metadata: dict[str, Any]
    mlflow_run_id: str | None
    champion: str | None
    report: Path

    @property
    def evaluation(self) -> dict[str, Any]:
        """Its evaluation, in the shape of ``evaluate --json``."""
        found: dict[str, Any] = self.metadata["evaluation"]
        return found

    def as_dict(self) -> dict[str, Any]:
        """The outcome as ``train --json`` prints it."""
        return {
            "version": self.version,
            "champion": self.champion,
            "mlflow_run_id": self.mlflow_run_id,
            "training": self.metadata["training"],
            "evaluation": self.evaluation,
            "leakage": self.metadata["leakage"],
            "gate": [condition.to_json() for condition in self.gate],
            "report": str(self.report),
        }

    @property
    def gate(self) -> tuple[Condition, ...]:
        """What its own record says to the promotion gate; the champion is weighed when somebody promotes."""
        return conditions_of(self.metadata)


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
        GateRefused: When a column gives the outcome away, and is neither removed nor answered for; or when reasons are
            further than 1e-5 log-odds from LightGBM's own; or when somebody has objected, or was erased, meanwhile.
    """
    from salesworthy.model.bundle import PROOF, write_bundle

    arrivals = Arrivals(workspace)
    found = training_set(workspace, as_of=as_of, progress=progress)
    audit = audit_training_set(workspace, found, progress=progress)
    refuse_leaks(audit)
    file = read_tuned(workspace, found)
    tuned = file.tuned if file else None
    evaluated = evaluate_training_set(found, splits=splits, tuned=tuned, progress=progress)
    evaluation = evaluated.to_json()
    settings = file.notes(evaluated) if file else []
    evaluation["warnings"] = [*found.notes, *settings, *evaluation["warnings"]]
    progress("final fit", 0.0)
    model = fit(found, settings_at(tuned, as_of))
    progress("final fit", 1.0)
    metadata = _metadata(workspace, found, model, evaluation) | {"leakage": audit.to_json()}
    metadata |= {PROOF: _proof(model, found).to_json(), "reasons": _reason_checks(model, found)}
    evaluation["warnings"] += missed_aims(metadata["reasons"])
    metadata |= {"tuning": file.to_json(as_of=as_of)} if file else {}
    progress("report", 0.0)
    can_work = capacity_of(workspace, as_of=as_of)
    report = evaluation_report(workspace, found, evaluated, record=metadata, model=model, can_work=can_work)
    progress("report", 1.0)
    if arrivals.any(found.objected, states_of(workspace)):
        raise overtaken()
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
            record=_recorder(workspace, found, sha256, metadata, report),
        )
    progress("registering", 1.0)
    champion = workspace.registry.champion()
    page = report_folder(workspace, entry.version) / PAGE
    return TrainedModel(entry.version, metadata, entry.mlflow_run_id, champion.version if champion else None, page)


def fit(found: TrainingSet, settings: TreeSettings | None = None) -> FittedModel:
    """The conversion model, fitted on every mature label of a training set; with the default settings, or others."""
    from salesworthy.model.conversion import ConversionModel

    rows = found.data.take(found.data.judged)
    directions = found.loaded.catalogue.directions
    model = ConversionModel(directions=directions, seed=SEED, settings=settings, max_rows=found.max_rows)
    model.fit(rows.features, rows.label, times=rows.handed_at, matured=rows.matured_at, score=rows.score)
    return model.fitted_


def _reason_checks(model: FittedModel, found: TrainingSet) -> list[dict[str, Any]]:
    """What the checks of its reasons found, on the latest leads that it learned from."""
    from salesworthy.model.reason_checks import check_reasons

    catalogue = found.loaded.catalogue
    groups = {feature.name: feature.reason for feature in catalogue.features}
    rows = found.data.take(found.data.judged)
    checks = check_reasons(model, rows, groups=groups, directions=catalogue.directions, seed=SEED)
    return [check.to_json() for check in checks]


def _proof(model: FittedModel, found: TrainingSet) -> Proof:
    """The reason tables of the model, held against LightGBM's own shares."""
    from salesworthy.model.reason_tables.proof import TRAINING_ROWS, prove

    rows = np.linspace(0, len(found.data) - 1, min(TRAINING_ROWS, len(found.data))).astype(np.int64)
    return prove(model.trees, model.encoded(found.data.take(rows).features).trees)


def _metadata(
    workspace: Workspace, found: TrainingSet, model: FittedModel, evaluation: Mapping[str, Any]
) -> dict[str, Any]:
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
        "model": {
            "recipe": dict(model.recipe),
            "left_out": dict(model.left_out),
            "calibration": {**model.calibration.to_json(), "says": model.calibration.in_words},
        },
        "evaluation": dict(evaluation),
        "versions": {"python": platform.python_version(), **{name: installed_version(name) for name in LIBRARIES}},
    }


def _recorder(
    workspace: Workspace, found: TrainingSet, sha256: str, metadata: Mapping[str, Any], report: Mapping[str, Any]
) -> Record:
    """What writes the training down beside the model and in MLflow, once its version is known."""
    from salesworthy.runs.recorder import record_training

    def record(version: str, bundle: Path) -> str:
        card = model_card(version, metadata)
        pages = write_documents(report, report_folder(workspace, version), version=version, card=card)
        with TemporaryDirectory(prefix="salesworthy-documents-") as scratch:
            return record_training(
                workspace.settings.mlflow.tracking_uri,
                workspace.settings.mlflow.model,
                version=version,
                params=_flat({"training": metadata["training"], "label": metadata["label"]}),
                metrics=_metrics(metadata["evaluation"]["pooled"]) | _reason_metrics(metadata["reasons"]),
                tags={"data_fingerprint": found.fingerprint, **metadata["versions"]},
                artifacts=_documents(version, metadata, Path(scratch)) | pages,
                bundle_folder=bundle,
                bundle_sha256=sha256,
                features=found.data.features.schema,
                root=workspace.folder,
            )

    return record


def _documents(version: str, metadata: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    texts = {
        "model_card.md": model_card(version, metadata),
        "evaluation.json": json.dumps(metadata["evaluation"], indent=2, sort_keys=True),
        "leakage.json": json.dumps(metadata["leakage"], indent=2, sort_keys=True),
        "catalogue.json": json.dumps(metadata["catalogue"], indent=2, sort_keys=True),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}


def _flat(groups: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {f"{group}.{name}": value for group, values in groups.items() for name, value in values.items()}


def _reason_metrics(checks: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The figures of the checks of reasons, and whether each aim is met: 1 or 0, nothing where it cannot be judged."""
    figures = {f"reasons.{each['code']}": each["figure"] for each in checks if each["figure"] is not None}
    figures |= {f"reasons.{each['code']}.{name}": of for each in checks for name, of in each["further"].items()}
    held = {f"reasons.{each['code']}.holds": float(each["holds"]) for each in checks if each["holds"] is not None}
    return figures | held


def _metrics(pooled: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {
        f"{contender}.{name}": figure["value"]
        for contender, figures in pooled.items()
        for name, figure in figures.items()
        if figure["value"] is not None
    }
