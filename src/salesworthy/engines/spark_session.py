"""The Spark session that engines of one process share, and what must be at hand for it."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.domain.errors import UserError
from salesworthy.engines.memory import mebibytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WHERE = "salesworthy.toml: engine.kind"
_QUIET = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "py4j")
"""Loggers that repeat what an exception says already, query text included."""


def session(options: Mapping[str, str], *, memory_limit: str, threads: int) -> SparkSession:
    """A session of its own, with its own tables and settings, on the Spark that this process shares.

    The first call starts Spark: locally with so many workers, or as ``options`` say; later calls find it running. It
    ends with the process.

    Args:
        options: Spark's own settings, such as ``spark.master``; they override ours.
        memory_limit: Of the Java process in local mode, for example ``4GB``.
        threads: Workers in local mode.

    Raises:
        UserError: When PySpark or Java is missing, or Spark does not start.
    """
    builder = _builder()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    ours = {
        "spark.app.name": "salesworthy",
        "spark.master": f"local[{threads}]",
        "spark.driver.memory": f"{mebibytes(memory_limit)}m",
        "spark.driver.maxResultSize": "0",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    chosen = {**ours, **options}
    if chosen["spark.master"].startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # nothing listens to the network
    for name, value in chosen.items():
        builder = builder.config(name, value)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        found: SparkSession = builder.getOrCreate().newSession()
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"Spark does not start: {reason}", where=WHERE, todo="check Java (17 or later) and [engine.spark]"
        ) from error
    # Of every session: two that share one Spark do not share these.
    found.conf.set("spark.sql.session.timeZone", "UTC")
    found.conf.set("spark.sql.ansi.enabled", "true")
    return found


def _builder() -> SparkSession.Builder:
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        raise UserError("Spark needs Java, which is not here", where=WHERE, todo="install Java 17, or set JAVA_HOME")
    # Of pandas 3, which we do not use with it.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        todo = "pip install 'salesworthy[spark]', or set kind = \"duckdb\""
        raise UserError("Spark needs PySpark, which is not here", where=WHERE, todo=todo) from error
    return SparkSession.builder


def remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove scratch folders of processes that died before they could."""
    for each in folder.glob(f"{prefix}*"):
        owner = each.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(each, ignore_errors=True)
