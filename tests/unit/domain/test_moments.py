"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesworthy.domain.errors import UserError, WrongUsage
from salesworthy.domain.moments import (
    MICROSECONDS_PER_DAY,
    format_moment,
    from_micros,
    parse_moment,
    parse_window,
    to_micros,
    zone,
)

HOUR = MICROSECONDS_PER_DAY // 24

READINGS = {
    ("1970-01-02", "UTC"): MICROSECONDS_PER_DAY,
    ("1970-01-02", "Europe/Berlin"): MICROSECONDS_PER_DAY - HOUR,
    ("1970-01-01T01:00:00+01:00", "Asia/Tokyo"): 0,
    ("1970-01-01T00:00:00Z", "Asia/Tokyo"): 0,
    ("1969-12-31T23:59:59.999999Z", "UTC"): -1,
}


@pytest.mark.parametrize(("written", "micros"), READINGS.items(), ids=str)
def test_reading(written, micros):
    text, timezone = written
    assert parse_moment(text, timezone=zone(timezone)) == micros


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30", "01/02/2026"])
def test_what_cannot_be_read_names_the_option(text):
    with pytest.raises(WrongUsage, match="--train-until"):
        parse_moment(text, option="--train-until")


@given(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)))
def test_there_and_back(moment):
    aware = moment.replace(tzinfo=UTC)
    assert from_micros(to_micros(aware)) == aware
    assert parse_moment(format_moment(to_micros(aware))) == to_micros(aware)


def test_a_moment_needs_a_zone():
    with pytest.raises(ValueError, match="zone"):
        to_micros(datetime(2026, 1, 1))


def test_unknown_zone():
    with pytest.raises(UserError, match="Europe/Berlin"):
        zone("Mars/Olympus")


@pytest.mark.parametrize(("text", "span"), [("30d", 30), ("2w", 14), ("12h", 0.5), (" 1.5 d ", 1.5)])
def test_windows(text, span):
    assert parse_window(text) == int(span * timedelta(days=1) / timedelta(microseconds=1))


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "3m", "3 days"])
def test_what_is_no_window(text):
    with pytest.raises(ValueError, match="not a window"):
        parse_window(text)
