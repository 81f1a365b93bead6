"""What most commands need, loaded once and forked from: loading it may leave no thread and no connection behind."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import ibis.backends.duckdb  # noqa: F401
import mlflow.tracking  # noqa: F401
import pandas  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401

import salesworthy.cli.main
import salesworthy.engines.duckdb
import salesworthy.model.conversion
import salesworthy.model.registry
import salesworthy.model.tracking
import salesworthy.runs.evaluation_page
import salesworthy.runs.policy_cases
import salesworthy.runs.recorder
import salesworthy.runs.score
import salesworthy.runs.train  # noqa: F401

# What was loaded stays, in every fork: collecting it again and again costs time and copies its memory.
gc.freeze()
gc.set_threshold(100_000, 20, 20)
