"""The run recorder: every training in MLflow, with its parameters, figures, documents and the model itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version as installed_version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from salesworthy.domain.errors import UserError
from salesworthy.model.bundle import read_bundle
from salesworthy.model.tracking import CHALLENGER, tracking

SERVED_MODEL = Path(__file__).parents[1] / "model" / "served_model.py"
SERVED_WITH = ("salesworthy", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")
"""Packages that a server needs besides MLflow; written down exactly, never inferred."""


def record_training(
    tracking_uri: str,
    model_name: str,
    *,
    version: str,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    artifacts: Mapping[str, Path],
    bundle_folder: Path,
    bundle_sha256: str,
    features: pa.Schema,
    root: Path,
    input_example: pd.DataFrame | None = None,
) -> str:
    """Record one training in MLflow, and register its model there under the alias ``challenger``.

    The model is logged as data and a script (models from code), never as a pickle. Before it is registered it is loaded
    back through MLflow and must predict what the bundle predicts. Nothing is fetched, and standard output stays empty.

    Args:
        tracking_uri: As in ``salesworthy.toml``; a relative SQLite path starts at ``root``.
        model_name: Name of the registered model, and of the experiment.
        version: Our version, such as ``v3``.
        params: Settings of the training.
        metrics: Figures, by name.
        tags: Anything else to find the run by.
        artifacts: Documents and plots: path inside the run -> file or folder.
        bundle_folder: The model's bundle.
        bundle_sha256: Hash of its ``bundle.json``.
        features: Names and types of the feature columns.
        root: The workspace's folder; without a server, artifacts go to ``mlflow/artifacts`` in it.
        input_example: Rows of features without personal data; made up from the schema when not given.

    Returns:
        The MLflow run id.

    Raises:
        UserError: When MLflow cannot be reached, or the logged model does not predict as the bundle does.
    """
    example = made_up_example(features) if input_example is None else input_example
    with tracking(tracking_uri, root) as mlflow:
        with mlflow.start_run(experiment_id=experiment(mlflow, model_name, root), run_name=version) as run:
            mlflow.set_tags({**tags, "salesworthy.version": version})
            mlflow.log_params(dict(params))
            mlflow.log_metrics(dict(metrics))
            _log_documents(mlflow, artifacts)
            logged = _log_model(mlflow, bundle_folder, bundle_sha256, features, example)
            _must_predict_alike(mlflow, logged.model_uri, bundle_folder, bundle_sha256, example)
        _register(mlflow.MlflowClient(), model_name, version, logged)
    return str(run.info.run_id)


def made_up_example(features: pa.Schema) -> pd.DataFrame:
    """Two rows of features that belong to nobody: one of zeros and no, one of which as much as possible is unknown.

    Example:
        >>> made_up_example(pa.schema([("visits", pa.int64()), ("role", pa.string())])).to_dict("records")
        [{'visits': 0, 'role': 'other'}, {'visits': 1, 'role': None}]
    """
    return pd.DataFrame({field.name: _made_up(field.type) for field in features})


def _made_up(kind: pa.DataType) -> pd.Series:
    if pa.types.is_boolean(kind):
        return pd.Series([False, True])
    if pa.types.is_integer(kind):
        return pd.Series([0, 1], dtype="int64")
    if pa.types.is_floating(kind):
        return pd.Series([0.0, np.nan])
    return pd.Series(["other", None], dtype="object")


def experiment(mlflow: Any, name: str, root: Path) -> str:
    """The id of the experiment of that name, created when needed; without a server its files lie below ``root``.

    MLflow keeps the place of an experiment's files as an absolute path. The copy of a workspace would write into the
    one it was copied from, so a workspace that was moved or copied gets an experiment of its own.
    """
    if not mlflow.get_tracking_uri().startswith("sqlite:"):
        return _experiment(mlflow, name, None)
    location = (root.resolve() / "mlflow" / "artifacts").as_uri()
    found = mlflow.get_experiment_by_name(name)
    moved = found is not None and found.artifact_location != location
    own = f"{name} in {root.resolve().name} {sha256(location.encode()).hexdigest()[:8]}"
    return _experiment(mlflow, own if moved else name, location)


def _experiment(mlflow: Any, name: str, location: str | None) -> str:
    found = mlflow.get_experiment_by_name(name)
    return str(found.experiment_id if found else mlflow.create_experiment(name, artifact_location=location))


def _log_documents(mlflow: Any, artifacts: Mapping[str, Path]) -> None:
    with TemporaryDirectory(prefix="salesworthy-artifacts-") as scratch:
        for name, source in artifacts.items():
            target = Path(scratch) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _ = shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
        mlflow.log_artifacts(scratch)


def _log_model(mlflow: Any, bundle: Path, bundle_sha256: str, features: pa.Schema, example: pd.DataFrame) -> Any:
    types = mlflow.types
    inputs = types.Schema([types.ColSpec(_mlflow_type(field.type), field.name, required=False) for field in features])
    outputs = types.Schema([types.ColSpec("double", "propensity")])
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=str(SERVED_MODEL),
        artifacts={"bundle": str(bundle)},
        model_config={"bundle_sha256": bundle_sha256},
        signature=mlflow.models.ModelSignature(inputs, outputs),
        input_example=example,
        pip_requirements=[*_requirements(SERVED_WITH), *_requirements(["mlflow"])],
    )


def _register(client: Any, name: str, version: str, logged: Any) -> None:
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
    tags = {"salesworthy.version": version}
    created = client.create_model_version(
        name, source=logged.model_uri, run_id=logged.run_id, tags=tags, model_id=logged.model_id
    )
    client.set_registered_model_alias(name, CHALLENGER, created.version)


def _requirements(packages: Sequence[str]) -> list[str]:
    return [f"{package}=={installed_version(package)}" for package in packages]


def _mlflow_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    return "double" if pa.types.is_floating(kind) else "string"


def _must_predict_alike(mlflow: Any, uri: str, bundle: Path, bundle_sha256: str, example: pd.DataFrame) -> None:
    served = mlflow.pyfunc.load_model(uri).predict(example)["propensity"].to_numpy()
    ours = read_bundle(bundle, expected_sha256=bundle_sha256).model.predict_proba(example)[:, 1]
    if not np.array_equal(served, ours):
        raise UserError("the logged model does not predict what the bundle predicts", where=uri)
