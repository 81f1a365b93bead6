"""What is the same for everybody is asked anew only when it may have changed, and is never out of date."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesworthy.runs.few_everybody import everybody
from salesworthy.runs.few_script import Step
from salesworthy.runs.few_sqlite import NotAlike

PERIOD = 90_000_000
KNOWN = f"""SELECT "t0"."lead_id", "t0"."label", "t0"."handed_at" + {PERIOD} AS "known_at" FROM "handoffs" AS "t0"
WHERE "t0"."handed_at" + {PERIOD} <= {{{{moment+0}}}}"""
RECENT = 'SELECT COUNT(*) AS "n" FROM "handoffs" AS "t0" WHERE "t0"."handed_at" > {{moment-40000000}}'
KEYS = 'SELECT "t0"."lead_id" AS "question.lead_id" FROM "asked_ids" AS "t0"'
RATE = """SELECT "q"."key.rate" AS "rate.key", "q"."question.as_of" AS "rate.as_of", SUM("r"."label") AS "rate"
FROM "keys" AS "q" LEFT OUTER JOIN (SELECT "l"."lead_id", "l"."source", "k"."label", "k"."known_at" FROM "leads" AS "l"
INNER JOIN "known" AS "k" ON "l"."lead_id" = "k"."lead_id") AS "r"
ON "q"."key.rate" = "r"."source" AND "r"."known_at" <= "q"."question.as_of" GROUP BY 1, 2"""
STEPS = [Step("known", KNOWN, True), Step("recent", RECENT, False), Step("keys", KEYS, True), Step("rate", RATE, True)]
SOURCES = ["web", "event", "list"]


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    ids = [f"L{each}" for each in range(9)]
    tables = {
        "leads": pa.table({"lead_id": ids, "source": [SOURCES[each % 2] for each in range(9)]}),
        "handoffs": pa.table(
            {
                "lead_id": ids,
                "handed_at": pa.array([each * 35_000_000 for each in range(9)], pa.int64()),
                "label": [each % 3 / 2 for each in range(9)],
            }
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in tables}


def opened(paths, steps=STEPS):
    return everybody(steps, ["asked_ids", "few_leads"], paths)


def told(found, moment):
    found.turn_to(moment)
    return found.answers["recent"], sorted(found.rates_of("rate", SOURCES, moment))


def test_what_hangs_on_no_single_lead_is_found(paths):
    found = opened(paths)
    assert [each.name for each in found.steps] == ["known", "recent"]
    assert {name: (each.source, each.key) for name, each in found.rates.items()} == {"rate": ("keys", "key.rate")}


@settings(max_examples=12, deadline=None)
@given(
    moments=st.lists(st.integers(0, 500_000_000) | st.sampled_from([90_000_000, 125_000_000, 75_000_000]), max_size=5)
)
def test_one_that_stays_open_says_what_one_opened_for_the_moment_says(paths, moments):
    stays = opened(paths)
    for moment in moments:
        fresh = opened(paths)
        assert told(stays, moment) == told(fresh, moment)
        fresh.close()
    stays.close()


def test_nothing_is_asked_again_before_something_may_have_changed(paths):
    found = opened(paths)
    change = 140_000_000 - 40_000_000  # 40 seconds before a handoff
    asked = [found.turn_to(each) for each in (91_000_000, 91_000_001, change - 1, change, change + 1, change + 2)]
    assert asked == [True, False, False, True, True, False]


def test_a_moment_that_is_computed_with_is_refused(paths):
    with pytest.raises(NotAlike):
        opened(paths, [Step("age", 'SELECT {{moment+0}} - "handed_at" AS "age" FROM "handoffs"', True)])
