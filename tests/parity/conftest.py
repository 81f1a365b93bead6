"""DuckDB and Spark side by side: one Spark per worker, two of its own workers, small data."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from salesworthy.engines.duckdb import DuckDBEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "features"))

OPTIONS = {
    # A machine far away: nothing may depend on where it stands.
    "spark.driver.extraJavaOptions": "-Duser.timezone=Asia/Tokyo",
    "spark.sql.shuffle.partitions": "3",
    # Compiling queries takes longer than running them on a few rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
MEMORY = "1GB"
ON_SPARK = {
    "SALESWORTHY__ENGINE__KIND": "spark",
    "SALESWORTHY__ENGINE__MEMORY_LIMIT": MEMORY,
    "SALESWORTHY__ENGINE__SPARK": "{" + ", ".join(f'"{key}" = "{value}"' for key, value in OPTIONS.items()) + "}",
}
"""Environment that makes a workspace use Spark."""


def _why_no_spark() -> str:
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed: make install-spark"
    return "" if shutil.which("java") else "Spark needs Java 17, and there is no java on the path"


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Spark with two workers; skips where it cannot run."""
    if why := _why_no_spark():
        pytest.skip(why)
    from salesworthy.engines.spark import SparkEngine

    place = tmp_path_factory.mktemp("spill")
    with SparkEngine(memory_limit=MEMORY, threads=2, temp_directory=place, options=OPTIONS) as opened:
        yield opened


@pytest.fixture(scope="session")
def duckdb():
    with DuckDBEngine(threads=1) as opened:
        yield opened
