"""One engine per module: opening one takes longer than most questions."""

from __future__ import annotations

import pytest

from salesworthy.engines.duckdb import DuckDBEngine


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as opened:
        yield opened
