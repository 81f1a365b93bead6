"""SQL of a few leads in SQLite's words: DuckDB itself says what the answer is, on rows of every sort."""

from __future__ import annotations

import sqlite3

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.runs.few_functions import add_functions
from salesworthy.runs.few_sqlite import NotAlike, to_sqlite

COLUMNS = {"t": ["k", "n", "x", "s", "b"], "u": ["k", "y"]}
TYPES = {
    "t": pa.schema([("k", pa.string()), ("n", pa.int64()), ("x", pa.float64()), ("s", pa.string()), ("b", pa.bool_())]),
    "u": pa.schema([("k", pa.string()), ("y", pa.float64())]),
}
MOMENT = 1_782_864_000_000_000
keys = st.none() | st.sampled_from(["a", "b", "c"])
whole = st.none() | st.integers(-(2**40), 2**40) | st.sampled_from([0, 1, MOMENT, MOMENT - 5, 86_400_000_000])
doubles = st.none() | st.floats(-1e9, 1e9) | st.sampled_from([0.0, 0.5, -0.5, 1.5, 2.5, 0.49999999999999994, 1e-5])
texts = st.none() | st.sampled_from(["", "Chirurgie", "ICU;ward", "ward", "a'b"])
t_rows = st.lists(st.tuples(keys, whole, doubles, texts, st.none() | st.booleans()), max_size=12)
u_rows = st.lists(st.tuples(keys, doubles), max_size=6)

DUCK = duckdb.connect(config={"threads": 1})
PER_ROW = [
    "GREATEST(x, CAST(n AS DOUBLE), 1.0)",
    "LEAST(x, 16.0)",
    "ROUND(x, 4)",
    "CAST(ROUND(CASE WHEN b THEN 10.25 ELSE 0.5 END, 4) AS DOUBLE)",
    "ROUND(20.0 * (POWER(0.5, (GREATEST(COALESCE(x, 0.0), 0.0) / 180.0))), 4)",
    "CAST(n AS DOUBLE) / 86400000000.0",
    "CAST((n - (n % 1024)) / 1024 AS BIGINT)",
    "((n % 86400000000) + 86400000000) % 86400000000",
    "CONTAINS(';' || s || ';', ';' || k || ';')",
    "LOWER(s) IN ('chirurgie', 'ward')",
    "x / NULLIF(GREATEST(CAST(n AS DOUBLE), 0.0), 0.0)",
    "CASE WHEN ABS(x) <= 1.7976931348623157e+308 THEN x ELSE CAST(NULL AS DOUBLE) END",
    "CASE WHEN b THEN n <= {{moment+0}} ELSE n > {{moment-5}} END",
    "NOT (b IS NULL) AND (b OR k = 'a')",
    "k IN ('a', 'b') OR NOT (s IN ('ward'))",
    "CAST(b AS DOUBLE) + x",
    "CAST((b) AND (n > 0) AS DOUBLE)",
]
WHOLE = [
    'SELECT "q"."k", "q"."n" FROM (SELECT * FROM "t") AS "q" SEMI JOIN (SELECT DISTINCT "u"."k" FROM "u") AS "v" '
    'ON "q"."k" = "v"."k" WHERE "q"."n" IS NOT NULL',
    'SELECT "q"."k", "q"."n" FROM "t" AS "q" ANTI JOIN "u" AS "v" ON "q"."k" = "v"."k"',
    'SELECT "q"."k", "q"."n", "v"."y" FROM "t" AS "q" LEFT OUTER JOIN "u" AS "v" ON "q"."k" = "v"."k"',
    'SELECT "q"."n" FROM "t" AS "q" WHERE NOT ("q"."k" IN (SELECT "u"."k" FROM "u"))',
    'SELECT * FROM (SELECT "t"."k" FROM "t") AS "l" UNION SELECT * FROM (SELECT "u"."k" FROM "u") AS "r"',
    'WITH "c" AS (SELECT * FROM "t" AS "q") SELECT "w".* EXCLUDE ("s", "b", "x") FROM "c" AS "w"',
    'SELECT "z".* EXCLUDE ("right") FROM (SELECT "q"."k", "q"."n", "v"."k" AS "right" FROM "t" AS "q" '
    'INNER JOIN "u" AS "v" ON "q"."k" = "v"."k") AS "z"',
    'SELECT "q"."k", COUNT(*) FILTER(WHERE "q"."b") AS "c", COUNT(DISTINCT "q"."s") FILTER(WHERE "q"."n" > 0) AS "d", '
    'MIN("q"."x") AS "low", MAX("q"."n") FILTER(WHERE "q"."b" IS NULL) AS "top", '
    'SUM(CASE WHEN "q"."b" THEN 1 ELSE 0 END) AS "sum" FROM "t" AS "q" GROUP BY 1',
]


def answers(sql: str, t, u):
    """What DuckDB and SQLite answer, in order."""
    duck, small = DUCK.cursor(), sqlite3.connect(":memory:")
    add_functions(small)
    for name, rows in (("t", t), ("u", u)):
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS[name])
        given = pa.table([pa.array(*each) for each in zip(columns, TYPES[name].types, strict=True)], schema=TYPES[name])
        duck.register("given", given)
        duck.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM given')
        small.execute(f'CREATE TABLE "{name}" ({", ".join(COLUMNS[name])})')
        small.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(COLUMNS[name]))})', rows)
    told = duck.execute(sql.replace("{{moment+0}}", str(MOMENT)).replace("{{moment-5}}", str(MOMENT - 5))).fetchall()
    said = small.execute(to_sqlite(sql, COLUMNS), {"moment": MOMENT}).fetchall()
    return sorted(map(exact, told)), sorted(map(exact, said))


def exact(row):
    """Values to the last bit; what is true is 1, as in SQLite."""
    return [
        repr(float(each)) if isinstance(each, int | float) or hasattr(each, "as_tuple") else repr(each) for each in row
    ]


@settings(max_examples=40, deadline=None)
@given(t=t_rows)
def test_expressions_give_what_duckdb_gives(t):
    told, said = answers(f"SELECT {', '.join(PER_ROW)} FROM t", t, [])
    assert said == told


@pytest.mark.parametrize("query", WHOLE)
@settings(max_examples=10, deadline=None)
@given(t=t_rows, u=u_rows)
def test_a_query_gives_what_duckdb_gives(query, t, u):
    told, said = answers(query, t, u)
    assert said == told


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT CAST(x AS DECIMAL(28, 6)) AS f FROM t", id="a cast to decimals"),
        pytest.param("SELECT REGEXP_MATCHES(s, 'a') AS f FROM t", id="patterns"),
        pytest.param("SELECT s LIKE 'A%' AS f FROM t", id="like, which ignores case in SQLite"),
        pytest.param("SELECT AVG(x) AS f FROM t", id="a mean, which is added up otherwise"),
        pytest.param("SELECT ROUND(CASE WHEN b THEN 1.00005 ELSE 0.0 END, 4) AS f FROM t", id="a fine decimal"),
        pytest.param("SELECT x + 0.1234567890123456789 AS f FROM t", id="a decimal that is no double"),
        pytest.param("SELECT * EXCLUDE (a) FROM nobody", id="a table that nobody knows"),
        pytest.param("SELECT x FROM t LIMIT 1", id="any row"),
        pytest.param("SELECT n - n % 1024 AS f FROM t", id="a remainder that the parser takes for another"),
    ],
)
def test_what_may_be_answered_otherwise_is_not_turned(sql):
    with pytest.raises(NotAlike):
        to_sqlite(sql, COLUMNS)


@pytest.mark.parametrize(
    "expression",
    ["LOWER('Ärztin')", "1 / 0", "CAST(s AS DOUBLE)", "CAST(x AS TEXT)", "x % 2.5", "CAST(1e300 AS BIGINT)"],
)
def test_what_only_duckdb_can_say_raises(expression):
    small = sqlite3.connect(":memory:")
    add_functions(small)
    small.execute("CREATE TABLE t (k, n, x, s, b)")
    small.execute("INSERT INTO t VALUES ('a', 1, 1.5, '12', 1)")
    with pytest.raises(sqlite3.OperationalError):
        small.execute(to_sqlite(f"SELECT {expression} AS f FROM t", COLUMNS)).fetchall()
