"""Likely causes, each in hand-made tables in which one thing changes."""

from __future__ import annotations

import numpy as np
import pytest
from small_market import CHANGED, Market
from weekly_sums import MONDAY, weeks

from salesworthy.domain.findings import Severity
from salesworthy.drift.weeks import WEEK
from salesworthy.engines.duckdb import DuckDBEngine

SINCE = weeks(60).day(CHANGED)


@pytest.fixture(scope="module")
def engine():
    with DuckDBEngine(threads=1) as found:
        yield found


def mistag(market):
    late = market.late(market.leads, "created_at") & (market.leads["source"] == "list")
    market.leads["campaign_id"][late] = "C1"


def rename_source(market):
    late = market.late(market.leads, "created_at") & (market.leads["source"] == "web")
    market.leads["source"][late] = "Web Form"


def open_region(market):
    late = market.late(market.leads, "created_at")
    market.leads["account_id"][late & (np.arange(len(late)) % 3 == 0)] = "A3"


def stop_webinars(market):
    late = market.late(market.acts, "known_at") & (market.acts["kind"] == "webinar")
    market.acts = {name: column[~late] for name, column in market.acts.items()}


def scan(market):
    late = market.late(market.acts, "known_at") & (market.acts["kind"] == "click")
    market.acts["agent"][late & (np.arange(len(late)) % 3 > 0)] = "Barracuda Link Protection"


def new_notice(market):
    late = market.late(market.consents, "at")
    market.consents["notice_version"][late] = "v2"
    market.consents["state"][late & (np.arange(len(late)) % 2 == 0)] = "none"


def retag(market):
    """T1 turns from evidence into pricing; acts of its past are told under the new tag too, so use turns to it."""
    market.content["tagged_at"][2] = MONDAY + CHANGED * WEEK + 3
    late = market.late(market.acts, "known_at") & (market.acts["content_id"] == "T1")
    market.acts["content_id"][late] = "T3"


def lose_content(market):
    late = market.late(market.acts, "known_at")
    market.acts["content_id"][late & (np.arange(len(late)) % 4 == 0)] = "T9"


@pytest.mark.parametrize(
    ("change", "code", "cause", "words"),
    [
        (mistag, "CAMPAIGN_MIX", "CAMPAIGN_RETAGGED", ["source list", "type bought", SINCE, "C1 of the type online"]),
        (rename_source, "SOURCE_MIX", "NEW_VALUE", ["Web Form", "new spelling"]),
        (open_region, "REGION_MIX", "NEW_VALUE", ["iberia", "new region"]),
        (stop_webinars, "FEED_QUIET", "FEED_QUIET", ["source of webinar has gone quiet", SINCE]),
        (scan, "MACHINE_CLICKS", "MACHINE_CLICKS", ["Barracuda Link Protection clicks", SINCE]),
        (new_notice, "CONSENT_MIX", "NEW_NOTICE", ["The notice v2", SINCE]),
        (retag, "CONTENT_TAGS", "CONTENT_RETAGGED", ["T3, tagged pricing on"]),
        (lose_content, "UNMATCHED_KEYS", "", []),
    ],
)
def test_the_change_is_found_and_its_cause_named(engine, change, code, cause, words):
    market = Market()
    change(market)
    found = market.findings(engine)
    assert code in found
    finding = found[code]
    assert finding.cause.code == cause
    assert all(word in finding.cause.says for word in words)
    assert finding.since == SINCE
    assert finding.first_seen in {weeks(60).day(CHANGED + 1), weeks(60).day(CHANGED + 2)}
    assert finding.todo
    assert finding.cause.follows is None


def test_nothing_is_found_where_nothing_changes(engine):
    assert Market(seed=1).findings(engine) == {}


def test_what_follows_from_a_quiet_source_is_no_cause_of_its_own(engine):
    market = Market()
    webinars = market.acts["kind"] == "webinar"
    market.acts["content_id"][webinars] = "T4"
    for name, value in zip(market.content, ["T4", "outcomes", "clinical_evaluation", MONDAY - 1], strict=True):
        market.content[name].append(value)
    stop_webinars(market)
    found = market.findings(engine)
    follower = found["CONTENT_TAGS"]
    assert follower.severity == Severity.INFO
    assert follower.cause.follows == found["FEED_QUIET"].key
    assert next(iter(found)) == "FEED_QUIET"
    assert found["FEED_QUIET"].severity == Severity.BLOCK
