"""Feeds that went quiet are told within a day where they are busy, and never where they are thin."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.intake.feeds import feed_findings
from salesworthy.market.generate import write_market

MONDAY = 20_001 - 20_001 % 7 + 4
"""A day number that is a Monday: day 0 was a Thursday."""
WORKDAYS = [20, 20, 20, 20, 20, 0, 0]


def told(tmp_path, feeds):
    """Codes and kinds; ``feeds``: kind -> rows per day, the last day being the one that is not over."""
    rows = [
        {"kind": kind, "known_at": (MONDAY + day) * MICROSECONDS_PER_DAY + number}
        for kind, days in feeds.items()
        for day, count in enumerate(days)
        for number in range(count)
    ]
    path = tmp_path / "engagements.parquet"
    pl.DataFrame(rows).write_parquet(path)
    with duckdb.connect() as connection:
        return [
            (each.code, each.says.split(" of kind ")[1].split()[0])
            for each in feed_findings(connection, {"engagements": path})
        ]


def days(*weeks, rest=()):
    return [count for week in weeks for count in week] + list(rest)


ALWAYS = days(*[WORKDAYS] * 10, rest=[20, 20, 1])
CASES = {
    "as ever": (days(*[WORKDAYS] * 10, rest=[20, 20]), []),
    "a workday without rows": (days(*[WORKDAYS] * 10, rest=[20, 0]), [("FEED_QUIET", "webinar")]),
    "two workdays without rows": (days(*[WORKDAYS] * 10), [("FEED_QUIET", "webinar")]),
    "too young to have a rhythm": (days(*[[0] * 7] * 6, *[WORKDAYS] * 4), []),
    "thin": (days(*[[1, 0, 1, 0, 1, 0, 0]] * 10), []),
    "half gone": (days(*[WORKDAYS] * 9, [20, 20, 9, 9, 9, 0, 0], rest=[9, 9]), [("FEED_LOW", "webinar")]),
    "a lean week": (days(*[WORKDAYS] * 9, [20, 20, 12, 12, 12, 0, 0], rest=[12, 12]), []),
}


@pytest.mark.parametrize("case", CASES)
def test_feeds(tmp_path, case):
    counts, expected = CASES[case]
    assert told(tmp_path, {"form": ALWAYS, "webinar": counts}) == expected


def test_a_weekend_is_no_silence(tmp_path):
    saturday = days(*[WORKDAYS] * 10, rest=WORKDAYS[:6])
    assert told(tmp_path, {"form": days(*[[3] * 7] * 11), "webinar": saturday}) == []


def test_the_newest_row_says_how_far_the_data_goes(tmp_path):
    assert told(tmp_path, {"webinar": days(*[WORKDAYS] * 10)}) == []


@pytest.mark.slow
def test_the_quiet_feed_of_the_market_is_told_the_day_after(tmp_path):
    write_market(tmp_path, leads=20_000, seed=31, drift="quiet_feed")
    acts = pl.read_parquet(tmp_path / "engagements.parquet", columns=["kind", "known_at"])
    acts = acts.with_columns(pl.col("known_at").dt.epoch("us"))
    stop = int(np.datetime64("2026-01-01", "us").astype(np.int64))
    found = {}
    with duckdb.connect() as connection:
        for later in range(-20, 3):
            path = tmp_path / f"{later}.parquet"
            acts.filter(
                pl.col("known_at") < stop + later * MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY // 2
            ).write_parquet(path)
            found[later] = [(each.code, each.says) for each in feed_findings(connection, {"engagements": path})]
    assert not any(found[later] for later in range(-20, 1))
    assert [code for code, _ in found[1]] == ["FEED_QUIET"]
    assert "nothing of kind webinar since 2026-01-01" in found[1][0][1]
