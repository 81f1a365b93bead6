"""Spark: the engine for more than one machine holds. The same expressions, the same values.

Spark reads the checked tables' Parquet files where they are, keeps intermediate tables as Parquet in a scratch folder,
and applies functions in its workers. Workspace and scratch folder must therefore be seen by the driver and all workers
under the same path, and salesworthy must be installed for the workers' Python: one machine gives both by itself.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.domain.errors import InternalError
from salesworthy.engines.protocol import Function
from salesworthy.engines.spark_compiler import SparkCompiler
from salesworthy.engines.spark_session import remove_leftovers, session
from salesworthy.engines.spark_tasks import TOLD_IN_SPARK, Task, read_results, rows_alone

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SCRATCH = "salesworthy-spark-"


class SparkEngine:
    """An Ibis backend on a Spark session of its own; see ``Engine`` for what it promises.

    Args:
        memory_limit: Of the Java process in local mode; beyond it Spark spills to ``temp_directory``. Python workers
            come beside it, each with one batch of rows.
        threads: Workers in local mode.
        temp_directory: Where scratch files go; the system's place for temporary files by default.
        options: Spark's own settings, such as ``spark.master``.

    Raises:
        UserError: When PySpark or Java is missing, or Spark does not start.

    Example:
        >>> with SparkEngine(threads=2) as engine:  # doctest: +SKIP
        ...     table = engine.from_arrow("t", pa.table({"x": [1, 2]}))
        ...     engine.to_arrow(table.agg(total=table.x.sum())).to_pylist()
        [{'total': 3}]
    """

    def __init__(
        self,
        *,
        memory_limit: str = "4GB",
        threads: int = 2,
        temp_directory: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        place = Path(tempfile.gettempdir()) if temp_directory is None else temp_directory
        place.mkdir(parents=True, exist_ok=True)
        remove_leftovers(place, SCRATCH)
        chosen = {"spark.local.dir": str(place), **(options or {})}
        self.session = session(chosen, memory_limit=memory_limit, threads=threads)
        self.backend = ibis.pyspark.connect(self.session)
        self.backend.compiler = SparkCompiler()
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=place))
        self._numbers = itertools.count()
        self._kept: dict[str, Path] = {}

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_parquet(self, name: str, paths: Path | list[Path]) -> ir.Table:
        """Parquet files as a view, read when a query needs them."""
        files = paths if isinstance(paths, list) else [paths]
        return self._view(name, self.session.read.parquet(*(str(file) for file in files)))

    def from_arrow(self, name: str, table: pa.Table) -> ir.Table:
        """An Arrow table in memory as a table of the engine, written to the scratch folder."""
        folder = self._new_folder()
        folder.mkdir()
        pq.write_table(table.rename_columns(_plain(table.num_columns)), folder / "rows.parquet")
        return self._kept_view(name, folder, table.column_names)

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its rows in the scratch folder for later queries of this session."""
        folder = self._new_folder()
        self._frame(expression).write.parquet(str(folder))
        return self._kept_view(name, folder, expression.columns)

    def drop(self, name: str) -> None:
        """Forget a table that was kept, with its files."""
        self.session.catalog.dropTempView(name)
        shutil.rmtree(self._kept.pop(name), ignore_errors=True)

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return all of its rows."""
        schema = expression.schema().to_pyarrow()
        return self._frame(expression).toArrow().rename_columns(schema.names).cast(schema)

    def batches(self, expression: ir.Table, *, rows: int) -> Iterator[pa.RecordBatch]:
        """Run an expression and stream its rows, at most so many at a time, through the scratch folder."""
        for found in self.apply(expression, rows_alone, rows=rows):
            yield from found["rows"].combine_chunks().to_batches()

    def apply(self, expression: ir.Table, function: Function, *, rows: int) -> Iterator[Mapping[str, pa.Table]]:
        """Run an expression and apply a function to its rows in the workers, at most so many at a time.

        The function is carried to every worker once; what it gives comes back through the scratch folder.
        """
        folder = self._new_folder()
        folder.mkdir()
        self.session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(rows))
        carried = self.session.sparkContext.broadcast(function)
        task = Task(carried, expression.schema().to_pyarrow(), str(folder))
        try:
            told = self._frame(expression).mapInArrow(task, TOLD_IN_SPARK).toArrow().to_pylist()
            for each in sorted(told, key=lambda row: row["partition"]):
                yield from read_results(folder / each["folder"], each["batches"])
                shutil.rmtree(folder / each["folder"])
        finally:
            carried.destroy()
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove the scratch folder; Spark itself stays until the process ends, for the next engine."""
        for name in self._kept:
            self.session.catalog.dropTempView(name)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _frame(self, expression: ir.Table) -> DataFrame:
        """What an expression gives, with the types that it declares, in columns called ``_plain``.

        Our own names hold dots, which Spark takes for parts of a column when it looks one up by name. Its types can be
        wider than declared: it reads a literal of eight bits as one of 32.
        """
        from pyspark.sql.pandas.types import from_arrow_schema

        found = self.session.sql(self.backend.compile(expression)).toDF(*_plain(len(expression.columns)))
        declared = from_arrow_schema(expression.schema().to_pyarrow())
        return found.select(
            *(
                found[own.name] if own.dataType == wanted.dataType else found[own.name].cast(wanted.dataType)
                for own, wanted in zip(found.schema, declared, strict=True)
            )
        ).toDF(*found.columns)

    def _new_folder(self) -> Path:
        return self._scratch / str(next(self._numbers))

    def _kept_view(self, name: str, folder: Path, columns: tuple[str, ...] | list[str]) -> ir.Table:
        found = self._view(name, self.session.read.parquet(str(folder)).toDF(*columns))
        if name in self._kept:
            shutil.rmtree(self._kept[name])
        self._kept[name] = folder
        return found

    def _view(self, name: str, frame: DataFrame) -> ir.Table:
        frame.createOrReplaceTempView(name)
        found = self.backend.table(name)
        if tuple(found.columns) != tuple(frame.columns):
            raise InternalError(f"{name} has other columns in Spark than it was given")
        return found


def _plain(count: int) -> list[str]:
    return [f"c{number}" for number in range(count)]
