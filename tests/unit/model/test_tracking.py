"""MLflow at hand: in the workspace, and without a trace in the caller's own MLflow."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from salesworthy.domain.errors import UserError
from salesworthy.model.tracking import tracking, tracking_location


def test_a_failure_of_mlflow_is_explained_and_our_own_is_not(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="MLflow failed") as explained, tracking("sqlite:///m.db", tmp_path) as mlflow:
        mlflow.MlflowClient().get_run("no such run")
    assert explained.value.where == "sqlite:///m.db"
    with pytest.raises(KeyError), tracking("sqlite:///m.db", tmp_path):
        raise KeyError


def test_loggers_speak_again_afterwards(tmp_path: Path) -> None:
    before = logging.getLogger("mlflow").level
    with tracking("sqlite:///m.db", tmp_path):
        assert not logging.getLogger("mlflow.pyfunc").isEnabledFor(logging.WARNING)
    assert logging.getLogger("mlflow").level == before


def test_telemetry_is_off_whatever_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    with tracking("sqlite:///m.db", tmp_path):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_mlflow_points_where_it_did_before(tmp_path: Path) -> None:
    import mlflow

    for before in ("sqlite:////tmp/other.db", None):
        mlflow.set_tracking_uri(before)
        with tracking("sqlite:///mlflow.db", tmp_path):
            assert mlflow.get_tracking_uri() == f"sqlite:///{tmp_path}/mlflow.db"
        assert mlflow.is_tracking_uri_set() == (before is not None)
        assert before is None or mlflow.get_tracking_uri() == before


def test_a_relative_sqlite_store_lies_in_the_workspace(tmp_path: Path) -> None:
    assert tracking_location("sqlite:///a/b.db", tmp_path) == f"sqlite:///{tmp_path}/a/b.db"
    assert (tmp_path / "a").is_dir()
    assert tracking_location(f"sqlite:////{tmp_path}/b.db", Path("/nowhere")) == f"sqlite:////{tmp_path}/b.db"
