"""The engine's own promises, and every function that a condition may use, on DuckDB and on Spark."""

from __future__ import annotations

import itertools
import math

import ibis
import pyarrow as pa
import pyarrow.compute
import pytest

from salesworthy.features.conditions import parse_condition

pytestmark = pytest.mark.slow

NUMBERS = (None, 0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 1e-7, 1234567.0, 1e300, -1e300, math.inf, math.nan)
TEXTS = (None, "", "abc", "ABC", "Ä b", "100%", "a_c", " 7", "1e3", "12", "x,y", "naïve 😀", "nan", "-")
CONDITIONS = (
    "x > y", "x <= y", "x = y", "x <> 0.5", "x between -1 and 2", "not (x > 1)", "x > 1 and y > 1", "x > 1 or y < 1",
    "x + y", "x - y", "x * y", "x / y", "-x", "abs(x)", "ceil(x)", "floor(x)", "round(x)", "ln(x)", "sqrt(x)",
    "least(x, y)", "greatest(x, y)", "coalesce(x, y)", "nullif(x, y)", "x is null", "(x > 1) is true",
    "x in (0.5, 2.5)", "case when x > 1 then 1 when y is null then 2 else x end", "case when x > 1 then y end",
    "s = 'abc'", "s < t", "s in ('abc', '12', '')", "lower(s) = 'abc'", "upper(s) = 'ABC'", "length(s)",
    "s like 'a_c'", "s ilike 'A%'", "s not like '%b%'", "contains(s, 'b')", "starts_with(s, 'a')",
    "replace(s, 'a', 'b') = 'bbc'", "s || t = 'abcabc'", "cast(s as double)", "try_cast(t as double)",
    "coalesce(s, t, '?') = '?'", "nullif(s, t) is null", "s is not null and x is not null",
)  # fmt: skip


@pytest.fixture(scope="module")
def grid():
    pairs = list(itertools.product(NUMBERS, NUMBERS))
    texts = list(itertools.product(TEXTS, TEXTS))
    rows = [(*pairs[number % len(pairs)], *text) for number, text in enumerate(texts)]
    given = zip(*rows, strict=True)
    kinds = {"x": pa.float64(), "y": pa.float64(), "s": pa.string(), "t": pa.string()}
    columns = {name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), given, strict=True)}
    return pa.table({"place": pa.array(range(len(rows)), pa.int64()), **columns})


def told(engine, grid):
    """The value of every condition on every row."""
    table = engine.from_arrow("grid", grid)
    values = {
        f"c{number}": parse_condition(text, "here", gives=None).to_ibis(lambda ref: table[ref.name])
        for number, text in enumerate(CONDITIONS)
    }
    return engine.to_arrow(table.select("place", **values).order_by("place"))


def same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or one == other or math.isclose(one, other, rel_tol=1e-14)
    return one == other


def test_every_condition_gives_the_same(spark, duckdb, grid):
    expected, found = told(duckdb, grid), told(spark, grid)
    rows = grid.to_pylist()
    differing = {
        text: [(row, one, other) for row, one, other in zip(rows, *columns, strict=True) if not same(one, other)][:2]
        for number, text in enumerate(CONDITIONS)
        for columns in [(expected[f"c{number}"].to_pylist(), found[f"c{number}"].to_pylist())]
    }
    assert {text: found for text, found in differing.items() if found} == {}


def doubled(rows):
    twice = pyarrow.compute.multiply(rows["x.y"], 2)
    return {"doubled": pa.table({"x.y": twice}), "count": pa.table({"n": [rows.num_rows]})}


@pytest.fixture(scope="module")
def known_to_workers(spark):
    spark.session.sparkContext.addPyFile(__file__)


def test_a_function_is_applied_in_order_and_in_batches(spark, duckdb, known_to_workers):
    numbers = [(7 * number) % 1000 for number in range(1000)]
    table = pa.table({"x.y": pa.array(numbers, pa.int64()), "small": pa.array([1] * 1000, pa.int8())})
    for engine in (duckdb, spark):
        shuffled = engine.from_arrow("numbers", table)
        found = list(engine.apply(shuffled.order_by("x.y"), doubled, rows=64))
        assert [row for each in found for row in each["doubled"]["x.y"].to_pylist()] == list(range(0, 2000, 2))
        assert max(each["count"]["n"][0].as_py() for each in found) <= 64
        kept = engine.materialise("kept", shuffled.mutate(code=ibis.literal(3, "int8")).order_by("x.y"))
        batches = list(engine.batches(kept.order_by("x.y"), rows=300))
        assert max(batch.num_rows for batch in batches) <= 300
        assert pa.Table.from_batches(batches).schema == pa.schema(
            [("x.y", pa.int64()), ("small", pa.int8()), ("code", pa.int8())]
        )
        assert engine.to_arrow(kept.filter(kept["x.y"] < 0)).num_rows == 0
        assert list(engine.apply(kept.filter(kept["x.y"] < 0), doubled, rows=10)) == []


def test_a_failure_in_a_worker_is_told(spark, known_to_workers):
    table = spark.from_arrow("few", pa.table({"z": [1, 2]}))
    with pytest.raises(Exception, match=r"x\.y"):
        list(spark.apply(table, doubled, rows=10))


def test_two_engines_at_once_do_not_see_each_other_and_one_outlives_the_other(spark):
    from salesworthy.engines.spark import SparkEngine

    mine = spark.from_arrow("twice", pa.table({"x": [1]}))
    with SparkEngine(memory_limit="1GB", temp_directory=spark._scratch.parent) as other:
        theirs = other.from_arrow("twice", pa.table({"x": [2]}))
        assert other.to_arrow(theirs).to_pydict() == {"x": [2]}
        place = other._scratch
    assert not place.exists()
    assert spark.to_arrow(mine).to_pydict() == {"x": [1]}
