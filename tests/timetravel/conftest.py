"""Time travel uses the generated histories of the feature tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from salesworthy.engines.duckdb import DuckDBEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "features"))


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as opened:
        yield opened
