"""The run recorder: what MLflow holds after a training, and what it must never hold."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesworthy.domain.errors import UserError
from salesworthy.model.bundle import read_bundle, write_bundle
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.tracking import tracking
from salesworthy.runs.recorder import experiment, made_up_example, record_training

MODEL = "conversion"
URI = "sqlite:///mlflow/mlflow.db"
FEATURES = pa.schema(
    [
        ("visits", pa.int64()),
        ("days_since_visit", pa.float64()),
        ("attended", pa.bool_()),
        ("role", pa.string()),
    ]
)


def features(rows: int, *, seed: int = 3) -> pa.Table:
    rng = np.random.default_rng(seed)
    unknown = rng.random(rows) < 0.2
    return pa.table(
        {
            "visits": rng.poisson(3, rows),
            "days_since_visit": pa.array(rng.exponential(20, rows), mask=unknown),
            "attended": pa.array(rng.random(rows) < 0.4, mask=unknown),
            "role": pa.array(rng.choice(["physician", "procurement", "other"], rows), mask=unknown),
        },
        schema=FEATURES,
    )


def frame(table: pa.Table) -> pd.DataFrame:
    """As a caller of MLflow passes it: unknown yes/no and words are None."""
    columns = {
        name: table[name].to_pandas()
        if pa.types.is_primitive(table[name].type) and name != "attended"
        else pd.Series(table[name].to_pylist(), dtype="object")
        for name in table.column_names
    }
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Recorded:
    root: Path
    bundle: Path
    sha256: str
    said: dict[str, Any]
    noise: str


RECORD = """
import json, sys
from pathlib import Path
import pyarrow as pa
from salesworthy.runs.recorder import record_training
root, bundle, sha256 = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
types = {"int64": pa.int64(), "double": pa.float64(), "bool": pa.bool_(), "string": pa.string()}
runs = [
    record_training(
        "sqlite:///mlflow/mlflow.db", "conversion", version=version, params={"seed": 0}, metrics={"log_loss": 0.5},
        tags={"data_fingerprint": "abc"}, artifacts={"model_card.md": root / "card", "plots": root / "plots"},
        bundle_folder=bundle, bundle_sha256=sha256, root=root,
        features=pa.schema([(name, types[kind]) for name, kind in json.loads(sys.argv[4])]),
    )
    for version in ("v1", "v2")
]
print(json.dumps({"runs": runs}))
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Two trainings recorded by a program of their own, in a new workspace, from another folder."""
    root = tmp_path_factory.mktemp("workspace")
    table = features(400)
    label = (np.asarray(table["visits"]) + np.random.default_rng(5).normal(0, 2, 400) > 3).astype(float)
    bundle = root / "bundle"
    sha256 = write_bundle(ConversionModel(seed=0).fit(table, label).fitted_, bundle, metadata={"n": 400})
    (root / "card").write_text("# Model card\n")
    (root / "plots").mkdir()
    (root / "plots" / "calibration.svg").write_text("<svg/>")
    kinds = json.dumps([[field.name, str(field.type)] for field in FEATURES])
    command = [sys.executable, "-c", RECORD, str(root), str(bundle), sha256, kinds]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path_factory.mktemp("cwd"))
    return Recorded(root, bundle, sha256, json.loads(done.stdout), done.stderr)


@pytest.fixture
def mlflow(recorded: Recorded) -> Iterator[Any]:
    with tracking(URI, recorded.root) as mlflow:
        yield mlflow


def test_standard_output_is_ours_alone_and_mlflow_is_silent(recorded: Recorded) -> None:
    assert len(recorded.said["runs"]) == 2
    assert recorded.noise == ""


def test_the_run_holds_parameters_figures_tags_and_documents(recorded: Recorded, mlflow: Any) -> None:
    run = mlflow.get_run(recorded.said["runs"][0])
    assert run.info.status == "FINISHED"
    assert run.data.params["seed"] == "0"
    assert run.data.metrics["log_loss"] == 0.5
    assert run.data.tags["data_fingerprint"] == "abc"
    assert run.data.tags["salesworthy.version"] == "v1"
    client = mlflow.MlflowClient()
    listed = {artifact.path for folder in ("", "plots") for artifact in client.list_artifacts(run.info.run_id, folder)}
    assert {"model_card.md", "plots/calibration.svg"} <= listed


def test_everything_stays_in_the_workspace(recorded: Recorded, mlflow: Any) -> None:
    experiment = mlflow.get_experiment_by_name(MODEL)
    assert experiment.artifact_location == (recorded.root / "mlflow" / "artifacts").as_uri()
    assert sorted(path.name for path in recorded.root.iterdir()) == ["bundle", "card", "mlflow", "plots"]


def test_a_copied_workspace_keeps_its_files_apart_from_those_of_the_original(tmp_path: Path) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    with tracking(URI, first) as mlflow:
        original = experiment(mlflow, MODEL, first)
    shutil.copytree(first, copy)
    with tracking(URI, copy) as mlflow:
        own = experiment(mlflow, MODEL, copy)
        assert own != original
        assert mlflow.get_experiment(own).artifact_location == (copy / "mlflow" / "artifacts").as_uri()
        assert experiment(mlflow, MODEL, copy) == own


def test_the_newest_is_the_challenger_and_there_is_no_champion(recorded: Recorded, mlflow: Any) -> None:
    model = mlflow.MlflowClient().get_registered_model(MODEL)
    assert {alias: int(version) for alias, version in model.aliases.items()} == {"challenger": 2}
    versions = mlflow.MlflowClient().search_model_versions(f"name='{MODEL}'")
    assert {version.run_id for version in versions} == set(recorded.said["runs"])
    assert {version.tags["salesworthy.version"] for version in versions} == {"v1", "v2"}


def test_no_pickle_anywhere(recorded: Recorded) -> None:
    artifacts = recorded.root / "mlflow" / "artifacts"
    files = [path for path in artifacts.rglob("*") if path.is_file()]
    assert any(path.name == "bundle.json" for path in files)
    assert not [path for path in files if path.suffix in {".pkl", ".pickle", ".joblib", ".cloudpickle", ".dill"}]
    # Every pickle of protocol 2 or later starts with the byte 0x80 and its protocol, and ends with a full stop.
    started = [path for path in files if path.read_bytes()[:1] == b"\x80"]
    assert started == []
    descriptions = [path.read_text() for path in files if path.name == "MLmodel"]
    assert len(descriptions) == 2
    assert all("loader_module: mlflow.pyfunc.loaders.code_model" in text for text in descriptions)
    assert not any("python_model:" in text for text in descriptions)


def test_no_requirement_was_inferred_and_none_names_a_place(recorded: Recorded) -> None:
    for path in (recorded.root / "mlflow" / "artifacts").rglob("requirements.txt"):
        lines = path.read_text().splitlines()
        assert {line.partition("==")[0] for line in lines} == {
            "mlflow", "salesworthy", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy",
        }  # fmt: skip


def test_the_logged_model_predicts_what_ours_predicts(recorded: Recorded, mlflow: Any) -> None:
    served = mlflow.pyfunc.load_model(f"models:/{MODEL}@challenger")
    table = features(200, seed=9)
    ours = read_bundle(recorded.bundle, expected_sha256=recorded.sha256).model.predict_proba(table)[:, 1]
    np.testing.assert_array_equal(served.predict(frame(table))["propensity"].to_numpy(), ours)


def test_a_feature_that_is_not_sent_is_unknown(recorded: Recorded, mlflow: Any) -> None:
    served = mlflow.pyfunc.load_model(f"models:/{MODEL}@challenger")
    table = features(20, seed=9)
    unknown = table.set_column(1, FEATURES.field(1), pa.nulls(20, pa.float64()))
    ours = read_bundle(recorded.bundle).model.predict_proba(unknown)[:, 1]
    sent = frame(table).drop(columns="days_since_visit")
    np.testing.assert_array_equal(served.predict(sent)["propensity"].to_numpy(), ours)


def test_signature_and_example_hold_features_that_belong_to_nobody(recorded: Recorded, mlflow: Any) -> None:
    served = mlflow.pyfunc.load_model(f"models:/{MODEL}@challenger")
    inputs = {column.name: column.type.name for column in served.metadata.signature.inputs}
    assert inputs == {"visits": "long", "days_since_visit": "double", "attended": "boolean", "role": "string"}
    assert [column.name for column in served.metadata.signature.outputs] == ["propensity"]
    assert served.input_example.shape == (2, 4)
    assert list(served.input_example["visits"]) == [0, 1]


def test_a_bundle_that_was_changed_is_not_registered(recorded: Recorded, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        record_training(
            "sqlite:///mlflow/mlflow.db",
            "another",
            version="v1",
            params={},
            metrics={},
            tags={},
            artifacts={},
            bundle_folder=recorded.bundle,
            bundle_sha256="0" * 64,
            features=FEATURES,
            root=recorded.root,
        )
    with tracking(URI, recorded.root) as mlflow:
        assert mlflow.MlflowClient().search_registered_models("name='another'") == []


@pytest.mark.parametrize("missing", [False, True])
def test_an_example_fits_its_schema(missing: bool) -> None:
    example = made_up_example(FEATURES)
    assert list(example.columns) == FEATURES.names
    row = example.iloc[1 if missing else 0]
    assert (row["role"] is None) == missing
    assert np.isnan(row["days_since_visit"]) == missing
