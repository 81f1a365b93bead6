"""The registry: versions and their bundles, atomically; MLflow follows and decides nothing."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from salesworthy.domain.errors import GateRefused, UserError, WrongUsage
from salesworthy.ledger.records import ChampionChanged, ModelVersion
from salesworthy.ledger.store import Ledger
from salesworthy.model.registry import Registry
from salesworthy.model.tracking import ModelMirror, tracking

MODEL = "conversion"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Ledger("sqlite:///ledger.db", tmp_path), tmp_path / "models")


def bundle(folder: Path, content: str = "{}") -> tuple[Path, str]:
    folder.mkdir(exist_ok=True)
    (folder / "bundle.json").write_text(content)
    (folder / "trees.txt").write_text("not a database\n" * 100)
    return folder, sha256(content.encode()).hexdigest()


def register(registry: Registry, source: Path, **more: Any) -> ModelVersion:
    folder, hash_ = bundle(source)
    return registry.register(
        folder, bundle_sha256=hash_, trained_as_of=1, data_fingerprint="data", figures={}, now=2, **more
    )


def folders(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "models").iterdir())


def test_versions_are_numbered_in_order_and_hold_their_bundle(registry: Registry, tmp_path: Path) -> None:
    versions = [register(registry, tmp_path / "b").version for _ in range(3)]
    assert versions == ["v1", "v2", "v3"] == folders(tmp_path)
    assert [model.version for model in registry.list()] == versions
    folder = registry.bundle_folder("v2")
    assert sorted(path.name for path in folder.iterdir()) == ["bundle.json", "trees.txt"]
    assert sha256((folder / "bundle.json").read_bytes()).hexdigest() == registry.get("v2").bundle_sha256
    assert (tmp_path / "b" / "bundle.json").is_file()


def test_a_number_is_never_given_twice(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "models" / "v4").mkdir(parents=True)
    (tmp_path / "models" / "v4" / "left by a crash").touch()
    assert register(registry, tmp_path / "b").version == "v5"


def test_a_bundle_that_is_not_what_its_hash_names_is_refused(registry: Registry, tmp_path: Path) -> None:
    folder, _ = bundle(tmp_path / "b")
    with pytest.raises(UserError, match=r"bundle\.json: its hash is"):
        registry.register(folder, bundle_sha256="0" * 64, trained_as_of=1, data_fingerprint="", figures={}, now=1)
    assert registry.list() == ()
    assert folders(tmp_path) == []


@pytest.mark.parametrize("failure", [RuntimeError("bug"), KeyboardInterrupt()])
def test_a_failure_while_recording_leaves_no_version(
    registry: Registry, tmp_path: Path, failure: BaseException
) -> None:
    def fail(version: str, folder: Path) -> str:
        raise failure

    with pytest.raises(type(failure)):
        register(registry, tmp_path / "b", record=fail)
    assert registry.list() == ()
    assert folders(tmp_path) == []


def test_the_record_sees_the_version_and_its_run_is_kept(registry: Registry, tmp_path: Path) -> None:
    seen: list[tuple[str, Path]] = []

    def record(version: str, folder: Path) -> str:
        seen.append((version, folder))
        return "mlflow run"

    assert register(registry, tmp_path / "b", record=record).mlflow_run_id == "mlflow run"
    assert seen == [("v1", tmp_path / "models" / "v1")]


def test_a_training_is_not_lost_when_mlflow_is_away(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def record(version: str, folder: Path) -> str:
        raise UserError("MLflow does not answer")

    assert register(registry, tmp_path / "b", record=record).mlflow_run_id is None
    assert "v1 is registered without an MLflow run: MLflow does not answer" in caplog.text


def test_registrations_at_once_get_a_version_each(registry: Registry, tmp_path: Path) -> None:
    bundle(tmp_path / "b")

    def one(_: int) -> str:
        own = Registry(Ledger("sqlite:///ledger.db", tmp_path), tmp_path / "models")
        hash_ = sha256(b"{}").hexdigest()
        return own.register(
            tmp_path / "b", bundle_sha256=hash_, trained_as_of=1, data_fingerprint="", figures={}, now=1
        ).version

    with ThreadPoolExecutor(6) as trainers:
        versions = list(trainers.map(one, range(12)))
    assert sorted(versions) == sorted(f"v{number}" for number in range(1, 13)) == folders(tmp_path)
    assert {model.version for model in registry.list()} == set(versions)


def test_champion_and_challenger(registry: Registry, tmp_path: Path) -> None:
    assert registry.champion() is None
    assert registry.challenger() is None
    for _ in range(2):
        register(registry, tmp_path / "b")
    assert registry.challenger() == registry.get("v2")
    registry.promote("v1", "J. Doe", 3)
    assert (registry.champion(), registry.challenger()) == (registry.get("v1"), registry.get("v2"))
    registry.promote("v2", "J. Doe", 4, expected="v1")
    assert (registry.champion(), registry.challenger()) == (registry.get("v2"), None)
    with pytest.raises(ChampionChanged):
        registry.promote("v1", "J. Doe", 5, expected="v1")
    assert registry.rollback("J. Doe", 5).version == "v1"
    with pytest.raises(GateRefused):
        registry.rollback("J. Doe", 6)


def test_a_version_whose_bundle_is_gone_or_changed_cannot_be_promoted(registry: Registry, tmp_path: Path) -> None:
    register(registry, tmp_path / "b")
    stored = tmp_path / "models" / "v1" / "bundle.json"
    stored.write_text("{ }")
    with pytest.raises(UserError, match=r"bundle\.json: its hash is"):
        registry.promote("v1", "J. Doe", 1)
    stored.unlink()
    with pytest.raises(UserError, match="the bundle of v1 is not there"):
        registry.promote("v1", "J. Doe", 1)
    assert registry.champion() is None
    with pytest.raises(WrongUsage):
        registry.bundle_folder("v2")


# MLflow as a mirror


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


def in_mlflow(mirror: ModelMirror) -> str:
    """A model version in MLflow; returns its run id."""
    with tracking(mirror.tracking_uri, mirror.root) as mlflow:
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(MODEL)
        experiment_id = experiment.experiment_id if experiment else client.create_experiment(MODEL)
        if experiment is None:
            client.create_registered_model(MODEL)
        run_id = client.create_run(experiment_id).info.run_id
        client.create_model_version(MODEL, source=f"runs:/{run_id}/model", run_id=run_id)
    return str(run_id)


def aliases(mirror: ModelMirror) -> dict[str, int]:
    with tracking(mirror.tracking_uri, mirror.root) as mlflow:
        found = mlflow.MlflowClient().get_registered_model(MODEL).aliases
    return {alias: int(version) for alias, version in found.items()}


def test_the_aliases_follow_the_ledger(tmp_path: Path) -> None:
    mirror = ModelMirror("sqlite:///mlflow/mlflow.db", MODEL, tmp_path)
    registry = Registry(Ledger("sqlite:///ledger.db", tmp_path), tmp_path / "models", mirror=mirror)
    for _ in range(2):
        register(registry, tmp_path / "b", record=lambda version, folder: in_mlflow(mirror))
    seen = []
    for change in ("v1", "v2", "back"):
        _ = registry.rollback("J. Doe", 3) if change == "back" else registry.promote(change, "J. Doe", 3)
        seen.append(aliases(mirror))
    assert seen == [{"champion": 1, "challenger": 2}, {"champion": 2}, {"champion": 1, "challenger": 2}]


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("http://127.0.0.1:9", "MLflow failed"),
        ("sqlite:///mlflow.db", "MLflow does not hold v1"),
        ("mlruns", "MLflow cannot keep its record"),
        ("sqlite:///ledger.db/mlflow.db", "MLflow failed"),
        ("sqlite:///b/trees.txt", "MLflow failed"),
    ],
)
def test_a_promotion_stands_when_mlflow_fails(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    uri: str,
    says: str,
) -> None:
    mirror = ModelMirror(uri, MODEL, tmp_path)
    registry = Registry(Ledger("sqlite:///ledger.db", tmp_path), tmp_path / "models", mirror=mirror)
    register(registry, tmp_path / "b")
    with caplog.at_level(logging.WARNING, logger="salesworthy"):
        registry.promote("v1", "J. Doe", 3)
    assert registry.champion() == registry.get("v1")
    assert says in caplog.text
    assert capsys.readouterr().out == ""


USE_EVERYTHING_BUT_MLFLOW = """
import sys
from pathlib import Path
from salesworthy.ledger.store import Ledger
from salesworthy.model.registry import Registry
from salesworthy.model.tracking import ModelMirror
root = Path(sys.argv[1])
registry = Registry(
    Ledger("sqlite:///ledger.db", root), root / "models", mirror=ModelMirror("sqlite:///m.db", "conversion", root)
)
print(registry.champion().version, registry.bundle_folder("v1").name, registry.list()[0].version)
import salesworthy.runs.publish, salesworthy.runs.lock
print([name for name in sys.modules if name.partition(".")[0] in ("mlflow", "alembic", "fastapi")])
"""


def test_looking_a_model_up_never_loads_mlflow(registry: Registry, tmp_path: Path) -> None:
    register(registry, tmp_path / "b")
    registry.promote("v1", "J. Doe", 3)
    command = [sys.executable, "-c", USE_EVERYTHING_BUT_MLFLOW, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["v1 v1 v1", "[]"]
