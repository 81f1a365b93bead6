"""Feeds that went quiet are told within a day where they are busy, and never where they are thin."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.tables import LEADS, Kind
from salesworthy.intake.checked import ColumnFacts
from salesworthy.intake.feed_quality import feed_shares, share_findings
from salesworthy.intake.feeds import feed_findings, feeds_of
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
    "twice as much": (days(*[WORKDAYS] * 9, [20, 20, 60, 60, 60, 0, 0], rest=[60, 60]), [("FEED_HIGH", "webinar")]),
    "a full week": (days(*[WORKDAYS] * 9, [20, 20, 30, 30, 30, 0, 0], rest=[30, 30]), []),
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


def test_a_table_without_kinds_is_one_feed(tmp_path):
    acts, outcomes = tmp_path / "acts.parquet", tmp_path / "outcomes.parquet"
    rows = [(MONDAY + day) * MICROSECONDS_PER_DAY for day in range(72) for _ in range(9)]
    pl.DataFrame({"kind": "view", "known_at": rows}).write_parquet(acts)
    pl.DataFrame({"at": [at for at in rows if at < (MONDAY + 68) * MICROSECONDS_PER_DAY] + [None]}).write_parquet(
        outcomes
    )
    with duckdb.connect() as connection:
        paths = {"engagements": acts, "outcomes": outcomes}
        (finding,) = feed_findings(connection, paths)
        feeds = {each.table: each for each in feeds_of(connection, paths)}
    assert (finding.code, finding.table, finding.about) == ("FEED_QUIET", "outcomes", "outcomes")
    assert finding.says.startswith("outcomes: nothing of outcomes since ")
    assert (feeds["outcomes"].state, feeds["outcomes"].silent_days, feeds["outcomes"].expected) == ("quiet", 3, 27.0)
    assert (feeds["engagements"].week, feeds["engagements"].usual) == (63, (63, 63.0, 63))


SCHEMA = {
    "leads": {name: ColumnFacts(Kind.TEXT, present=True, carried=False) for name in LEADS.by_name},
    "accounts": {"account_id": ColumnFacts(Kind.ID, present=True, carried=False)},
}


def shares(tmp_path, rows):
    """What fell; ``rows``: (source, days before the newest, account_id, role)."""
    path, accounts = tmp_path / "leads.parquet", tmp_path / "accounts.parquet"
    lead = dict.fromkeys(LEADS.by_name)
    pl.DataFrame(
        [
            lead | {"source": source, "created_at": -day * MICROSECONDS_PER_DAY, "account_id": account, "role": role}
            for source, day, account, role in rows
        ],
        schema={name: pl.Int64 if column.kind == Kind.MOMENT else pl.String for name, column in LEADS.by_name.items()},
    ).write_parquet(path)
    pl.DataFrame({"account_id": ["A", "B"]}).write_parquet(accounts)
    with duckdb.connect() as connection:
        return feed_shares(connection, SCHEMA, {"leads": path, "accounts": accounts})


def test_a_source_that_fills_in_less_or_whose_keys_lead_nowhere_is_told(tmp_path):
    usual = [("form", day % 100, "A", "nurse") for day in range(400)]
    webinar = [("webinar", day % 100, "A" if day % 100 > 20 else "Z", "nurse" if day % 100 > 20 else None)
               for day in range(400)]  # fmt: skip
    found = shares(tmp_path, [*usual, *webinar])
    assert [(each.feed, each.field, each.what) for each in found if each.has_fallen] == [
        ("webinar", "role", "filled"), ("webinar", "account_id", "leading"),
    ]  # fmt: skip
    told = {each.code: each for each in share_findings(found)}
    assert told["COVERAGE_FELL"].says == (
        "leads of source webinar: role is filled in 25% of the rows of the last 28 days; it was in 100%"
    )
    assert told["UNMATCHED_ROSE"].says == (
        "leads of source webinar: 75% of account_id of the last 28 days lead nowhere; 0% did"
    )
    assert (told["UNMATCHED_ROSE"].column, told["UNMATCHED_ROSE"].about) == ("account_id", "webinar")


def test_shares_equal_a_plain_count(tmp_path):
    chance = np.random.default_rng(5)
    rows = [
        (str(chance.choice(["form", "event"])), int(chance.integers(0, 150)), chance.choice(["A", "Q", None]),
         chance.choice(["nurse", None]))
        for _ in range(600)
    ]  # fmt: skip
    rows.append(("form", 0, None, None))
    for share in shares(tmp_path, rows):
        value = {"account_id": 2, "role": 3}.get(share.field)
        if value is None:
            continue
        for recent, count, part in ((True, share.rows, share.share), (False, share.rows_before, share.share_before)):
            mine = [row for row in rows if row[0] == share.feed and row[1] < 112 and (row[1] < 28) == recent]
            if share.what == "leading":
                mine = [row for row in mine if row[2] is not None]
            hits = sum(row[value] in ({"A", "B"} if share.what == "leading" else {"A", "Q", "nurse"}) for row in mine)
            assert (count, part) == (len(mine), pytest.approx(hits / len(mine)))


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
