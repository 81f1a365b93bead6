"""Counts from the engine are those of counting by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weekly_sums import weeks

from salesworthy.drift.bins import Bins, bins_of, cuts
from salesworthy.drift.cells import TIMES, added, count_cells, of_weeks, weekly_bins, weekly_levels
from salesworthy.drift.grid import cell, cells
from salesworthy.drift.histograms import WEEK_COLUMN, count_levels, levels_of, sampled
from salesworthy.drift.watched import MISSING, OTHER, Family, Watched, joined
from salesworthy.drift.weeks import WEEK
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.features.catalogue import Catalogue, Feature

NUMBER, FLAG = Feature("n", "count", dtype="integer"), Feature("f", "column", dtype="yes_no")
WORD = Feature("w", "column", dtype="category")
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.none() | st.integers(0, 6),
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["a", "b", "c"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as found:
        yield found


def table(rows):
    week, number, flag, word = zip(*rows, strict=True)
    return pa.table(
        {
            WEEK_COLUMN: pa.array(week, pa.int64()),
            "n": pa.array(number, pa.int64()),
            "f": pa.array(flag, pa.bool_()),
            "w": pa.array(word, pa.string()),
            "lead_id": [f"L{place:03}" for place in range(len(rows))],
            "as_of": pa.array(range(len(rows)), pa.int64()),
            TIMES: pa.array([1] * len(rows), pa.int64()),
        }
    )


@settings(deadline=None, max_examples=8)
@given(rows=ROWS)
def test_bins_are_counted_as_by_hand(engine, rows):
    counts = count_cells(engine, engine.from_arrow("rows", table(rows)), [NUMBER, FLAG], weeks(5))
    found = joined(weeks(5), weekly_bins(counts, [Bins(NUMBER, (0.0, 3.0)), Bins(FLAG)], weeks(5)))
    got = {(each.thing, each.level): column for column, each in enumerate(found.watched)}
    for week in range(5):
        mine = [row for row in rows if row[0] == week]
        numbers, flags = ([row[place] for row in mine if row[place] is not None] for place in (1, 2))
        expected = {
            ("n", "at most 0"): (sum(n <= 0 for n in numbers), len(numbers)),
            ("n", "at most 3"): (sum(n <= 3 for n in numbers), len(numbers)),
            ("n", MISSING): (len(mine) - len(numbers), len(mine)),
            ("f", "yes"): (sum(flags), len(flags)),
            ("f", MISSING): (len(mine) - len(flags), len(mine)),
        }
        for key, pair in expected.items():
            assert (found.hits[week, got[key]], found.totals[week, got[key]]) == pair
    assert set(got) == set(expected)


@settings(deadline=None, max_examples=8)
@given(rows=ROWS)
def test_levels_are_counted_as_by_hand(engine, rows):
    about = Watched(Family.FEATURE, "w")
    found = count_levels(engine, engine.from_arrow("rows", table(rows)), "w", weeks(5), about)
    counted = Counter((row[0], row[3]) for row in rows)
    for column, each in enumerate(found.watched):
        for week in range(5):
            level = None if each.level == MISSING else each.level
            assert found.hits[week, column] == counted[week, level]
            rows_of_week = sum(n for (when, value), n in counted.items() if when == week and (value or level is None))
            assert found.totals[week, column] == rows_of_week


@settings(deadline=None, max_examples=8)
@given(rows=ROWS, more=ROWS)
def test_counts_of_parts_add_up_and_what_is_taken_out_is_gone(engine, rows, more):
    def counted(some, *, times=1):
        given_rows = table(some).drop_columns([TIMES]).append_column(TIMES, pa.array([times] * len(some), pa.int64()))
        return count_cells(engine, engine.from_arrow("rows", given_rows), [NUMBER, FLAG, WORD], weeks(5))

    whole = added([counted([*rows, *more])])
    assert added([counted(rows), counted(more)]).equals(whole)
    assert added([whole, counted(more, times=-1)]).equals(added([counted(rows)]))
    start = weeks(5).start
    assert added([of_weeks(whole, [start]), of_weeks(whole, weeks_after(start))]).equals(whole)
    about = Watched(Family.FEATURE, "w")
    straight = count_levels(engine, engine.from_arrow("rows", table([*rows, *more])), "w", weeks(5), about)
    kept = weekly_levels(whole, WORD, weeks(5))
    assert [each.level for each in kept.watched] == [each.level for each in straight.watched]
    assert (kept.hits == straight.hits).all()
    assert (kept.totals == straight.totals).all()


def weeks_after(start):
    return [start + week * WEEK for week in range(1, 5)]


NUMBERS = st.floats(-1e9, 1e9).map(lambda number: round(number, 6)) | st.integers(-300, 300).map(float)


@settings(deadline=None, max_examples=10)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=30))
def test_an_end_of_a_cell_has_each_number_on_the_same_side_as_its_cell(engine, numbers):
    given_rows = engine.from_arrow("numbers", pa.table({"n": numbers}))
    ends = engine.to_arrow(given_rows.select(end=cell(given_rows.n)))["end"].to_pylist()
    assert ends == cells(np.array(numbers)).tolist()
    for number, end in zip(numbers, ends, strict=True):
        assert number <= end <= number + abs(number) / 64
        assert all((number <= cut) == (end <= cut) for cut in ends)
    whole = np.arange(-128.0, 129.0)
    assert (cells(whole) == whole).all()


def test_rare_levels_are_counted_together():
    names = [f"level{number:02}" for number in range(25)]
    counted = pa.table({"week": [0] * 25, "level": names, "n": list(range(25, 0, -1))})
    found = levels_of(counted, weeks(1), Watched(Family.FEATURE, "w"))
    assert [each.level for each in found.watched] == [*names[:20], OTHER]
    assert found.hits[0, -1] == sum(range(1, 6))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0] * 97 + [1.0] * 3, (0.0,)),  # rare as it is, whether there is any is told
        ([5.0] * 50, ()),
        ([], ()),
        (list(range(100)), (0.0, 1.0, 9.0, 24.0, 49.0, 74.0, 89.0, 97.0)),
    ],
)
def test_numbers_are_cut_where_that_says_something(values, expected):
    assert cuts([float(value) for value in values]) == expected


def test_outcome_rates_are_left_to_what_goes_into_them():
    rate = Feature("rate", "history", "leads", "campaign_id")
    sample = pa.table({"n": [0, 1, 2], "f": [True, False, None], "w": ["a", "b", None], "rate": [0.1, 0.2, 0.3]})
    found = bins_of(Catalogue((NUMBER, FLAG, WORD, rate)), sample)
    assert [each.feature.name for each in found] == ["n", "f"]


def test_a_sample_is_the_same_rows_each_time_and_comes_from_all_weeks(engine):
    rows = [(place // 200, place, True, "a") for place in range(1000)]
    given_rows = engine.from_arrow("many", table(rows))

    def sample(most):
        return engine.to_arrow(sampled(given_rows, most=most).order_by("lead_id"))

    one, other = (sample(100) for _ in range(2))
    assert one.equals(other)
    assert min(Counter(one[WEEK_COLUMN].to_pylist()).values()) >= 10
    assert sample(5000).num_rows == 1000
