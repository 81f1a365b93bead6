"""Ibis's SQL for Spark, where it would give other values than its SQL for DuckDB does.

Ibis takes not-a-number for null on Spark alone, and a count of rows that meet a condition is null there when the
condition is null on every row.
"""

from __future__ import annotations

from typing import Any

from ibis.backends.sql.compilers.base import NULL, STAR, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler


class SparkCompiler(PySparkCompiler):  # type: ignore[misc]
    """Writes SQL whose values are those of DuckDB."""

    __slots__ = ()

    visit_IsNull = SQLGlotCompiler.visit_IsNull  # noqa: N815 -- Ibis's names
    visit_NotNull = SQLGlotCompiler.visit_NotNull  # noqa: N815

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: ARG002, N802
        """Rows that meet a condition; never null."""
        return self.f.count(STAR if where is None else self.if_(where, 1, NULL))
