"""MLflow as a mirror of what the ledger records: where it is, how to keep it quiet, and its aliases.

MLflow is imported when it is first used, never at import: scoring reads our own bundle and must not load it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesworthy.domain.errors import UserError

if TYPE_CHECKING:
    from salesworthy.ledger.records import ModelVersion

CHAMPION = "champion"
CHALLENGER = "challenger"

_SQLITE = "sqlite:///"
_SERVERS = ("http://", "https://", "postgresql", "mysql", "mssql", "databricks")
# A server that does not answer must not hold a promotion up for the four minutes of MLflow's own patience.
_DEFAULTS = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def tracking_location(tracking_uri: str, root: Path) -> str:
    """The tracking URI with a relative SQLite path taken from the workspace's folder, which is created.

    Example:
        >>> tracking_location("http://mlflow.example", Path("."))
        'http://mlflow.example'

    Raises:
        UserError: When MLflow cannot use it: it refuses plain folders.
    """
    if tracking_uri.startswith(_SQLITE):
        database = root.resolve() / tracking_uri.removeprefix(_SQLITE)
        database.parent.mkdir(parents=True, exist_ok=True)
        return f"{_SQLITE}{database}"
    if tracking_uri.startswith(_SERVERS):
        return tracking_uri
    raise UserError(
        f"MLflow cannot keep its record in {tracking_uri!r}",
        where="salesworthy.toml: mlflow.tracking_uri",
        todo="write sqlite:///mlflow/mlflow.db, or the address of a tracking server",
    )


@contextmanager
def tracking(tracking_uri: str, root: Path) -> Iterator[Any]:
    """MLflow, pointed at that store and silent; afterwards it points where it did before.

    Telemetry is switched off before MLflow is imported.

    Yields:
        The ``mlflow`` module.

    Raises:
        UserError: When the URI cannot be used, or MLflow fails.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    import mlflow
    from sqlalchemy.exc import SQLAlchemyError

    try:
        location = tracking_location(tracking_uri, root)
        with _silent(), _pointed(mlflow, location):
            yield mlflow
    except (mlflow.exceptions.MlflowException, SQLAlchemyError, OSError) as error:
        first_line = str(error).partition("\n")[0]
        todo = "see that the store or server answers, and that its version fits ours"
        raise UserError(f"MLflow failed: {first_line}", where=tracking_uri, todo=todo) from error


@contextmanager
def _pointed(mlflow: Any, location: str) -> Iterator[None]:
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    mlflow.set_tracking_uri(location)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


@contextmanager
def _silent() -> Iterator[None]:
    chatter = logging.getLogger("mlflow")
    level = chatter.level
    chatter.setLevel(logging.ERROR)
    try:
        yield
    finally:
        chatter.setLevel(level)


@dataclass(frozen=True)
class ModelMirror:
    """The aliases ``champion`` and ``challenger`` of a registered model in MLflow.

    MLflow's aliases have no compare-and-set, so they follow the ledger and decide nothing.

    Args:
        tracking_uri: As in ``salesworthy.toml``.
        model_name: The registered model.
        root: The workspace's folder.
    """

    tracking_uri: str
    model_name: str
    root: Path

    def show(self, champion: ModelVersion, challenger: ModelVersion | None) -> None:
        """Point the aliases at these versions; a challenger of None takes that alias away.

        Raises:
            UserError: When MLflow does not answer, or does not hold the version.
        """
        with tracking(self.tracking_uri, self.root) as mlflow:
            client = mlflow.MlflowClient()
            client.set_registered_model_alias(self.model_name, CHAMPION, self._number(client, champion))
            if challenger is None:
                client.delete_registered_model_alias(self.model_name, CHALLENGER)
            else:
                client.set_registered_model_alias(self.model_name, CHALLENGER, self._number(client, challenger))

    def _number(self, client: Any, model: ModelVersion) -> str:
        found = client.search_model_versions(f"name='{self.model_name}' and run_id='{model.mlflow_run_id}'")
        if not found:
            raise UserError(f"MLflow does not hold {model.version}", where=self.tracking_uri)
        return str(found[0].version)
