"""Whole weeks from Monday to Monday, where the workspace is."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from salesworthy.domain.moments import format_moment, parse_moment
from salesworthy.drift.weeks import WEEK, weeks_until

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("as_of", "zone", "end", "last"),
    [
        ("2026-03-02", UTC, "2026-03-02", "2026-02-23"),  # a Monday: the week before is whole
        ("2026-03-08T23:59:59+00:00", UTC, "2026-03-02", "2026-02-23"),
        ("2026-03-09T00:00:00+01:00", BERLIN, "2026-03-08T23:00:00Z", "2026-03-02"),
        ("2026-03-01T15:00:00+00:00", TOKYO, "2026-03-01T15:00:00Z", "2026-02-23"),  # Monday in Tokyo
    ],
)
def test_the_last_week_is_whole_where_the_workspace_is(as_of, zone, end, last):
    found = weeks_until(parse_moment(as_of), first=parse_moment("2025-01-01"), timezone=zone, most=30)
    assert format_moment(found.end) == end
    assert found.day(found.count - 1) == last
    assert found.count == 30


def test_no_week_reaches_before_what_is_known():
    found = weeks_until(parse_moment("2026-03-02"), first=parse_moment("2026-02-10"), timezone=UTC, most=30)
    assert found.count == 2
    assert found.start == found.end - 2 * WEEK
    nothing = weeks_until(parse_moment("2026-03-02"), first=parse_moment("2027-01-01"), timezone=UTC, most=30)
    assert nothing.count == 0
