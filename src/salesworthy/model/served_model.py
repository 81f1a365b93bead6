"""The script that MLflow runs to serve a logged model (models from code): it reads our bundle, nothing else.

MLflow copies this file next to the bundle and executes it on ``mlflow.pyfunc.load_model``. Scoring never does.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from salesworthy.model.bundle import Bundle, read_bundle


class ServedModel(PythonModel):  # type: ignore[misc]
    """A conversion model behind MLflow's ``predict``."""

    bundle: Bundle

    def load_context(self, context: Any) -> None:
        """Read the bundle, hash first.

        Raises:
            UserError: When a file of the bundle has changed since it was logged.
        """
        expected = context.model_config["bundle_sha256"]
        self.bundle = read_bundle(context.artifacts["bundle"], expected_sha256=expected)

    def predict(
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """The propensity of each row of features; a feature that is not given is unknown."""
        model = self.bundle.model
        features = model_input.reindex(columns=list(model.feature_names_in_))
        return pd.DataFrame({"propensity": model.predict_proba(features)[:, 1]}, index=model_input.index)


set_model(ServedModel())
