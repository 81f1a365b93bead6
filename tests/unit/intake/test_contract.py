"""The contract of checked tables: a breach is a mistake of ours, and checking loads no engine nobody asked for."""

from __future__ import annotations

import os
import subprocess
import sys

import polars as pl
import pytest

from salesworthy.domain.errors import InternalError
from salesworthy.intake.contract import contract, hold


def row(table, **given):
    return pl.DataFrame({name: [given.get(name)] for name in columns(table)}, schema=columns(table))


def columns(table):
    return {name: column.dtype.type for name, column in contract(table).columns.items()}


def test_a_required_key_that_is_missing_breaks_it():
    with pytest.raises(InternalError, match="leads break its contract"):
        hold("leads", row("leads"))


def test_a_carried_column_of_another_kind_breaks_it():
    from salesworthy.domain.tables import Kind

    frame = row("leads", lead_id="L1", created_at=0).with_columns(pl.lit("x").alias("score"))
    hold("leads", frame, {"score": Kind.TEXT})
    with pytest.raises(InternalError, match=r"leads\.score"):
        hold("leads", frame, {"score": Kind.NUMBER})


def test_it_loads_no_spark_and_ties_no_driver_to_this_machine():
    check = (
        "import os, sys; from salesworthy.intake.contract import contract; contract('leads');"
        "sys.exit('pyspark' in sys.modules or 'SPARK_LOCAL_IP' in os.environ)"
    )
    without = {name: value for name, value in os.environ.items() if name != "SPARK_LOCAL_IP"}
    assert subprocess.run([sys.executable, "-c", check], check=False, env=without).returncode == 0
