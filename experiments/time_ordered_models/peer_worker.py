"""One AutoML peer on one problem, run by ``peers.py`` with the Python of the peer's own environment.

    python peer_worker.py flaml|mljar FOLDER SECONDS

reads ``FOLDER/train.parquet`` (with the column ``label``) and ``FOLDER/test.parquet``, writes ``FOLDER/NAME.npz``.

The peer's clock is the processor's: ``time.time`` is replaced before the peer is imported, so that its budget counts
the seconds it computed and not those it waited for other programs of a shared machine.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
START = time.time()


def processor_seconds() -> float:
    """Of this process and of those it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


time.time = lambda: START + processor_seconds()

import numpy as np  # noqa: E402 -- after the clock
import pandas as pd  # noqa: E402

SEED = 0


def flaml(train: pd.DataFrame, label: np.ndarray, test: pd.DataFrame, seconds: float) -> tuple[np.ndarray, str]:
    """FLAML at its defaults, for log-loss."""
    from flaml import AutoML

    model = AutoML()
    model.fit(
        train, label, task="classification", metric="log_loss", time_budget=seconds, n_jobs=1,
        seed=SEED, verbose=0,
    )  # fmt: skip
    return model.predict_proba(test)[:, 1], str(model.best_estimator)


def mljar(train: pd.DataFrame, label: np.ndarray, test: pd.DataFrame, seconds: float) -> tuple[np.ndarray, str]:
    """mljar-supervised in the mode that it offers for models to be used, for log-loss."""
    import tempfile

    from supervised import AutoML

    with tempfile.TemporaryDirectory() as results:
        model = AutoML(
            results_path=results, mode="Perform", total_time_limit=max(1, round(seconds)), eval_metric="logloss",
            ml_task="binary_classification", explain_level=0, n_jobs=1, random_state=SEED, verbose=0,
        )  # fmt: skip
        model.fit(train, label)
        return model.predict_proba(test)[:, 1], str(model._best_model.get_name())


def frames(folder: Path) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Training rows, labels, test rows; words as categories of the training rows, yes and no as numbers."""
    train, test = pd.read_parquet(folder / "train.parquet"), pd.read_parquet(folder / "test.parquet")
    label = train.pop("label").to_numpy().astype(int)
    for name in train:
        if pd.api.types.is_bool_dtype(train[name]):
            train[name], test[name] = train[name].astype(float), test[name].astype(float)
        elif not pd.api.types.is_numeric_dtype(train[name]):
            train[name], test[name] = train[name].astype(object), test[name].astype(object)
    return train, label, test


PEERS = {"flaml": flaml, "mljar": mljar}


def main(name: str, folder: Path, seconds: float) -> None:
    train, label, test = frames(folder)
    before = processor_seconds()
    probability, chosen = PEERS[name](train, label, test, seconds)
    spent = processor_seconds() - before
    np.savez(folder / f"{name}.npz", probability=probability, seconds=spent, chosen=chosen)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
