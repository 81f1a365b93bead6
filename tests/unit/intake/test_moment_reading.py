"""Moments as a table of cases, against Python's own time zones, and on machines in three zones."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from salesworthy.domain.moments import to_micros
from salesworthy.intake.local_times import to_utc
from salesworthy.intake.moments import as_iso, looks_like_moments, read_moments

BERLIN = ZoneInfo("Europe/Berlin")
NOON = to_micros(datetime(2024, 3, 5, 12, tzinfo=UTC))
DAY = to_micros(datetime(2024, 3, 5, tzinfo=UTC))

# text, format -> moment in UTC; None is unreadable
TEXTS = {
    ("2024-03-05", None): DAY,
    ("2024-3-5", None): DAY,
    ("2024/03/05", None): DAY,
    ("2024.03.05", None): DAY,
    ("20240305", None): DAY,
    ("2024-03-05 12:00:00", None): NOON,
    ("2024-03-05 12:00", None): NOON,
    ("2024-03-05T12:00:00", None): NOON,
    ("2024-03-05T12:00:00Z", None): NOON,
    ("2024-03-05T12:00:00.000000001Z", None): NOON,
    ("2024-03-05T12:00:00.000001Z", None): NOON + 1,
    ("2024-03-05 12:00:00,5", None): NOON + 500_000,
    ("2024-03-05 13:00:00+01:00", None): NOON,
    ("2024-03-05 13:00:00 +0100", None): NOON,
    ("2024-03-05 13:00:00+01", None): NOON,
    ("2024-03-05 08:30:00-03:30", None): NOON,
    ("2024-03-05 12:00:00 UTC", None): NOON,
    ("1709640000", None): NOON,
    ("1709640000.0", None): NOON,
    ("1709640000000", None): NOON,
    ("1709640000000000", None): NOON,
    ("1709640000000000000", None): NOON,
    ("05.03.2024", None): None,
    ("03/05/2024", None): None,
    ("2024-02-30", None): None,
    ("2024-13-01", None): None,
    ("2024-03-05 25:00:00", None): None,
    ("2024-03-05 12:00:00 noon", None): None,
    ("0001-01-01", None): None,
    ("1899-12-31", None): None,
    ("9999-12-31", None): None,
    ("2200-01-01", None): None,
    ("tomorrow", None): None,
    ("12", None): None,
    ("", None): None,
    ("05.03.2024", "%d.%m.%Y"): DAY,
    ("05.03.2024 12:00", "%d.%m.%Y %H:%M"): NOON,
    ("03/05/2024 12:00:00 PM", "%m/%d/%Y %I:%M:%S %p"): NOON,
    ("5 Mar 2024", "%d %b %Y"): DAY,
    ("March 5, 2024", "%B %d, %Y"): DAY,
    ("05.03.24", "%d.%m.%y"): DAY,
    ("05.03.2024 12:00:00.250000", "%d.%m.%Y %H:%M:%S.%f"): NOON + 250_000,
    ("05.03.2024 13:00 +0100", "%d.%m.%Y %H:%M %z"): NOON,
    ("20240305120000", "%Y%m%d%H%M%S"): NOON,
    ("2024-03", "%Y-%m"): to_micros(datetime(2024, 3, 1, tzinfo=UTC)),
    ("2024-W10-2", "%G-W%V-%u"): DAY,
    ("2024-03-05", "%d.%m.%Y"): None,
    ("31.02.2024", "%d.%m.%Y"): None,
}


@pytest.mark.parametrize(("written", "expected"), TEXTS.items(), ids=str)
def test_one_text(written, expected):
    text, form = written
    assert read_moments(pl.Series([text]), UTC, form).micros.to_list() == [expected]


@pytest.mark.parametrize("form", [None])
def test_many_sorts_in_one_column(form):
    texts, expected = zip(*((text, moment) for (text, each), moment in TEXTS.items() if each == form), strict=True)
    assert read_moments(pl.Series([*texts, None]), UTC, form).micros.to_list() == [*expected, None]


TYPED = {
    "timestamp without zone": pl.Series([datetime(2024, 3, 5, 12)]),
    "timestamp in nanoseconds": pl.Series([datetime(2024, 3, 5, 12)], dtype=pl.Datetime("ns")),
    "timestamp in milliseconds": pl.Series([datetime(2024, 3, 5, 12)], dtype=pl.Datetime("ms")),
    "timestamp with zone": pl.Series([datetime(2024, 3, 5, 13, tzinfo=BERLIN)]),
    "seconds": pl.Series([1709640000]),
    "seconds as float": pl.Series([1709640000.0]),
    "milliseconds": pl.Series([1709640000000]),
    "microseconds": pl.Series([1709640000000000]),
    "nanoseconds": pl.Series([1709640000000000000]),
}


@pytest.mark.parametrize("values", TYPED.values(), ids=TYPED.keys())
def test_typed_columns(values):
    assert read_moments(values, UTC).micros.to_list() == [NOON]


def test_days_begin_in_the_zone():
    for values in (pl.Series([date(2024, 3, 5)]), pl.Series(["2024-03-05"])):
        found = read_moments(values, BERLIN)
        assert found.micros.to_list() == [DAY - 3_600_000_000]
        assert found.without_zone == 1


def test_numbers_with_a_format_are_text():
    assert read_moments(pl.Series([20240305]), UTC, "%Y%m%d").micros.to_list() == [DAY]


def test_implausible_numbers_are_unreadable():
    assert read_moments(pl.Series([1, 45_000, 10**20], dtype=pl.Float64), UTC).micros.to_list() == [None] * 3


def test_changes_of_clocks_are_counted():
    texts = pl.Series(["2024-03-31 02:30", "2024-10-27 02:30", "2024-10-27 02:30+01:00", "2024-07-01", None, "x"])
    found = read_moments(texts, BERLIN)
    assert (found.without_zone, found.skipped, found.repeated) == (3, 1, 1)
    assert as_iso(found.micros).to_list()[:3] == [
        "2024-03-31T01:30:00Z",
        "2024-10-27T00:30:00Z",
        "2024-10-27T01:30:00Z",
    ]


ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Africa/Casablanca",
]


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    times=st.lists(st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)), min_size=1, max_size=4),
)
@example(name="Pacific/Apia", times=[datetime(2011, 12, 30, 12)])  # a day that never was
@example(name="Australia/Lord_Howe", times=[datetime(2024, 10, 6, 2, 15), datetime(2024, 4, 7, 1, 45)])
@example(name="Europe/Berlin", times=[datetime(2024, 3, 31, 2), datetime(2024, 3, 31, 3), datetime(2024, 10, 27, 2)])
def test_local_times_equal_pythons_own(name, times):
    zone = ZoneInfo(name)
    local = np.array([to_micros(time.replace(tzinfo=UTC)) for time in times])
    found = to_utc(local, zone)
    assert found.micros.tolist() == [to_micros(time.replace(tzinfo=zone)) for time in times]
    for time, skipped, repeated in zip(times, found.skipped, found.repeated, strict=True):
        early, late = (time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        assert bool(skipped) == (late > early)
        assert bool(repeated) == (late < early)


def test_every_quarter_of_an_hour_of_a_year_with_changes():
    zone = ZoneInfo("Africa/Casablanca")
    times = [datetime(2024, 1, 1) + timedelta(minutes=15 * step) for step in range(4 * 24 * 366)]
    local = np.array([to_micros(time.replace(tzinfo=UTC)) for time in times])
    assert to_utc(local, zone).micros.tolist() == [to_micros(time.replace(tzinfo=zone)) for time in times]


PROGRAM = """
import polars as pl
from zoneinfo import ZoneInfo
from salesworthy.intake.moments import read_moments
texts = ["2024-03-10 02:30", "2024-11-03 01:30", "2024-03-05", "1709640000", "2024-03-31T02:30:00Z", "2011-12-30"]
for form, values in ((None, texts), ("%d.%m.%y", ["31.03.24"]), ("%d.%m.%Y", ["31.03.2024"])):
    print(read_moments(pl.Series(values), ZoneInfo("Europe/Berlin"), form).micros.to_list())
"""


def test_the_machines_own_zone_does_not_matter():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env={**os.environ, "TZ": name}
        ).stdout
        for name in ("UTC", "America/Los_Angeles", "Asia/Tokyo")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-01-01", "2024-01-02 10:00"], True),
        (["2024-01-01", "n/a"], False),
        (["2024-02-31"], False),
        (["20240101"], False),
        (["1709640000"], False),
    ],
)
def test_which_texts_look_like_moments(texts, expected):
    assert looks_like_moments(pl.Series(texts)) is expected
